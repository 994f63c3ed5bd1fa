/* threadsafe.c: contexts for threads of the module's own, and the server's lock.
 *
 * Each command blocks its client, and a thread answers it. */

#include "testmodule.h"

#include <pthread.h>
#include <unistd.h>

struct job {
    RedisModuleBlockedClient *bc;
    RedisModuleCtx *ctx; /* detached, or NULL */
    RedisModuleString *key;
    RedisModuleString **argv;
    int argc;
    void (*run)(struct job *job, RedisModuleCtx *ctx);
    long long n, threads;
    int left; /* threads still at work; the last one answers */
};

static void *work(void *arg) {
    struct job *job = arg;
    RedisModuleCtx *ctx = RedisModule_GetThreadSafeContext(job->bc);
    job->run(job, ctx);
    /* Strings are not safe to be shared between threads: freed under the lock. */
    RedisModule_ThreadSafeContextLock(ctx);
    if (job->key)
        RedisModule_FreeString(ctx, job->key);
    for (int i = 0; i < job->argc; i++)
        RedisModule_FreeString(ctx, job->argv[i]);
    RedisModule_ThreadSafeContextUnlock(ctx);
    RedisModule_Free(job->argv);
    if (job->ctx)
        RedisModule_FreeThreadSafeContext(job->ctx);
    RedisModule_FreeThreadSafeContext(ctx);
    RedisModule_UnblockClient(job->bc, NULL);
    RedisModule_Free(job);
    return NULL;
}

static struct job *new_job(RedisModuleCtx *ctx, void (*run)(struct job *, RedisModuleCtx *)) {
    struct job *job = RedisModule_Calloc(1, sizeof *job);
    job->bc = RedisModule_BlockClient(ctx, NULL, NULL, NULL, 0);
    job->run = run;
    return job;
}

static int start(struct job *job) {
    pthread_t thread;
    pthread_create(&thread, NULL, work, job);
    pthread_detach(thread);
    return REDISMODULE_OK;
}

/* ---- Calls ---- */

static void run_call(struct job *job, RedisModuleCtx *ctx) {
    RedisModule_ThreadSafeContextLock(ctx);
    RedisModuleCallReply *reply =
        RedisModule_Call(ctx, cstr(job->argv[0]), "E0!v", job->argv + 1, (size_t)(job->argc - 1));
    RedisModule_ReplyWithCallReply(ctx, reply);
    RedisModule_FreeCallReply(reply);
    RedisModule_ThreadSafeContextUnlock(ctx);
}

/* threadsafe.call command arg ... */
static int call(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 2)
        return RedisModule_WrongArity(ctx);
    struct job *job = new_job(ctx, run_call);
    job->argc = argc - 1;
    job->argv = RedisModule_Alloc(sizeof *job->argv * job->argc);
    for (int i = 1; i < argc; i++)
        job->argv[i - 1] = RedisModule_HoldString(ctx, argv[i]);
    return start(job);
}

/* ---- Keys ---- */

static void run_key(struct job *job, RedisModuleCtx *ctx) {
    RedisModule_ReplyWithArray(ctx, 3);
    for (int i = 0; i < 3; i++) {
        RedisModule_ThreadSafeContextLock(ctx);
        RedisModuleKey *key =
            RedisModule_OpenKey(ctx, job->key, REDISMODULE_READ | REDISMODULE_WRITE);
        if (RedisModule_KeyType(key) == REDISMODULE_KEYTYPE_LIST ||
            RedisModule_KeyType(key) == REDISMODULE_KEYTYPE_EMPTY) {
            RedisModuleString *s = RedisModule_CreateStringFromLongLong(ctx, i);
            RedisModule_ListPush(key, REDISMODULE_LIST_TAIL, s);
            RedisModule_FreeString(ctx, s);
        }
        RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
        RedisModule_CloseKey(key);
        RedisModule_ThreadSafeContextUnlock(ctx);
    }
}

/* threadsafe.openkey key: pushes three elements, each under the lock */
static int open_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    struct job *job = new_job(ctx, run_key);
    job->key = RedisModule_HoldString(ctx, argv[1]);
    return start(job);
}

/* ---- Contexts ---- */

static void reply_context(RedisModuleCtx *ctx, RedisModuleCtx *about) {
    int flags = RedisModule_GetContextFlags(about);
    RedisModule_ReplyWithArray(ctx, 5);
    RedisModule_ReplyWithBool(ctx, RedisModule_GetClientId(about) != 0);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetSelectedDb(about));
    RedisModule_ReplyWithBool(ctx, (flags & REDISMODULE_CTX_FLAGS_MASTER) != 0);
    RedisModule_ReplyWithBool(ctx, (flags & REDISMODULE_CTX_FLAGS_RESP3) != 0);
    RedisModule_ReplyWithBool(ctx, (flags & REDISMODULE_CTX_FLAGS_MULTI) != 0);
}

static void run_context(struct job *job, RedisModuleCtx *ctx) {
    REDISMODULE_NOT_USED(job);
    RedisModule_ThreadSafeContextLock(ctx);
    reply_context(ctx, ctx);
    RedisModule_ThreadSafeContextUnlock(ctx);
}

/* threadsafe.getthreadsafecontext */
static int context(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return start(new_job(ctx, run_context));
}

