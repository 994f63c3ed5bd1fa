/* blocked.c: clients that wait for a thread, for another command, for time, or for keys. */

#include "testmodule.h"

#include <pthread.h>
#include <unistd.h>

/* ---- Notes of callbacks; blocked.log replies and clears them ---- */

static char notes[4096];

static void note(const char *text) {
    if (strlen(notes) + strlen(text) + 2 < sizeof notes)
        strcat(strcat(notes, text), ";");
}

/* blocked.log */
static int get_log(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithCString(ctx, notes);
    notes[0] = 0;
    return REDISMODULE_OK;
}

/* ---- Callbacks ---- */

static int on_reply(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    const char *text = RedisModule_GetBlockedClientPrivateData(ctx);
    RedisModule_ReplyWithArray(ctx, 7);
    RedisModule_ReplyWithSimpleString(ctx, "reply");
    text ? RedisModule_ReplyWithCString(ctx, text) : RedisModule_ReplyWithNull(ctx);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_IsBlockedReplyRequest(ctx));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_IsBlockedTimeoutRequest(ctx));
    RedisModule_ReplyWithBool(ctx, RedisModule_GetBlockedClientHandle(ctx) != NULL);
    RedisModule_ReplyWithLongLong(ctx, argc);
    return RedisModule_ReplyWithString(ctx, argv[0]);
}

static int on_timeout(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    note("timeout");
    RedisModule_ReplyWithArray(ctx, 4);
    RedisModule_ReplyWithSimpleString(ctx, "timeout");
    RedisModule_ReplyWithLongLong(ctx, RedisModule_IsBlockedReplyRequest(ctx));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_IsBlockedTimeoutRequest(ctx));
    return RedisModule_ReplyWithLongLong(ctx, argc);
}

static void on_free(RedisModuleCtx *ctx, void *privdata) {
    note(RedisModule_BlockedClientDisconnected(ctx) ? "free disconnected" : "free");
    RedisModule_Free(privdata);
}

static void on_disconnect(RedisModuleCtx *ctx, RedisModuleBlockedClient *bc);

/* ---- Waiting for a command: blocked.unblock serves whoever waits ---- */

enum { MAX_WAITING = 16 };
static RedisModuleBlockedClient *waiting[MAX_WAITING];

static void wait_for_command(RedisModuleBlockedClient *bc) {
    for (int i = 0; i < MAX_WAITING; i++) {
        if (waiting[i] == NULL) {
            waiting[i] = bc;
            return;
        }
    }
}

static RedisModuleBlockedClient *take_waiting(void) {
    for (int i = 0; i < MAX_WAITING; i++) {
        RedisModuleBlockedClient *bc = waiting[i];
        if (bc) {
            waiting[i] = NULL;
            return bc;
        }
    }
    return NULL;
}

static void on_disconnect(RedisModuleCtx *ctx, RedisModuleBlockedClient *bc) {
    REDISMODULE_NOT_USED(ctx);
    note("disconnect");
    for (int i = 0; i < MAX_WAITING; i++)
        if (waiting[i] == bc)
            waiting[i] = NULL;
    /* It is still to be unblocked, so that its private data is freed. */
    RedisModule_UnblockClient(bc, RedisModule_Strdup("gone"));
}

/* blocked.block timeout_ms callbacks: callbacks is any of r (reply), t (timeout), f (free), d
 * (disconnect) */
static int block(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(timeout, argv[1]);
    const char *callbacks = cstr(argv[2]);
    RedisModuleBlockedClient *bc = RedisModule_BlockClient(
        ctx, strchr(callbacks, 'r') ? on_reply : NULL, strchr(callbacks, 't') ? on_timeout : NULL,
        strchr(callbacks, 'f') ? on_free : NULL, timeout);
    if (strchr(callbacks, 'd'))
        RedisModule_SetDisconnectCallback(bc, on_disconnect);
    /* A client that cannot be blocked has its error already, and unblocking it does no harm. */
    wait_for_command(bc);
    return REDISMODULE_OK;
}

/* blocked.unblock [text]: [status] of the one that waits longest */
static int unblock(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc > 2)
        return RedisModule_WrongArity(ctx);
    RedisModuleBlockedClient *bc = take_waiting();
    if (bc == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "nobody");
    return reply_status(
        ctx, RedisModule_UnblockClient(bc, argc == 2 ? RedisModule_Strdup(cstr(argv[1])) : NULL));
}

