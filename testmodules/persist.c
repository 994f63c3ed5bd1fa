/* persist.c: what a module has to do with saving and loading: values, AUX data of both kinds,
 * server events, RDB files of its own and forked processes. Callbacks and events of the server's
 * process leave notes; persist.log replies and clears them. */

#include "testmodule.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char notes[8192];

static void note(const char *fmt, ...) {
    char line[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (strlen(notes) + strlen(line) + 2 < sizeof notes)
        strcat(strcat(notes, line), ";");
}

static int get_log(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithCString(ctx, notes);
    notes[0] = 0;
    return REDISMODULE_OK;
}

/* ---- Values: a text and how often it is to be saved ---- */

struct value {
    long long times;
    size_t len;
    char *text;
};

static RedisModuleType *type1, *type2;

static struct value *new_value(const char *text, size_t len, long long times) {
    struct value *v = RedisModule_Alloc(sizeof *v);
    v->times = times;
    v->len = len;
    v->text = RedisModule_Alloc(len + 1);
    memcpy(v->text, text, len);
    v->text[len] = 0;
    return v;
}

static void *rdb_load(RedisModuleIO *io, int encver) {
    long long times = RedisModule_LoadSigned(io);
    char *text = NULL;
    size_t len = 0;
    for (long long i = 0; i < times && !RedisModule_IsIOError(io); i++) {
        if (text != NULL)
            RedisModule_Free(text);
        text = RedisModule_LoadStringBuffer(io, &len);
    }
    double d = RedisModule_LoadDouble(io);
    if (RedisModule_IsIOError(io) || encver != 1 || text == NULL || d != (double)len / 7) {
        if (text != NULL)
            RedisModule_Free(text);
        return NULL;
    }
    struct value *v = new_value(text, len, times);
    RedisModule_Free(text);
    return v;
}

static void rdb_save(RedisModuleIO *io, void *p) {
    struct value *v = p;
    RedisModule_SaveSigned(io, v->times);
    for (long long i = 0; i < v->times; i++)
        RedisModule_SaveStringBuffer(io, v->text, v->len);
    RedisModule_SaveDouble(io, (double)v->len / 7);
}

static void free_value(void *p) {
    struct value *v = p;
    RedisModule_Free(v->text);
    RedisModule_Free(v);
}

static void digest(RedisModuleDigest *d, void *p) {
    struct value *v = p;
    RedisModule_DigestAddLongLong(d, v->times);
    RedisModule_DigestAddStringBuffer(d, v->text, v->len);
    RedisModule_DigestEndSequence(d);
}

/* persist.set key text times [2] */
static int set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 4)
        return RedisModule_WrongArity(ctx);
    INTEGER(times, argv[3]);
    size_t len;
    const char *text = RedisModule_StringPtrLen(argv[2], &len);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    RedisModule_ModuleTypeSetValue(key, argc > 4 ? type2 : type1, new_value(text, len, times));
    RedisModule_CloseKey(key);
    RedisModule_ReplicateVerbatim(ctx);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* persist.get key */
static int get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    struct value *v = RedisModule_ModuleTypeGetValue(key);
    if (v == NULL) {
        RedisModule_ReplyWithNull(ctx);
    } else {
        RedisModule_ReplyWithArray(ctx, 2);
        RedisModule_ReplyWithStringBuffer(ctx, v->text, v->len);
        RedisModule_ReplyWithLongLong(ctx, v->times);
    }
    if (key != NULL)
        RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* ---- AUX data: a text for each type and moment ---- */

static char aux[3][3][64]; /* type, when */

static void aux_save_text(RedisModuleIO *io, int type, int when) {
    const char *text = aux[type][when];
    if (type == 2 && *text == 0)
        return; /* aux_save2: then nothing is stored */
    RedisModule_SaveStringBuffer(io, text, strlen(text));
    RedisModule_SaveUnsigned(io, 7);
}