static void run_detached(struct job *job, RedisModuleCtx *ctx) {
    RedisModule_ThreadSafeContextLock(job->ctx);
    RedisModuleCallReply *reply = RedisModule_Call(job->ctx, "SET", "!sc", job->key, "detached");
    RedisModule_Log(job->ctx, "notice", "set by a detached context");
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithCallReply(ctx, reply);
    RedisModule_FreeCallReply(reply);
    reply_context(ctx, job->ctx);
    RedisModule_ThreadSafeContextUnlock(job->ctx);
}

/* threadsafe.getdetachedthreadsafecontext key: writes through a context without a client */
static int detached(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    struct job *job = new_job(ctx, run_detached);
    job->ctx = RedisModule_GetDetachedThreadSafeContext(ctx);
    job->key = RedisModule_HoldString(ctx, argv[1]);
    return start(job);
}

/* threadsafe.nullclient: a context without a blocked client, used by the command itself, which
 * holds the lock already; replies on it go nowhere */
static int null_client(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleCtx *other = RedisModule_GetThreadSafeContext(NULL);
    RedisModule_FreeCallReply(RedisModule_Call(other, "SET", "sc", argv[1], "null"));
    RedisModule_ReplyWithSimpleString(other, "nowhere");
    RedisModule_FreeThreadSafeContext(other);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* ---- The lock ---- */

struct attempt {
    int status, error;
};

static void *attempt(void *arg) {
    struct attempt *a = arg;
    RedisModuleCtx *ctx = RedisModule_GetThreadSafeContext(NULL);
    errno = 0;
    a->status = RedisModule_ThreadSafeContextTryLock(ctx);
    a->error = errno;
    if (a->status == REDISMODULE_OK)
        RedisModule_ThreadSafeContextUnlock(ctx);
    RedisModule_FreeThreadSafeContext(ctx);
    return NULL;
}

/* threadsafe.trylockbusy: a thread tries while the command has the lock */
static int try_lock_busy(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    struct attempt a;
    pthread_t thread;
    pthread_create(&thread, NULL, attempt, &a);
    pthread_join(thread, NULL);
    return reply_status_errno(ctx, a.status, a.error);
}

static void run_try_lock(struct job *job, RedisModuleCtx *ctx) {
    REDISMODULE_NOT_USED(job);
    int tries = 0;
    while (RedisModule_ThreadSafeContextTryLock(ctx) != REDISMODULE_OK) {
        tries++;
        usleep(100);
    }
    RedisModule_ReplyWithSimpleString(ctx, "locked");
    RedisModule_ThreadSafeContextUnlock(ctx);
}

/* threadsafe.threadsafecontexttrylock: until it succeeds */
static int try_lock(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return start(new_job(ctx, run_try_lock));
}

static void *hammer(void *arg) {
    struct job *job = arg;
    RedisModuleCtx *ctx = RedisModule_GetThreadSafeContext(job->bc);
    for (long long i = 0; i < job->n; i++) {
        RedisModule_ThreadSafeContextLock(ctx);
        RedisModule_FreeCallReply(RedisModule_Call(ctx, "INCR", "s", job->key));
        RedisModule_ThreadSafeContextUnlock(ctx);
    }
    RedisModule_ThreadSafeContextLock(ctx);
    int last = --job->left == 0;
    if (last) {
        RedisModuleCallReply *reply = RedisModule_Call(ctx, "GET", "s", job->key);
        RedisModule_ReplyWithCallReply(ctx, reply);
        RedisModule_FreeCallReply(reply);
        RedisModule_FreeString(ctx, job->key);
    }
    RedisModule_ThreadSafeContextUnlock(ctx);
    RedisModule_FreeThreadSafeContext(ctx);
    if (last) {
        RedisModule_UnblockClient(job->bc, NULL);
        RedisModule_Free(job);
    }
    return NULL;
}

/* threadsafe.hammer key threads times: threads increment the key; the last one answers */
static int hammer_command(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(threads, argv[2]);
    INTEGER(times, argv[3]);
    struct job *job = new_job(ctx, NULL);
    job->key = RedisModule_HoldString(ctx, argv[1]);
    job->n = times;
    job->left = (int)threads;
    for (int i = 0; i < threads; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, hammer, job);
        pthread_detach(thread);
    }
    return REDISMODULE_OK;
}

static void run_slowly(struct job *job, RedisModuleCtx *ctx) {
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    for (long long i = 0; i < job->n; i++) {
        RedisModule_ReplyWithLongLong(ctx, i);
        if (i % 100 == 0)
            usleep(100);
    }
    RedisModule_ReplySetArrayLength(ctx, job->n);
}

/* threadsafe.replies count: all without the lock */
static int replies(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    struct job *job = new_job(ctx, run_slowly);
    job->n = n;
    return start(job);
}

static const struct command commands[] = {
    {"threadsafe.call", call, "", 0, 0, 0},
    {"threadsafe.openkey", open_key, "", 1, 1, 1},
    {"threadsafe.getthreadsafecontext", context, "", 0, 0, 0},
    {"threadsafe.getdetachedthreadsafecontext", detached, "", 1, 1, 1},
    {"threadsafe.nullclient", null_client, "", 1, 1, 1},
    {"threadsafe.trylockbusy", try_lock_busy, "", 0, 0, 0},
    {"threadsafe.threadsafecontexttrylock", try_lock, "", 0, 0, 0},
    {"threadsafe.hammer", hammer_command, "", 1, 1, 1},
    {"threadsafe.replies", replies, "", 0, 0, 0},
};

TEST_MODULE("threadsafe", commands)
