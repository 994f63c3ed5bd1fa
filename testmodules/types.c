/* types.c: module data types of every version of the methods struct.
 *
 * There are five types, types-tv1 to types-tv5, one per version. Fields that a version does not
 * have are filled with nonsense, so that a server that reads them crashes. Each callback leaves a
 * note; types.log replies and clears the notes. */

#include <stdarg.h>

#include "testmodule.h"

/* ---- Notes ---- */

static char notes[8192];
static size_t noted;

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    if (noted < sizeof notes - 256) {
        noted += vsnprintf(notes + noted, 256, fmt, ap);
        notes[noted++] = ';';
    }
    va_end(ap);
}

/* A key name or "none". */
static const char *name(const RedisModuleString *s) {
    return s ? RedisModule_StringPtrLen(s, NULL) : "none";
}

/* types.log */
static int get_log(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithStringBuffer(ctx, notes, noted);
    noted = 0;
    return REDISMODULE_OK;
}

/* ---- The value ---- */

struct value {
    int version; /* of its type */
    char *text;
    size_t len;
    long long number;
    double real;
};

static RedisModuleType *types[6];
static size_t effort = 1;

static struct value *new_value(int version, const char *text, size_t len) {
    struct value *v = RedisModule_Calloc(1, sizeof *v);
    v->version = version;
    v->text = RedisModule_Alloc(len + 1);
    memcpy(v->text, text, len);
    v->text[len] = 0;
    v->len = len;
    v->number = (long long)len * -1000000007LL;
    v->real = len / 3.0;
    return v;
}

static void free_value(void *p) {
    struct value *v = p;
    note("free %s", v->text);
    RedisModule_Free(v->text);
    RedisModule_Free(v);
}

/* ---- RDB ---- */

static void rdb_save(RedisModuleIO *io, void *p) {
    struct value *v = p;
    note("save %s db %d ctx %d", name(RedisModule_GetKeyNameFromIO(io)),
         RedisModule_GetDbIdFromIO(io), RedisModule_GetContextFromIO(io) != NULL);
    RedisModuleString *s = RedisModule_CreateString(NULL, v->text, v->len);
    RedisModule_SaveString(io, s);
    RedisModule_FreeString(NULL, s);
    RedisModule_SaveStringBuffer(io, v->text, v->len);
    RedisModule_SaveSigned(io, v->number);
    RedisModule_SaveUnsigned(io, v->len);
    RedisModule_SaveDouble(io, v->real);
    RedisModule_SaveFloat(io, (float)v->real);
    RedisModule_SaveLongDouble(io, (long double)v->real);
}

static void *load(RedisModuleIO *io, int encver, int version) {
    note("load %d %s db %d", encver, name(RedisModule_GetKeyNameFromIO(io)),
         RedisModule_GetDbIdFromIO(io));
    if (encver > 1) {
        RedisModule_LogIOError(io, "warning", "cannot load version %d", encver);
        return NULL;
    }
    RedisModuleString *s = RedisModule_LoadString(io);
    size_t len = 0;
    char *text = RedisModule_LoadStringBuffer(io, &len);
    long long number = RedisModule_LoadSigned(io);
    uint64_t n = RedisModule_LoadUnsigned(io);
    double real = RedisModule_LoadDouble(io);
    float f = RedisModule_LoadFloat(io);
    long double ld = RedisModule_LoadLongDouble(io);
    if (RedisModule_IsIOError(io)) {
        note("io error");
        if (s)
            RedisModule_FreeString(NULL, s);
        RedisModule_Free(text);
        return NULL;
    }
    struct value *v = new_value(version, text, len);
    v->number = number;
    v->real = real;
    if (n != len || f != (float)real || ld != (long double)real)
        note("read back wrongly");
    RedisModule_FreeString(NULL, s);
    RedisModule_Free(text);
    return v;
}

static void *load1(RedisModuleIO *io, int encver) { return load(io, encver, 1); }
static void *load2(RedisModuleIO *io, int encver) { return load(io, encver, 2); }
static void *load3(RedisModuleIO *io, int encver) { return load(io, encver, 3); }
static void *load4(RedisModuleIO *io, int encver) { return load(io, encver, 4); }
static void *load5(RedisModuleIO *io, int encver) { return load(io, encver, 5); }

static void aof_rewrite(RedisModuleIO *io, RedisModuleString *key, void *p) {
    struct value *v = p;
    RedisModule_EmitAOF(io, "types.set", "lsb", (long long)v->version, key, v->text, v->len);
}

