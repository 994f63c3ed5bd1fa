/* scan.c: scanning the database and the elements of a key. */

#include "testmodule.h"

/* ---- The database ---- */

struct names {
    RedisModuleCtx *ctx;
    long count;
    long with_key;
    int delete;
};

static void on_key(RedisModuleCtx *ctx, RedisModuleString *name, RedisModuleKey *key, void *data) {
    struct names *names = data;
    if (key)
        names->with_key++;
    if (names->delete) {
        RedisModule_FreeCallReply(RedisModule_Call(ctx, "DEL", "!s", name));
    } else {
        RedisModule_ReplyWithString(names->ctx, name);
        RedisModule_ReplyWithLongLong(names->ctx, RedisModule_KeyType(key));
    }
    names->count++;
}

/* scan.scan: name and type of every key */
static int scan(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    struct names names = {.ctx = ctx};
    RedisModuleScanCursor *cursor = RedisModule_ScanCursorCreate();
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    while (RedisModule_Scan(ctx, cursor, on_key, &names)) {
    }
    RedisModule_ReplySetArrayLength(ctx, 2 * names.count);
    RedisModule_ScanCursorDestroy(cursor);
    return REDISMODULE_OK;
}

static void count_key(RedisModuleCtx *ctx, RedisModuleString *name, RedisModuleKey *key,
                      void *data) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(name);
    REDISMODULE_NOT_USED(key);
    (*(long long *)data)++;
}

/* scan.count: [keys seen, scanned again after the end, after a restart] */
static int count(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    long long n = 0, again = 0, restarted = 0;
    RedisModuleScanCursor *cursor = RedisModule_ScanCursorCreate();
    while (RedisModule_Scan(ctx, cursor, count_key, &n)) {
    }
    errno = 0;
    RedisModule_Scan(ctx, cursor, count_key, &again);
    int error = errno;
    RedisModule_ScanCursorRestart(cursor);
    while (RedisModule_Scan(ctx, cursor, count_key, &restarted)) {
    }
    RedisModule_ScanCursorDestroy(cursor);
    RedisModule_ReplyWithArray(ctx, 4);
    RedisModule_ReplyWithLongLong(ctx, n);
    RedisModule_ReplyWithLongLong(ctx, again);
    reply_errno(ctx, error);
    return RedisModule_ReplyWithLongLong(ctx, restarted);
}

/* scan.deleteall: from within the callback */
static int delete_all(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    struct names names = {.ctx = ctx, .delete = 1};
    RedisModuleScanCursor *cursor = RedisModule_ScanCursorCreate();
    while (RedisModule_Scan(ctx, cursor, on_key, &names)) {
    }
    RedisModule_ScanCursorDestroy(cursor);
    return RedisModule_ReplyWithLongLong(ctx, names.count);
}

/* ---- A key ---- */

static void on_element(RedisModuleKey *key, RedisModuleString *field, RedisModuleString *value,
                       void *data) {
    REDISMODULE_NOT_USED(key);
    struct names *names = data;
    RedisModule_ReplyWithString(names->ctx, field);
    value ? RedisModule_ReplyWithString(names->ctx, value) : RedisModule_ReplyWithNull(names->ctx);
    names->count++;
}

/* scan.scankey key: [elements and values, errno] */
static int scan_key(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    struct names names = {.ctx = ctx};
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    if (key == NULL) {
        RedisModuleScanCursor *cursor = RedisModule_ScanCursorCreate();
        errno = 0;
        int more = RedisModule_ScanKey(key, cursor, on_element, &names);
        int error = errno;
        RedisModule_ScanCursorDestroy(cursor);
        return reply_number_errno(ctx, more, error);
    }
    RedisModuleScanCursor *cursor = RedisModule_ScanCursorCreate();
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_LEN);
    errno = 0;
    while (RedisModule_ScanKey(key, cursor, on_element, &names)) {
    }
    int error = errno;
    RedisModule_ReplySetArrayLength(ctx, 2 * names.count);
    reply_errno(ctx, error);
    RedisModule_ScanCursorDestroy(cursor);
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

static void count_element(RedisModuleKey *key, RedisModuleString *field, RedisModuleString *value,
                          void *data) {
    REDISMODULE_NOT_USED(key);
    REDISMODULE_NOT_USED(field);
    REDISMODULE_NOT_USED(value);
    (*(long long *)data)++;
}

/* scan.countkey key: [elements, errno at the end, again, errno, after a restart] */
static int count_key_elements(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    if (key == NULL)
        return RedisModule_ReplyWithNull(ctx);
    long long n = 0, again = 0, restarted = 0;
    RedisModuleScanCursor *cursor = RedisModule_ScanCursorCreate();
    errno = 0;
    while (RedisModule_ScanKey(key, cursor, count_element, &n)) {
    }
    int error1 = errno;
    errno = 0;
    RedisModule_ScanKey(key, cursor, count_element, &again);
    int error2 = errno;
    RedisModule_ScanCursorRestart(cursor);
    while (RedisModule_ScanKey(key, cursor, count_element, &restarted)) {
    }
    RedisModule_ScanCursorDestroy(cursor);
    RedisModule_CloseKey(key);
    RedisModule_ReplyWithArray(ctx, 5);
    RedisModule_ReplyWithLongLong(ctx, n);
    reply_errno(ctx, error1);
    RedisModule_ReplyWithLongLong(ctx, again);
    reply_errno(ctx, error2);
    return RedisModule_ReplyWithLongLong(ctx, restarted);
}

static const struct command commands[] = {
    {"scan.scan", scan, "readonly", 0, 0, 0},
    {"scan.count", count, "readonly", 0, 0, 0},
    {"scan.deleteall", delete_all, "write", 0, 0, 0},
    {"scan.scankey", scan_key, "readonly", 1, 1, 1},
    {"scan.countkey", count_key_elements, "readonly", 1, 1, 1},
};

TEST_MODULE("scan", commands)
