/* key.c: opening keys, their type, length, expiry and idle time, strings in place, databases. */

#include "testmodule.h"

static int reply_nokey(RedisModuleCtx *ctx) {
    return RedisModule_ReplyWithSimpleString(ctx, "no key");
}

/* Opens argv[1] in the modes of argv[2]; leaves the command when that gives NULL. */
#define OPEN(key)                                                                                  \
    RedisModule_AutoMemory(ctx);                                                                   \
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], open_mode(argv[2]));                   \
    if (key == NULL)                                                                               \
    return reply_nokey(ctx)

/* ---- Opening ---- */

/* key.openkey key mode: [handle?, type, length] */
static int open_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], open_mode(argv[2]));
    RedisModule_ReplyWithArray(ctx, 3);
    RedisModule_ReplyWithSimpleString(ctx, key ? "handle" : "null");
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* key.opentwice key: two handles of one key; what one writes the other's next call sees */
static int open_twice(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModule_AutoMemory(ctx);
    RedisModuleKey *writer = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    RedisModule_StringSet(writer, argv[2]);
    RedisModuleKey *reader = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(writer));
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(reader));
}

/* key.keyexists key */
static int key_exists(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyExists(ctx, argv[1]));
}

/* key.getopenkeymodesall */
static int open_key_modes_all(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetOpenKeyModesAll());
}

/* key.closekey: of NULL, which is what a missing key opens as */
static int close_null(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_CloseKey(NULL);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(NULL));
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(NULL));
}

/* key.keytype key mode */
static int key_type(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    OPEN(key);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
}

/* key.valuelength key mode */
static int value_length(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    OPEN(key);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
}

/* key.getkeynamefrommodulekey key mode */
static int key_name(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], open_mode(argv[2]));
    const RedisModuleString *name = RedisModule_GetKeyNameFromModuleKey(key);
    if (name) {
        RedisModule_ReplyWithString(ctx, (RedisModuleString *)name);
    } else {
        RedisModule_ReplyWithNull(ctx);
    }
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* key.getdbidfrommodulekey key mode */
static int key_db(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], open_mode(argv[2]));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetDbIdFromModuleKey(key));
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* ---- Deleting ---- */

/* Deletes, then writes through the same handle: [status, type after, status, type after] */
static int delete_with(RedisModuleCtx *ctx, RedisModuleString **argv, int argc,
                       int (*function)(RedisModuleKey *)) {
    if (argc != 3 && argc != 4)
        return RedisModule_WrongArity(ctx);
    OPEN(key);
    RedisModule_ReplyWithArray(ctx, argc == 4 ? 4 : 2);
    reply_status(ctx, function(key));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    if (argc == 4) {
        reply_status(ctx, RedisModule_StringSet(key, argv[3]));
        RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    }
    return REDISMODULE_OK;
}

/* key.deletekey key mode [value] */
static int delete_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    return delete_with(ctx, argv, argc, RedisModule_DeleteKey);
}

/* key.unlinkkey key mode [value] */
static int unlink_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    return delete_with(ctx, argv, argc, RedisModule_UnlinkKey);
}

/* ---- Expiry ---- */

/* An expiry as "none", "past" or "future": the clock is nobody's to compare. */
static int reply_expire(RedisModuleCtx *ctx, mstime_t at, mstime_t now) {
    if (at == REDISMODULE_NO_EXPIRE)
        return RedisModule_ReplyWithSimpleString(ctx, "none");
    return RedisModule_ReplyWithSimpleString(ctx, at > now ? "future" : "past");
}

/* key.getexpire key mode: what is left, rounded up to seconds, or -1 */
static int get_expire(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    OPEN(key);
    mstime_t left = RedisModule_GetExpire(key);
    return RedisModule_ReplyWithLongLong(ctx, left < 0 ? left : (left + 999) / 1000);
}

/* key.setexpire key mode ms */
static int set_expire(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(ms, argv[3]);
    OPEN(key);
    int status = RedisModule_SetExpire(key, ms);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return reply_expire(ctx, RedisModule_GetExpire(key), 0);
}

/* key.getabsexpire key mode */
static int get_abs_expire(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    OPEN(key);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetAbsExpire(key));
}

/* key.setabsexpire key mode ms */
static int set_abs_expire(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(ms, argv[3]);
    OPEN(key);
    int status = RedisModule_SetAbsExpire(key, ms);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetAbsExpire(key));
}

/* ---- Strings ---- */

/* key.stringset key mode value: [status, length after] */
static int string_set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    OPEN(key);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, RedisModule_StringSet(key, argv[3]));
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
}

/* key.stringdma key mode: the bytes */
static int string_dma(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    OPEN(key);
    size_t len = 0;
    char *p = RedisModule_StringDMA(key, &len, REDISMODULE_READ);
    if (p == NULL)
        return RedisModule_ReplyWithNull(ctx);
    return RedisModule_ReplyWithStringBuffer(ctx, p, len);
}

/* key.stringdmawrite key offset bytes: writes in place, as far as the value reaches */
static int string_dma_write(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(offset, argv[2]);
    RedisModule_AutoMemory(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    size_t len = 0, n;
    char *p = RedisModule_StringDMA(key, &len, REDISMODULE_READ | REDISMODULE_WRITE);
    if (p == NULL)
        return RedisModule_ReplyWithNull(ctx);
    const char *bytes = RedisModule_StringPtrLen(argv[3], &n);
    for (size_t i = 0; i < n && offset + i < len; i++)
        p[offset + i] = bytes[i];
    return RedisModule_ReplyWithLongLong(ctx, len);
}

/* key.stringtruncate key mode length: [status, length after, bytes after] */
static int string_truncate(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(n, argv[3]);
    OPEN(key);
    int status = RedisModule_StringTruncate(key, n);
    size_t len = 0;
    char *p = RedisModule_StringDMA(key, &len, REDISMODULE_READ);
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, status);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
    if (p == NULL)
        return RedisModule_ReplyWithNull(ctx);
    return RedisModule_ReplyWithStringBuffer(ctx, p, len);
}