/* ---- The other methods ---- */

static size_t mem_usage(const void *p) {
    const struct value *v = p;
    note("mem_usage %s", v->text);
    return 1000 + v->len;
}

static size_t mem_usage2(RedisModuleKeyOptCtx *ctx, const void *p, size_t samples) {
    const struct value *v = p;
    note("mem_usage2 %s db %d samples %zu", name(RedisModule_GetKeyNameFromOptCtx(ctx)),
         RedisModule_GetDbIdFromOptCtx(ctx), samples);
    return 2000 + v->len;
}

static void digest(RedisModuleDigest *md, void *p) {
    struct value *v = p;
    note("digest %s db %d", name(RedisModule_GetKeyNameFromDigest(md)),
         RedisModule_GetDbIdFromDigest(md));
    RedisModule_DigestAddStringBuffer(md, v->text, v->len);
    RedisModule_DigestAddLongLong(md, v->number);
    RedisModule_DigestEndSequence(md);
    RedisModule_DigestAddLongLong(md, 42);
    RedisModule_DigestEndSequence(md);
}

static size_t free_effort(RedisModuleString *key, const void *p) {
    REDISMODULE_NOT_USED(p);
    note("free_effort %s", name(key));
    return effort;
}

static size_t free_effort2(RedisModuleKeyOptCtx *ctx, const void *p) {
    REDISMODULE_NOT_USED(p);
    note("free_effort2 %s db %d", name(RedisModule_GetKeyNameFromOptCtx(ctx)),
         RedisModule_GetDbIdFromOptCtx(ctx));
    return effort;
}

static void unlink_(RedisModuleString *key, const void *p) {
    REDISMODULE_NOT_USED(p);
    note("unlink %s", name(key));
}

static void unlink2(RedisModuleKeyOptCtx *ctx, const void *p) {
    REDISMODULE_NOT_USED(p);
    note("unlink2 %s db %d", name(RedisModule_GetKeyNameFromOptCtx(ctx)),
         RedisModule_GetDbIdFromOptCtx(ctx));
}

static void *duplicate(const struct value *v) {
    /* A text of "refuse" cannot be copied. */
    return strcmp(v->text, "refuse") ? new_value(v->version, v->text, v->len) : NULL;
}

static void *copy(RedisModuleString *from, RedisModuleString *to, const void *p) {
    note("copy %s to %s", name(from), name(to));
    return duplicate(p);
}

static void *copy2(RedisModuleKeyOptCtx *ctx, const void *p) {
    note("copy2 %s db %d to %s db %d", name(RedisModule_GetKeyNameFromOptCtx(ctx)),
         RedisModule_GetDbIdFromOptCtx(ctx), name(RedisModule_GetToKeyNameFromOptCtx(ctx)),
         RedisModule_GetToDbIdFromOptCtx(ctx));
    return duplicate(p);
}

static int aux_load(RedisModuleIO *io, int encver, int when) {
    REDISMODULE_NOT_USED(encver);
    note("aux_load %d", when);
    RedisModule_LoadUnsigned(io);
    return REDISMODULE_OK;
}

static void aux_save(RedisModuleIO *io, int when) {
    note("aux_save %d", when);
    RedisModule_SaveUnsigned(io, 7);
}

static int defrag(RedisModuleDefragCtx *ctx, RedisModuleString *key, void **value) {
    REDISMODULE_NOT_USED(key);
    void *moved = RedisModule_DefragAlloc(ctx, *value);
    if (moved)
        *value = moved;
    return 0;
}

/* ---- Commands ---- */

/* Leaves the command unless the argument is a version. */
#define VERSION(var, arg)                                                                          \
    INTEGER(var, arg);                                                                             \
    if (var < 1 || var > 5)                                                                        \
    return RedisModule_ReplyWithError(ctx, "ERR test: versions are 1 to 5")

/* types.set version key text: [status] of ModuleTypeSetValue, and the type after */
static int set(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(4);
    VERSION(version, argv[1]);
    size_t len;
    const char *text = RedisModule_StringPtrLen(argv[3], &len);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[2], REDISMODULE_READ | REDISMODULE_WRITE);
    int status =
        RedisModule_ModuleTypeSetValue(key, types[version], new_value((int)version, text, len));
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    RedisModule_CloseKey(key);
    RedisModule_ReplicateVerbatim(ctx);
    return REDISMODULE_OK;
}

