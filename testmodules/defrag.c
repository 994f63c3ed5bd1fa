/* defrag.c: active defragmentation: the callbacks of values, of global data, of the beginning and
 * the end of a round, and what they may ask for.
 *
 * A value is a list of texts. Values whose first text is "long" are done piece by piece, three
 * texts at a time. Everything that has to be the same on every server is counted or noted; which
 * allocations move is not. */

#include "testmodule.h"

#include <stdio.h>

struct value {
    size_t n;
    char **texts;
    RedisModuleString *name;
};

static RedisModuleType *type;

/* What was seen, since defrag.reset. */
static struct {
    long long started, ended, globals, globals2, whole, zero, first_pieces, more_pieces, done_pieces;
    long long wrong;      /* something was not as it should be */
    long long dict_rounds, dict_pieces, dict_values;
    int ctx_dbid, global_dbid;
    int global_key_is_null;
    int whole_set, whole_get, piece_set, piece_get, whole_stops;
    unsigned long first_cursor, last_cursor;
    char key[64];
} seen;

/* Global data. */
static char *global;
static RedisModuleString *global_string;
static RedisModuleDict *dict;
static long long dict_keys = 200; /* or the module's argument */
static RedisModuleString *dict_at;

static void *moved(RedisModuleDefragCtx *ctx, void *p) {
    void *q = RedisModule_DefragAlloc(ctx, p);
    return q != NULL ? q : p;
}

static void move_string(RedisModuleDefragCtx *ctx, RedisModuleString **s) {
    RedisModuleString *q = RedisModule_DefragRedisModuleString(ctx, *s);
    if (q != NULL)
        *s = q;
}

static void move_texts(RedisModuleDefragCtx *ctx, struct value *v, size_t from, size_t to) {
    for (size_t i = from; i < to && i < v->n; i++)
        v->texts[i] = moved(ctx, v->texts[i]);
}

static int defrag_value(RedisModuleDefragCtx *ctx, RedisModuleString *key, void **value) {
    struct value *v = *value = moved(ctx, *value);
    unsigned long cursor = 4711;
    int get = RedisModule_DefragCursorGet(ctx, &cursor);
    const RedisModuleString *name = RedisModule_GetKeyNameFromDefragCtx(ctx);
    if (name == NULL || RedisModule_StringCompare((RedisModuleString *)name, key) != 0)
        seen.wrong++;
    seen.ctx_dbid = RedisModule_GetDbIdFromDefragCtx(ctx);
    snprintf(seen.key, sizeof seen.key, "%s", cstr(key));
    if (strcmp(v->texts[0], "zero") == 0) {
        if (get != REDISMODULE_OK || cursor != 0)
            seen.wrong++;
        seen.zero++;
        return 0;
    }
    if (strcmp(v->texts[0], "long") != 0) {
        seen.whole++;
        seen.whole_get = get;
        if (cursor != 4711)
            seen.wrong++;
        seen.whole_set = RedisModule_DefragCursorSet(ctx, 1);
        seen.whole_stops = RedisModule_DefragShouldStop(ctx);
        v->texts = moved(ctx, v->texts);
        move_string(ctx, &v->name);
        move_texts(ctx, v, 0, v->n);
        return 0;
    }
    seen.piece_get = get;
    if (cursor == 0) {
        seen.first_pieces++;
        seen.first_cursor = cursor;
        v->texts = moved(ctx, v->texts);
        move_string(ctx, &v->name);
    } else {
        seen.more_pieces++;
    }
    move_texts(ctx, v, cursor, cursor + 3);
    cursor += 3;
    seen.piece_set = RedisModule_DefragCursorSet(ctx, cursor);
    seen.last_cursor = cursor;
    if (cursor < v->n)
        return 1;
    seen.done_pieces++;
    return 0;
}

static void global_func(RedisModuleDefragCtx *ctx) {
    seen.globals++;
    seen.global_dbid = RedisModule_GetDbIdFromDefragCtx(ctx);
    seen.global_key_is_null = RedisModule_GetKeyNameFromDefragCtx(ctx) == NULL;
    global = moved(ctx, global);
}

static void *dict_value(RedisModuleDefragCtx *ctx, void *data, unsigned char *key, size_t keylen) {
    seen.dict_values++;
    /* The value of "key:N" is the text "value:N". */
    if (keylen < 4 || memcmp(key, "key:", 4) != 0 || memcmp((char *)data + 6, key + 4, keylen - 4) != 0)
        seen.wrong++;
    return RedisModule_DefragAlloc(ctx, data);
}