/* key.stringgrow key length byte: enlarges and fills through DMA, as SETRANGE would */
static int string_grow(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(n, argv[2]);
    RedisModule_AutoMemory(ctx);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ | REDISMODULE_WRITE);
    size_t before = RedisModule_ValueLength(key), len;
    if (RedisModule_StringTruncate(key, n) == REDISMODULE_ERR)
        return RedisModule_ReplyWithSimpleString(ctx, "ERR");
    char *p = RedisModule_StringDMA(key, &len, REDISMODULE_WRITE);
    for (size_t i = before; i < len; i++)
        p[i] = *cstr(argv[3]);
    return RedisModule_ReplyWithLongLong(ctx, len);
}

/* ---- Idle time and frequency ---- */

/* key.setlru key mode ms */
static int set_lru(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(ms, argv[3]);
    OPEN(key);
    return reply_status(ctx, RedisModule_SetLRU(key, ms));
}

/* key.getlru key mode: [status, idle time in tens of seconds] */
static int get_lru(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    OPEN(key);
    mstime_t idle = -70000;
    int status = RedisModule_GetLRU(key, &idle);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return RedisModule_ReplyWithLongLong(ctx, idle / 10000);
}

/* key.setlfu key mode freq */
static int set_lfu(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    INTEGER(freq, argv[3]);
    OPEN(key);
    return reply_status(ctx, RedisModule_SetLFU(key, freq));
}

/* key.getlfu key mode: [status, freq] */
static int get_lfu(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    OPEN(key);
    long long freq = -7;
    int status = RedisModule_GetLFU(key, &freq);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return RedisModule_ReplyWithLongLong(ctx, freq);
}

/* ---- Databases ---- */

/* key.dbsize */
static int db_size(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_DbSize(ctx));
}

/* key.randomkey */
static int random_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return reply_string(ctx, RedisModule_RandomKey(ctx));
}

/* key.getselecteddb */
static int get_selected_db(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetSelectedDb(ctx));
}

/* key.selectdb db key: [status, db, type of the key there]; the client stays there */
static int select_db(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(db, argv[1]);
    int status = RedisModule_SelectDb(ctx, (int)db);
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, status);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_GetSelectedDb(ctx));
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[2], REDISMODULE_READ);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* key.resetdataset restart_aof async */
static int reset_dataset(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    INTEGER(restart, argv[1]);
    INTEGER(async, argv[2]);
    RedisModule_ResetDataset((int)restart, (int)async);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* key.signalmodifiedkey key: WATCH sees it */
static int signal_modified_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    return reply_status(ctx, RedisModule_SignalModifiedKey(ctx, argv[1]));
}

static const struct command commands[] = {
    {"key.openkey", open_key, "write", 1, 1, 1},
    {"key.opentwice", open_twice, "write", 1, 1, 1},
    {"key.keyexists", key_exists, "readonly", 1, 1, 1},
    {"key.getopenkeymodesall", open_key_modes_all, "", 0, 0, 0},
    {"key.closekey", close_null, "", 0, 0, 0},
    {"key.keytype", key_type, "write", 1, 1, 1},
    {"key.valuelength", value_length, "write", 1, 1, 1},
    {"key.getkeynamefrommodulekey", key_name, "write", 1, 1, 1},
    {"key.getdbidfrommodulekey", key_db, "write", 1, 1, 1},
    {"key.deletekey", delete_key, "write", 1, 1, 1},
    {"key.unlinkkey", unlink_key, "write", 1, 1, 1},
    {"key.getexpire", get_expire, "write", 1, 1, 1},
    {"key.setexpire", set_expire, "write", 1, 1, 1},
    {"key.getabsexpire", get_abs_expire, "write", 1, 1, 1},
    {"key.setabsexpire", set_abs_expire, "write", 1, 1, 1},
    {"key.stringset", string_set, "write", 1, 1, 1},
    {"key.stringdma", string_dma, "write", 1, 1, 1},
    {"key.stringdmawrite", string_dma_write, "write", 1, 1, 1},
    {"key.stringtruncate", string_truncate, "write", 1, 1, 1},
    {"key.stringgrow", string_grow, "write", 1, 1, 1},
    {"key.setlru", set_lru, "write", 1, 1, 1},
    {"key.getlru", get_lru, "write", 1, 1, 1},
    {"key.setlfu", set_lfu, "write", 1, 1, 1},
    {"key.getlfu", get_lfu, "write", 1, 1, 1},
    {"key.dbsize", db_size, "readonly", 0, 0, 0},
    {"key.randomkey", random_key, "readonly", 0, 0, 0},
    {"key.getselecteddb", get_selected_db, "readonly", 0, 0, 0},
    {"key.selectdb", select_db, "write", 2, 2, 1},
    {"key.resetdataset", reset_dataset, "write", 0, 0, 0},
    {"key.signalmodifiedkey", signal_modified_key, "write", 1, 1, 1},
};

TEST_MODULE("key", commands)