/* blocked.answer text: replies through a thread-safe context, then unblocks */
static int answer(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleBlockedClient *bc = take_waiting();
    if (bc == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "nobody");
    RedisModuleCtx *tctx = RedisModule_GetThreadSafeContext(bc);
    RedisModule_ReplyWithArray(tctx, REDISMODULE_POSTPONED_LEN);
    RedisModule_ReplyWithString(tctx, argv[1]);
    RedisModule_ReplyWithDouble(tctx, 1.5);
    RedisModule_ReplyWithNull(tctx);
    RedisModule_ReplyWithMap(tctx, 1);
    RedisModule_ReplyWithCString(tctx, "k");
    RedisModule_ReplyWithBool(tctx, 1);
    RedisModule_ReplySetArrayLength(tctx, 4);
    RedisModule_FreeThreadSafeContext(tctx);
    return reply_status(ctx, RedisModule_UnblockClient(bc, NULL));
}

/* blocked.abortblock: blocks and thinks better of it */
static int abort_block(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleBlockedClient *bc = RedisModule_BlockClient(ctx, on_reply, on_timeout, on_free, 0);
    int status = RedisModule_AbortBlock(bc);
    return reply_status(ctx, status);
}

/* blocked.abortwaiting: gives up the one that waits longest; it gets no reply but is free again */
static int abort_waiting(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleBlockedClient *bc = take_waiting();
    if (bc == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "nobody");
    return reply_status(ctx, RedisModule_AbortBlock(bc));
}

/* blocked.atonce text: unblocked before the command returns */
static int at_once(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleBlockedClient *bc = RedisModule_BlockClient(ctx, on_reply, on_timeout, on_free, 0);
    RedisModule_UnblockClient(bc, RedisModule_Strdup(cstr(argv[1])));
    return REDISMODULE_OK;
}

/* blocked.blockclientsetprivatedata text: what is set early is what unblocking without data gives
 */
static int set_private(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleBlockedClient *bc = RedisModule_BlockClient(ctx, on_reply, on_timeout, on_free, 0);
    RedisModule_BlockClientSetPrivateData(bc, RedisModule_Strdup(cstr(argv[1])));
    note(RedisModule_BlockClientGetPrivateData(bc));
    RedisModule_UnblockClient(bc, RedisModule_BlockClientGetPrivateData(bc));
    return REDISMODULE_OK;
}

/* blocked.outside: what the callbacks' functions say in an ordinary command */
static int outside(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 5);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_IsBlockedReplyRequest(ctx));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_IsBlockedTimeoutRequest(ctx));
    RedisModule_ReplyWithBool(ctx, RedisModule_GetBlockedClientPrivateData(ctx) != NULL);
    RedisModule_ReplyWithBool(ctx, RedisModule_GetBlockedClientReadyKey(ctx) != NULL);
    return RedisModule_ReplyWithBool(ctx, RedisModule_GetBlockedClientHandle(ctx) != NULL);
}

/* ---- Waiting for a thread ---- */

struct job {
    RedisModuleBlockedClient *bc;
    int delay_ms, steps, measure;
    char *text;
};

static void *work(void *arg) {
    struct job *job = arg;
    if (job->measure)
        RedisModule_BlockedClientMeasureTimeStart(job->bc);
    usleep(job->delay_ms * 1000);
    if (job->measure)
        RedisModule_BlockedClientMeasureTimeEnd(job->bc);
    if (job->steps) {
        /* Without the server's lock: replies on a context of one's own need none. */
        RedisModuleCtx *tctx = RedisModule_GetThreadSafeContext(job->bc);
        RedisModule_ReplyWithArray(tctx, job->steps);
        for (int i = 0; i < job->steps; i++)
            RedisModule_ReplyWithLongLong(tctx, i);
        RedisModule_FreeThreadSafeContext(tctx);
        RedisModule_UnblockClient(job->bc, NULL);
        RedisModule_Free(job->text);
    } else {
        RedisModule_UnblockClient(job->bc, job->text);
    }
    RedisModule_Free(job);
    return NULL;
}

static void start(struct job job) {
    struct job *j = RedisModule_Alloc(sizeof *j);
    *j = job;
    pthread_t thread;
    pthread_create(&thread, NULL, work, j);
    pthread_detach(thread);
}

/* blocked.thread delay_ms timeout_ms text */
static int thread(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(delay, argv[1]);
    INTEGER(timeout, argv[2]);
    RedisModuleBlockedClient *bc =
        RedisModule_BlockClient(ctx, on_reply, on_timeout, on_free, timeout);
    start(
        (struct job){.bc = bc, .delay_ms = (int)delay, .text = RedisModule_Strdup(cstr(argv[3]))});
    return REDISMODULE_OK;
}

/* blocked.threadreplies delay_ms count: the thread replies itself */
static int thread_replies(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(delay, argv[1]);
    INTEGER(count, argv[2]);
    RedisModuleBlockedClient *bc = RedisModule_BlockClient(ctx, NULL, NULL, NULL, 0);
    start((struct job){.bc = bc, .delay_ms = (int)delay, .steps = (int)count});
    return REDISMODULE_OK;
}