/* types.setreadonly version key: on a key that is open for reading */
static int set_readonly(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(3);
    VERSION(version, argv[1]);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[2], REDISMODULE_READ);
    if (key == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "no key");
    struct value *v = new_value((int)version, "unused", 6);
    int status = RedisModule_ModuleTypeSetValue(key, types[version], v);
    if (status == REDISMODULE_ERR)
        free_value(v);
    RedisModule_CloseKey(key);
    return reply_status(ctx, status);
}

/* types.get key: [type version or 0, text, number, real] */
static int get(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    RedisModuleType *type = RedisModule_ModuleTypeGetType(key);
    struct value *v = RedisModule_ModuleTypeGetValue(key);
    if (type == NULL || v == NULL) {
        RedisModule_ReplyWithArray(ctx, 2);
        RedisModule_ReplyWithBool(ctx, type != NULL);
        RedisModule_ReplyWithBool(ctx, v != NULL);
    } else {
        RedisModule_ReplyWithArray(ctx, 5);
        RedisModule_ReplyWithLongLong(ctx, type == types[v->version] ? v->version : 0);
        RedisModule_ReplyWithStringBuffer(ctx, v->text, v->len);
        RedisModule_ReplyWithLongLong(ctx, v->number);
        RedisModule_ReplyWithDouble(ctx, v->real);
        RedisModule_ReplyWithLongLong(ctx, RedisModule_ValueLength(key));
    }
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* types.moduletypereplacevalue version key text mode: [status, old text] */
static int replace(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(5);
    VERSION(version, argv[1]);
    size_t len;
    const char *text = RedisModule_StringPtrLen(argv[3], &len);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[2], open_mode(argv[4]));
    if (key == NULL)
        return RedisModule_ReplyWithSimpleString(ctx, "no key");
    struct value *v = new_value((int)version, text, len);
    void *old = NULL;
    int status = RedisModule_ModuleTypeReplaceValue(key, types[version], v, &old);
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    RedisModule_ReplyWithCString(ctx, old ? ((struct value *)old)->text : "none");
    if (old)
        free_value(old);
    if (status == REDISMODULE_ERR)
        free_value(v);
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* types.savedatatypetostring key */
static int to_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_READ);
    RedisModuleType *type = RedisModule_ModuleTypeGetType(key);
    if (type) {
        reply_string(
            ctx, RedisModule_SaveDataTypeToString(ctx, RedisModule_ModuleTypeGetValue(key), type));
    } else {
        RedisModule_ReplyWithNull(ctx);
    }
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* types.loaddatatypefromstring version bytes [encver]: the text that was read */
static int from_string(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (argc != 3 && argc != 4)
        return RedisModule_WrongArity(ctx);
    VERSION(version, argv[1]);
    struct value *v;
    if (argc == 3) {
        v = RedisModule_LoadDataTypeFromString(argv[2], types[version]);
    } else {
        INTEGER(encver, argv[3]);
        v = RedisModule_LoadDataTypeFromStringEncver(argv[2], types[version], (int)encver);
    }
    if (v == NULL)
        return RedisModule_ReplyWithNull(ctx);
    RedisModule_ReplyWithStringBuffer(ctx, v->text, v->len);
    free_value(v);
    return REDISMODULE_OK;
}

/* types.effort n: what free_effort answers from now on */
static int set_effort(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    INTEGER(n, argv[1]);
    effort = n;
    return RedisModule_ReplyWithSimpleString(ctx, "OK");
}

/* types.gettypemethodversion */
static int method_version(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithLongLong(ctx, RedisModule_GetTypeMethodVersion());
}

/* types.setnull version key: NULL is a value like any other */
static int set_null(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    ARITY(2);
    static RedisModuleType *type;
    RedisModuleKey *key = RedisModule_OpenKey(ctx, argv[1], REDISMODULE_WRITE);
    type = types[0];
    RedisModule_ReplyWithArray(ctx, 3);
    reply_status(ctx, RedisModule_ModuleTypeSetValue(key, type, NULL));
    RedisModule_ReplyWithLongLong(ctx, RedisModule_KeyType(key));
    RedisModule_ReplyWithBool(ctx, RedisModule_ModuleTypeGetType(key) == type);
    RedisModule_CloseKey(key);
    return REDISMODULE_OK;
}

/* ---- Creating types ---- */

struct creation {
    const char *what;
    int created, error;
};

static struct creation creations[32];
static int ncreations;

static RedisModuleType *create(RedisModuleCtx *ctx, const char *what, const char *type_name,
                               int encver, RedisModuleTypeMethods *methods) {
    errno = 0;
    RedisModuleType *type = RedisModule_CreateDataType(ctx, type_name, encver, methods);
    creations[ncreations++] = (struct creation){what, type != NULL, errno};
    return type;
}

