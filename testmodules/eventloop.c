/* eventloop.c: the module's own file descriptors in the server's event loop, and one-shots.
 *
 * The descriptors are the two ends of a pipe, or of a socket pair where writing matters. */

#include "testmodule.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2] = {-1, -1};
static char notes[4096];
static RedisModuleBlockedClient *waiting;

static void note(const char *what, const char *text) {
    size_t n = strlen(notes);
    snprintf(notes + n, sizeof notes - n, "%s %s;", what, text);
}

static void on_readable(int fd, void *user_data, int mask) {
    char buf[256];
    ssize_t n = read(fd, buf, sizeof buf - 1);
    buf[n > 0 ? n : 0] = 0;
    note(user_data, mask == REDISMODULE_EVENTLOOP_READABLE ? buf : "wrong mask");
    if (waiting) {
        RedisModuleCtx *ctx = RedisModule_GetThreadSafeContext(waiting);
        RedisModule_ReplyWithCString(ctx, buf);
        RedisModule_FreeThreadSafeContext(ctx);
        RedisModule_UnblockClient(waiting, NULL);
        waiting = NULL;
    }
}

static void on_writable(int fd, void *user_data, int mask) {
    note(user_data, mask == REDISMODULE_EVENTLOOP_WRITABLE ? "writable" : "wrong mask");
    RedisModule_EventLoopDel(fd, REDISMODULE_EVENTLOOP_WRITABLE);
}

static void on_one_shot(void *user_data) { note("oneshot", user_data); }

/* eventloop.open */
static int open_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    if (ends[0] < 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return RedisModule_ReplyWithError(ctx, "ERR test: socketpair");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* r, w or rw */
static int event_mask(const RedisModuleString *s) {
    int mask = 0;
    if (strchr(cstr(s), 'r'))
        mask |= REDISMODULE_EVENTLOOP_READABLE;
    if (strchr(cstr(s), 'w'))
        mask |= REDISMODULE_EVENTLOOP_WRITABLE;
    if (strchr(cstr(s), 'x'))
        mask |= 64;
    return mask;
}

/* An fd: "end" for the one of eventloop.open, or a number. */
static int event_fd(const RedisModuleString *s) { return is(s, "end") ? ends[0] : atoi(cstr(s)); }

static char names[8][16];

/* eventloop.eventloopadd end|fd mask [name] */
static int add(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    static int next;
    if (argc != 3 && argc != 4)
        return RedisModule_WrongArity(ctx);
    char *name = names[next++ % 8];
    snprintf(name, sizeof *names, "%s", argc == 4 ? cstr(argv[3]) : "read");
    int mask = event_mask(argv[2]);
    errno = 0;
    int status = RedisModule_EventLoopAdd(
        event_fd(argv[1]), mask, mask & REDISMODULE_EVENTLOOP_WRITABLE ? on_writable : on_readable,
        name);
    return reply_status_errno(ctx, status, status == REDISMODULE_OK ? 0 : errno);
}

/* eventloop.addnull: without a function */
static int add_null(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    errno = 0;
    int status = RedisModule_EventLoopAdd(ends[0], REDISMODULE_EVENTLOOP_READABLE, NULL, NULL);
    return reply_status_errno(ctx, status, status == REDISMODULE_OK ? 0 : errno);
}

/* eventloop.eventloopdel end|fd mask */
static int del(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    errno = 0;
    int status = RedisModule_EventLoopDel(event_fd(argv[1]), event_mask(argv[2]));
    return reply_status_errno(ctx, status, status == REDISMODULE_OK ? 0 : errno);
}

/* eventloop.write text: into the other end */
static int write_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    size_t len;
    const char *p = RedisModule_StringPtrLen(argv[1], &len);
    return RedisModule_ReplyWithLongLong(ctx, write(ends[1], p, len));
}

/* eventloop.wait: blocks until the descriptor brings something */
static int wait_(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    waiting = RedisModule_BlockClient(ctx, NULL, NULL, NULL, 0);
    return REDISMODULE_OK;
}

/* eventloop.eventloopaddoneshot text */
static int one_shot(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    static char texts[8][16];
    static int next;
    ARITY(2);
    char *text = texts[next++ % 8];
    snprintf(text, sizeof *texts, "%s", cstr(argv[1]));
    return reply_status(ctx, RedisModule_EventLoopAddOneShot(on_one_shot, text));
}

/* eventloop.oneshotnull: without a function */
static int one_shot_null(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    errno = 0;
    int status = RedisModule_EventLoopAddOneShot(NULL, NULL);
    return reply_status_errno(ctx, status, status == REDISMODULE_OK ? 0 : errno);
}

static void *thread_main(void *arg) {
    REDISMODULE_NOT_USED(arg);
    RedisModule_EventLoopAddOneShot(on_one_shot, "from a thread");
    return NULL;
}

/* eventloop.oneshotthread: added by a thread without the lock */
static int one_shot_thread(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    pthread_t thread;
    pthread_create(&thread, NULL, thread_main, NULL);
    pthread_join(thread, NULL);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* eventloop.log */
static int get_log(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithCString(ctx, notes);
    notes[0] = 0;
    return REDISMODULE_OK;
}

static const struct command commands[] = {
    {"eventloop.open", open_, "", 0, 0, 0},
    {"eventloop.eventloopadd", add, "", 0, 0, 0},
    {"eventloop.addnull", add_null, "", 0, 0, 0},
    {"eventloop.eventloopdel", del, "", 0, 0, 0},
    {"eventloop.write", write_, "", 0, 0, 0},
    {"eventloop.wait", wait_, "", 0, 0, 0},
    {"eventloop.eventloopaddoneshot", one_shot, "", 0, 0, 0},
    {"eventloop.oneshotnull", one_shot_null, "", 0, 0, 0},
    {"eventloop.oneshotthread", one_shot_thread, "", 0, 0, 0},
    {"eventloop.log", get_log, "", 0, 0, 0},
};

TEST_MODULE("eventloop", commands)