/* Three calls: the global allocation, a copy by hand, and the dictionary until it is done. */
static int global_func2(RedisModuleDefragCtx *ctx) {
    unsigned long cursor = 99;
    if (RedisModule_DefragCursorGet(ctx, &cursor) != REDISMODULE_OK)
        seen.wrong++;
    seen.global_dbid = RedisModule_GetDbIdFromDefragCtx(ctx);
    seen.global_key_is_null = RedisModule_GetKeyNameFromDefragCtx(ctx) == NULL;
    if (cursor == 0) {
        seen.globals2++;
        global = moved(ctx, global);
        move_string(ctx, &global_string);
        RedisModule_DefragCursorSet(ctx, 1);
        return 1;
    }
    if (cursor == 1) {
        char *copy = RedisModule_DefragAllocRaw(ctx, 100);
        memcpy(copy, global, 100);
        RedisModule_DefragFreeRaw(ctx, global);
        global = copy;
        RedisModule_DefragCursorSet(ctx, 2);
        return 1;
    }
    if (dict_at == NULL)
        seen.dict_rounds++;
    seen.dict_pieces++;
    RedisModuleDict *d = RedisModule_DefragRedisModuleDict(ctx, dict, dict_value, &dict_at);
    if (d != NULL)
        dict = d;
    return dict_at != NULL;
}

static void start_func(RedisModuleDefragCtx *ctx) {
    seen.started++;
    if (RedisModule_GetKeyNameFromDefragCtx(ctx) != NULL || RedisModule_GetDbIdFromDefragCtx(ctx) != -1 ||
        RedisModule_DefragShouldStop(ctx))
        seen.wrong++;
}

static void end_func(RedisModuleDefragCtx *ctx) {
    seen.ended++;
    if (RedisModule_GetKeyNameFromDefragCtx(ctx) != NULL || RedisModule_GetDbIdFromDefragCtx(ctx) != -1)
        seen.wrong++;
}

/* ---- The type ---- */

static void free_value(void *p) {
    struct value *v = p;
    for (size_t i = 0; i < v->n; i++)
        RedisModule_Free(v->texts[i]);
    RedisModule_Free(v->texts);
    RedisModule_FreeString(NULL, v->name);
    RedisModule_Free(v);
}

static size_t effort(RedisModuleString *key, const void *p) {
    REDISMODULE_NOT_USED(key);
    const struct value *v = p;
    return strcmp(v->texts[0], "zero") == 0 ? 0 : v->n;
}

static char *copy_text(const RedisModuleString *s) {
    size_t len;
    const char *p = RedisModule_StringPtrLen(s, &len);
    char *c = RedisModule_Alloc(len + 1);
    memcpy(c, p, len + 1);
    return c;
}

/* defrag.set key text [text ...] */
static int set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc < 3)
        return RedisModule_WrongArity(ctx);
    struct value *v = RedisModule_Alloc(sizeof *v);
    v->n = (size_t)argc - 2;
    v->texts = RedisModule_Alloc(v->n * sizeof *v->texts);
    for (size_t i = 0; i < v->n; i++)
        v->texts[i] = copy_text(argv[i + 2]);
    v->name = RedisModule_CreateStringFromString(NULL, argv[1]);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    RedisModule_ModuleTypeSetValue(key, type, v);
    RedisModule_CloseKey(key);
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* defrag.get key: the name as the value has it, and the texts. */
static int get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    if (RedisModule_ModuleTypeGetType(key) != type)
        return RedisModule_ReplyWithNull(ctx);
    struct value *v = RedisModule_ModuleTypeGetValue(key);
    RedisModule_ReplyWithArray(ctx, (long)v->n + 1);
    RedisModule_ReplyWithString(ctx, v->name);
    for (size_t i = 0; i < v->n; i++)
        RedisModule_ReplyWithCString(ctx, v->texts[i]);
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* defrag.globals: the global data but for the dictionary. */
static int get_globals(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithCString(ctx, global);
    return RedisModule_ReplyWithString(ctx, global_string);
}

/* defrag.check: whether the dictionary is what it was, and its keys counted in both directions. */
static int check(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    int fine = 1;
    RedisModuleDictIter *it = RedisModule_DictIteratorStartC(dict, "^", NULL, 0);
    char *key, *value;
    size_t len;
    long long n = 0, back = 0;
    while ((key = RedisModule_DictNextC(it, &len, (void **)&value)) != NULL) {
        char want[64];
        snprintf(want, sizeof want, "value:%.*s", (int)len - 4, key + 4);
        if (strcmp(want, value) != 0)
            fine = 0;
        n++;
    }
    RedisModule_DictIteratorReseekC(it, "$", NULL, 0);
    while (RedisModule_DictPrevC(it, NULL, NULL) != NULL)
        back++;
    RedisModule_DictIteratorStop(it);
    for (int i = 0; i < dict_keys; i++) {
        char name[32];
        int n2 = snprintf(name, sizeof name, "key:%d", i), nokey;
        RedisModule_DictGetC(dict, name, (size_t)n2, &nokey);
        fine = fine && !nokey;
    }
    RedisModule_ReplyWithArray(ctx, 3);
    RedisModule_ReplyWithLongLong(ctx, fine);
    RedisModule_ReplyWithLongLong(ctx, n);
    return RedisModule_ReplyWithLongLong(ctx, back);
}