static int aux_load_text(RedisModuleIO *io, int type, int when) {
    size_t len;
    char *text = RedisModule_LoadStringBuffer(io, &len);
    uint64_t seven = RedisModule_LoadUnsigned(io);
    char copy[64] = "";
    if (RedisModule_IsIOError(io) || seven != 7 || len >= sizeof aux[0][0]) {
        if (text != NULL)
            RedisModule_Free(text);
        return REDISMODULE_ERR;
    }
    memcpy(copy, text, len);
    note("aux %d %d %s db %d key %d", type, when, copy, RedisModule_GetDbIdFromIO(io),
         RedisModule_GetKeyNameFromIO(io) != NULL);
    memcpy(aux[type][when], copy, sizeof copy);
    RedisModule_Free(text);
    return strcmp(aux[type][when], "refuse") == 0 ? REDISMODULE_ERR : REDISMODULE_OK;
}

static void aux_save1(RedisModuleIO *io, int when) { aux_save_text(io, 1, when); }
static void aux_save2(RedisModuleIO *io, int when) { aux_save_text(io, 2, when); }
static int aux_load1(RedisModuleIO *io, int encver, int when) {
    REDISMODULE_NOT_USED(encver);
    return aux_load_text(io, 1, when);
}
static int aux_load2(RedisModuleIO *io, int encver, int when) {
    REDISMODULE_NOT_USED(encver);
    return aux_load_text(io, 2, when);
}

/* persist.aux type when [text] */
static int aux_text(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    INTEGER(type, argv[1]);
    INTEGER(when, argv[2]);
    char *text = aux[type % 3][when % 3];
    if (argc > 3)
        snprintf(text, sizeof aux[0][0], "%s", cstr(argv[3]));
    return RedisModule_ReplyWithCString(ctx, text);
}

/* ---- Events ---- */

static void on_persistence(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(e);
    note("persistence %d %d", (int)sub, data != NULL);
}

static void on_loading(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(e);
    note("loading %d %d keys %d flags %d", (int)sub, data != NULL, (int)RedisModule_DbSize(ctx),
         (RedisModule_GetContextFlags(ctx) & REDISMODULE_CTX_FLAGS_LOADING) != 0);
}

static void on_child(RedisModuleCtx *ctx, RedisModuleEvent e, uint64_t sub, void *data) {
    REDISMODULE_NOT_USED(e);
    note("child %d %d active %d", (int)sub, data != NULL,
         (RedisModule_GetContextFlags(ctx) & REDISMODULE_CTX_FLAGS_ACTIVE_CHILD) != 0);
}

static int on_loaded(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key) {
    note("%s %d %s db %d", event, type == REDISMODULE_NOTIFY_LOADED, cstr(key),
         RedisModule_GetSelectedDb(ctx));
    return REDISMODULE_OK;
}

/* ---- Files ---- */

/* persist.rdbsave file flags, persist.rdbload file flags */
static int rdb_file(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(flags, argv[2]);
    RedisModuleRdbStream *s = RedisModule_RdbStreamCreateFromFile(cstr(argv[1]));
    errno = 1;
    int r = strstr(cstr(argv[0]), "save") != NULL ? RedisModule_RdbSave(ctx, s, (int)flags)
                                                  : RedisModule_RdbLoad(ctx, s, (int)flags);
    int err = errno;
    RedisModule_RdbStreamFree(s);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, r);
    return RedisModule_ReplyWithLongLong(ctx, err);
}

/* persist.nofile */
static int no_file(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    errno = 0;
    int a = RedisModule_RdbSave(ctx, NULL, 0), ea = errno;
    errno = 0;
    int b = RedisModule_RdbLoad(ctx, NULL, 0), eb = errno;
    RedisModule_ReplyWithArray(ctx, 4);
    RedisModule_ReplyWithLongLong(ctx, a);
    RedisModule_ReplyWithLongLong(ctx, ea);
    RedisModule_ReplyWithLongLong(ctx, b);
    return RedisModule_ReplyWithLongLong(ctx, eb);
}