/* blocked.measure delay_ms: the thread's time counts as the command's */
static int measure(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(delay, argv[1]);
    RedisModuleBlockedClient *bc = RedisModule_BlockClient(ctx, on_reply, on_timeout, on_free, 0);
    start((struct job){
        .bc = bc, .delay_ms = (int)delay, .measure = 1, .text = RedisModule_Strdup("measured")});
    return REDISMODULE_OK;
}

/* blocked.blockedclientmeasuretime: the statuses of start, end, and an end without a start */
static int measure_status(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleBlockedClient *bc = RedisModule_BlockClient(ctx, NULL, NULL, NULL, 0);
    int early = RedisModule_BlockedClientMeasureTimeEnd(bc);
    int started = RedisModule_BlockedClientMeasureTimeStart(bc);
    int ended = RedisModule_BlockedClientMeasureTimeEnd(bc);
    RedisModule_AbortBlock(bc);
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, early);
    reply_status(ctx, started);
    return reply_status(ctx, ended);
}

/* ---- Waiting for keys ---- */

/* Serves a client that wants so many elements of a list, if they are there. */
static int serve(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    RedisModuleString *ready = RedisModule_GetBlockedClientReadyKey(ctx);
    long long want = *(long long *)RedisModule_GetBlockedClientPrivateData(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, ready, REDISMODULE_READ | REDISMODULE_WRITE);
    int type = RedisModule_KeyType(key);
    if (type == REDISMODULE_KEYTYPE_EMPTY) {
        RedisModule_CloseKey(key);
        note("served empty");
        RedisModule_ReplyWithError(ctx, "ERR test: the key is gone");
        return REDISMODULE_OK;
    }
    if (type != REDISMODULE_KEYTYPE_LIST || (long long)RedisModule_ValueLength(key) < want) {
        RedisModule_CloseKey(key);
        note("not enough");
        return REDISMODULE_ERR; /* keep waiting */
    }
    RedisModule_ReplyWithArray(ctx, 1 + want);
    RedisModule_ReplyWithString(ctx, ready);
    for (long long i = 0; i < want; i++)
        reply_string(ctx, RedisModule_ListPop(key, REDISMODULE_LIST_HEAD));
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

static int on_keys(RedisModuleCtx *ctx, RedisModuleString **argv, int argc, int flags) {
    if (argc < 4)
        return RedisModule_WrongArity(ctx);
    INTEGER(timeout, argv[1]);
    INTEGER(want, argv[2]);
    long long *private_data = RedisModule_Alloc(sizeof want);
    *private_data = want;
    if (flags < 0) {
        RedisModule_BlockClientOnKeys(ctx, serve, on_timeout, on_free, timeout, argv + 3, argc - 3,
                                      private_data);
    } else {
        RedisModule_BlockClientOnKeysWithFlags(ctx, serve, on_timeout, on_free, timeout, argv + 3,
                                               argc - 3, private_data, flags);
    }
    return REDISMODULE_OK;
}

/* blocked.blockclientonkeys timeout_ms count key ...: count elements of one of the lists */
static int block_on_keys(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    return on_keys(ctx, argv, argc, -1);
}

/* blocked.blockclientonkeysdeleted timeout_ms count key ...: served also when a key goes */
static int block_on_keys_deleted(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    return on_keys(ctx, argv, argc, REDISMODULE_BLOCK_UNBLOCK_DELETED);
}

/* blocked.signalkeyasready key */
static int signal_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModule_SignalKeyAsReady(ctx, argv[1]);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static const struct command commands[] = {
    {"blocked.log", get_log, "", 0, 0, 0},
    {"blocked.block", block, "", 0, 0, 0},
    {"blocked.unblock", unblock, "", 0, 0, 0},
    {"blocked.answer", answer, "", 0, 0, 0},
    {"blocked.abortblock", abort_block, "", 0, 0, 0},
    {"blocked.abortwaiting", abort_waiting, "", 0, 0, 0},
    {"blocked.atonce", at_once, "", 0, 0, 0},
    {"blocked.blockclientsetprivatedata", set_private, "", 0, 0, 0},
    {"blocked.outside", outside, "", 0, 0, 0},
    {"blocked.thread", thread, "", 0, 0, 0},
    {"blocked.threadreplies", thread_replies, "", 0, 0, 0},
    {"blocked.measure", measure, "", 0, 0, 0},
    {"blocked.blockedclientmeasuretime", measure_status, "", 0, 0, 0},
    {"blocked.blockclientonkeys", block_on_keys, "write", 3, -1, 1},
    {"blocked.blockclientonkeysdeleted", block_on_keys_deleted, "write", 3, -1, 1},
    {"blocked.signalkeyasready", signal_key, "write", 1, 1, 1},
};

TEST_MODULE("blocked", commands)