/* types.createdatatype: what OnLoad got */
static int reply_creations(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, ncreations);
    for (int i = 0; i < ncreations; i++) {
        RedisModule_ReplyWithArray(ctx, 3);
        RedisModule_ReplyWithSimpleString(ctx, creations[i].what);
        RedisModule_ReplyWithLongLong(ctx, creations[i].created);
        reply_errno(ctx, creations[i].created ? 0 : creations[i].error);
    }
    return REDISMODULE_OK;
}

/* types.late: a type outside OnLoad */
static int late(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModuleTypeMethods none = {.version = REDISMODULE_TYPE_METHOD_VERSION};
    errno = 0;
    RedisModuleType *type = RedisModule_CreateDataType(ctx, "types-lat", 0, &none);
    int error = errno;
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithBool(ctx, type != NULL);
    return reply_errno(ctx, type ? 0 : error);
}

/* The methods of a version; what lies beyond it is nonsense. */
static RedisModuleTypeMethods methods(int version) {
    static const RedisModuleTypeLoadFunc loads[] = {NULL, load1, load2, load3, load4, load5};
    RedisModuleTypeMethods m;
    memset(&m, 0x5a, sizeof m);
    m.version = version;
    m.rdb_load = loads[version];
    m.rdb_save = rdb_save;
    m.aof_rewrite = aof_rewrite;
    m.mem_usage = mem_usage;
    m.digest = digest;
    m.free = free_value;
    if (version >= 2) {
        m.aux_load = aux_load;
        m.aux_save = version < 5 ? aux_save : NULL;
        m.aux_save_triggers = REDISMODULE_AUX_BEFORE_RDB | REDISMODULE_AUX_AFTER_RDB;
    }
    if (version >= 3) {
        m.free_effort = free_effort;
        m.unlink = unlink_;
        m.copy = copy;
        m.defrag = defrag;
    }
    if (version >= 4) {
        m.mem_usage2 = mem_usage2;
        m.free_effort2 = free_effort2;
        m.unlink2 = unlink2;
        m.copy2 = copy2;
    }
    if (version >= 5)
        m.aux_save2 = aux_save;
    return m;
}

static void create_types(RedisModuleCtx *ctx) {
    static const char *names[] = {"",          "types-tv1", "types-tv2",
                                  "types-tv3", "types-tv4", "types-tv5"};
    for (int version = 1; version <= 5; version++) {
        RedisModuleTypeMethods m = methods(version);
        types[version] = create(ctx, names[version], names[version], 1, &m);
    }
    RedisModuleTypeMethods m = methods(5), none = {.version = 5};
    types[0] = create(ctx, "no methods", "types-nul", 0, &none);
    create(ctx, "name too short", "short", 1, &m);
    create(ctx, "name too long", "types-long", 1, &m);
    create(ctx, "bad character", "types tv1", 1, &m);
    create(ctx, "reserved name", "AAAAAAAAA", 1, &m);
    create(ctx, "encver -1", "types-enc", -1, &m);
    create(ctx, "encver 1024", "types-enc", 1024, &m);
    create(ctx, "encver 1023", "types-enc", 1023, &m);
    m.version = 0;
    create(ctx, "version 0", "types-ver", 1, &m);
    m.version = 6;
    create(ctx, "version 6", "types-ver", 1, &m);
}

static const struct command commands[] = {
    {"types.log", get_log, "", 0, 0, 0},
    {"types.set", set, "write deny-oom", 2, 2, 1},
    {"types.setreadonly", set_readonly, "write", 2, 2, 1},
    {"types.setnull", set_null, "write", 1, 1, 1},
    {"types.get", get, "readonly", 1, 1, 1},
    {"types.moduletypereplacevalue", replace, "write", 2, 2, 1},
    {"types.savedatatypetostring", to_string, "readonly", 1, 1, 1},
    {"types.loaddatatypefromstring", from_string, "", 0, 0, 0},
    {"types.effort", set_effort, "", 0, 0, 0},
    {"types.gettypemethodversion", method_version, "", 0, 0, 0},
    {"types.createdatatype", reply_creations, "", 0, 0, 0},
    {"types.late", late, "", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "types", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    RedisModule_SetModuleOptions(ctx, REDISMODULE_OPTIONS_HANDLE_IO_ERRORS);
    create_types(ctx);
    return CREATE_COMMANDS(ctx, commands);
}