/* ---- Forks ---- */

static int child = -1; /* of persist.fork */

static void fork_done(int status, int signal, void *data) {
    note("fork done %d %d %s", status, signal, (char *)data);
}

/* persist.fork milliseconds status: replies 1 when there is a child, -1 and errno when not. */
static int do_fork(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(ms, argv[1]);
    INTEGER(status, argv[2]);
    int before = RedisModule_GetContextFlags(ctx) & REDISMODULE_CTX_FLAGS_IS_CHILD;
    errno = 0;
    int pid = RedisModule_Fork(fork_done, "data");
    int err = errno;
    if (pid == 0) {
        RedisModule_Log(ctx, "notice", "in the child: %d, before %d",
                        (RedisModule_GetContextFlags(NULL) & REDISMODULE_CTX_FLAGS_IS_CHILD) != 0,
                        before != 0);
        RedisModuleString *s = RedisModule_CreateStringPrintf(NULL, "%d", getpid());
        RedisModule_FreeString(NULL, s);
        for (int i = 0; i < 10; i++) {
            RedisModule_SendChildHeartbeat(0.05 * (i + 1));
            usleep((useconds_t)ms * 100);
        }
        RedisModule_ExitFromChild((int)status);
    }
    child = pid;
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, pid > 0 ? 1 : pid);
    return RedisModule_ReplyWithLongLong(ctx, pid > 0 ? 0 : err);
}

/* persist.kill: KillForkChild of the last child, and of a wrong pid. */
static int kill_child(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KillForkChild(1));
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_KillForkChild(child));
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    if (RedisModule_Init(ctx, "persist", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    RedisModule_SetModuleOptions(ctx, REDISMODULE_OPTIONS_HANDLE_IO_ERRORS);
    RedisModuleTypeMethods m = {.version = REDISMODULE_TYPE_METHOD_VERSION,
                                .rdb_load = rdb_load,
                                .rdb_save = rdb_save,
                                .free = free_value,
                                .digest = digest,
                                .aux_load = aux_load1,
                                .aux_save = aux_save1,
                                .aux_save_triggers =
                                    REDISMODULE_AUX_BEFORE_RDB | REDISMODULE_AUX_AFTER_RDB};
    if ((type1 = RedisModule_CreateDataType(ctx, "persist-1", 1, &m)) == NULL)
        return REDISMODULE_ERR;
    m.aux_load = aux_load2;
    m.aux_save = NULL;
    m.aux_save2 = aux_save2;
    if ((type2 = RedisModule_CreateDataType(ctx, "persist-2", 1, &m)) == NULL)
        return REDISMODULE_ERR;
    RedisModule_SubscribeToServerEvent(ctx, RedisModuleEvent_Persistence, on_persistence);
    RedisModule_SubscribeToServerEvent(ctx, RedisModuleEvent_Loading, on_loading);
    RedisModule_SubscribeToServerEvent(ctx, RedisModuleEvent_ForkChild, on_child);
    if (argc == 0)
        RedisModule_SubscribeToKeyspaceEvents(ctx, REDISMODULE_NOTIFY_LOADED, on_loaded);
    static const struct command commands[] = {
        {"persist.log", get_log, "", 0, 0, 0},      {"persist.set", set, "write", 1, 1, 1},
        {"persist.get", get, "readonly", 1, 1, 1},  {"persist.aux", aux_text, "", 0, 0, 0},
        {"persist.rdbsave", rdb_file, "", 0, 0, 0}, {"persist.rdbload", rdb_file, "", 0, 0, 0},
        {"persist.nofile", no_file, "", 0, 0, 0},   {"persist.fork", do_fork, "", 0, 0, 0},
        {"persist.kill", kill_child, "", 0, 0, 0},
    };
    return CREATE_COMMANDS(ctx, commands);
}