/* defrag.reset */
static int reset(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    memset(&seen, 0, sizeof seen);
    seen.ctx_dbid = seen.global_dbid = -7;
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

static long long sign(long long n) { return n > 0; }

/* defrag.seen field: what has happened; of counts only whether it did. */
static int get_seen(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    const struct {
        const char *name;
        long long value;
    } fields[] = {
        {"started", sign(seen.started)},
        {"ended", sign(seen.ended)},
        {"balanced", seen.started - seen.ended <= 1 && seen.started >= seen.ended},
        {"globals", sign(seen.globals)},
        {"globals2", sign(seen.globals2)},
        {"whole", sign(seen.whole)},
        {"zero", sign(seen.zero)},
        {"first", sign(seen.first_pieces)},
        {"more", sign(seen.more_pieces)},
        {"done", sign(seen.done_pieces)},
        {"wrong", seen.wrong},
        {"dict", sign(seen.dict_rounds)},
        {"dictvalues", seen.dict_rounds > 1 ? seen.dict_values >= dict_keys : -1},
        {"dbid", seen.ctx_dbid},
        {"globaldbid", seen.global_dbid},
        {"globalkeynull", seen.global_key_is_null},
        {"wholeset", seen.whole_set},
        {"wholeget", seen.whole_get},
        {"wholestops", seen.whole_stops},
        {"pieceset", seen.piece_set},
        {"pieceget", seen.piece_get},
        {"firstcursor", (long long)seen.first_cursor},
        {"lastcursor", (long long)seen.last_cursor},
    };
    if (is(argv[1], "key"))
        return RedisModule_ReplyWithCString(ctx, seen.key);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (is(argv[1], fields[i].name))
            return RedisModule_ReplyWithLongLong(ctx, fields[i].value);
    return RedisModule_ReplyWithError(ctx, "ERR test: no such field");
}

/* defrag.register none|func|func2|callbacks */
static int reg(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    if (is(argv[1], "func"))
        return reply_status(ctx, RedisModule_RegisterDefragFunc(ctx, global_func));
    if (is(argv[1], "func2"))
        return reply_status(ctx, RedisModule_RegisterDefragFunc2(ctx, global_func2));
    if (is(argv[1], "callbacks"))
        return reply_status(ctx, RedisModule_RegisterDefragCallbacks(ctx, start_func, end_func));
    RedisModule_RegisterDefragFunc(ctx, NULL);
    RedisModule_RegisterDefragFunc2(ctx, NULL);
    return reply_status(ctx, RedisModule_RegisterDefragCallbacks(ctx, NULL, NULL));
}

static const struct command commands[] = {
    {"defrag.set", set, "write", 1, 1, 1},    {"defrag.get", get, "readonly", 1, 1, 1},
    {"defrag.check", check, "", 0, 0, 0},     {"defrag.reset", reset, "", 0, 0, 0},
    {"defrag.seen", get_seen, "", 0, 0, 0},   {"defrag.register", reg, "", 0, 0, 0},
    {"defrag.globals", get_globals, "", 0, 0, 0},
};

static void make_globals(void) {
    global = RedisModule_Calloc(1, 100);
    strcpy(global, "global text");
    global_string = RedisModule_CreateString(NULL, "global string", 13);
    dict = RedisModule_CreateDict(NULL);
    for (int i = 0; i < dict_keys; i++) {
        char key[32], *value = RedisModule_Alloc(32);
        int n = snprintf(key, sizeof key, "key:%d", i);
        snprintf(value, 32, "value:%d", i);
        RedisModule_DictSetC(dict, key, (size_t)n, value);
    }
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (RedisModule_Init(ctx, "defrag", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    RedisModuleTypeMethods methods = {.version = 3,
                                      .free = free_value,
                                      .free_effort = effort,
                                      .defrag = defrag_value};
    type = RedisModule_CreateDataType(ctx, "defrag-tv", 0, &methods);
    if (argc == 1)
        RedisModule_StringToLongLong(argv[0], &dict_keys);
    make_globals();
    return type != NULL ? CREATE_COMMANDS(ctx, commands) : REDISMODULE_ERR;
}

int RedisModule_OnUnload(RedisModuleCtx *ctx) {
    REDISMODULE_NOT_USED(ctx);
    RedisModule_Free(global);
    RedisModule_FreeString(NULL, global_string);
    if (dict_at != NULL)
        RedisModule_FreeString(NULL, dict_at);
    RedisModuleDictIter *it = RedisModule_DictIteratorStartC(dict, "^", NULL, 0);
    void *value;
    while (RedisModule_DictNextC(it, NULL, &value) != NULL)
        RedisModule_Free(value);
    RedisModule_DictIteratorStop(it);
    RedisModule_FreeDict(NULL, dict);
    return REDISMODULE_OK;
}
