/* config.c: configurations of a module, of every type.
 *
 * Loaded with the argument nodefaults it does not call LoadConfigs; with defaultsfirst it calls
 * LoadDefaultConfigs before it; with refuse its OnLoad fails at the end. */

#include "testmodule.h"

#include <dlfcn.h>
#include <stdarg.h>

static char notes[8192];

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...) {
    size_t n = strlen(notes);
    va_list ap;
    va_start(ap, fmt);
    if (n < sizeof notes - 256) {
        vsnprintf(notes + n, 250, fmt, ap);
        strcat(notes, ";");
    }
    va_end(ap);
}

/* ---- Values ---- */

static RedisModuleString *strings[2];
static long long numbers[3];
static int bools[2], enums[2];

static RedisModuleString *error(const char *text) {
    return RedisModule_CreateString(NULL, text, strlen(text));
}

static RedisModuleString *get_string(const char *name, void *value) {
    REDISMODULE_NOT_USED(name);
    return *(RedisModuleString **)value;
}

/* Refuses "bad" with a text of its own and "worse" without. */
static int set_string(const char *name, RedisModuleString *s, void *value,
                      RedisModuleString **err) {
    note("set %s %s", name, cstr(s));
    if (is(s, "bad")) {
        *err = error("the module does not like this string");
        return REDISMODULE_ERR;
    }
    if (is(s, "worse"))
        return REDISMODULE_ERR;
    RedisModuleString **slot = value;
    if (*slot)
        RedisModule_FreeString(NULL, *slot);
    RedisModule_RetainString(NULL, s);
    *slot = s;
    return REDISMODULE_OK;
}

static long long get_number(const char *name, void *value) {
    REDISMODULE_NOT_USED(name);
    return *(long long *)value;
}

static int set_number(const char *name, long long n, void *value, RedisModuleString **err) {
    note("set %s %lld", name, n);
    if (n == 13) {
        *err = error("not that number");
        return REDISMODULE_ERR;
    }
    *(long long *)value = n;
    return REDISMODULE_OK;
}

static int get_bool(const char *name, void *value) {
    REDISMODULE_NOT_USED(name);
    return *(int *)value;
}

static int set_bool(const char *name, int b, void *value, RedisModuleString **err) {
    REDISMODULE_NOT_USED(err);
    note("set %s %d", name, b);
    *(int *)value = b;
    return REDISMODULE_OK;
}

static int get_enum(const char *name, void *value) {
    REDISMODULE_NOT_USED(name);
    return *(int *)value;
}

static int set_enum(const char *name, int e, void *value, RedisModuleString **err) {
    REDISMODULE_NOT_USED(err);
    note("set %s %d", name, e);
    *(int *)value = e;
    return REDISMODULE_OK;
}

/* Once for all configurations that share it; refuses when both numbers are 7. */
static int apply(RedisModuleCtx *ctx, void *privdata, RedisModuleString **err) {
    REDISMODULE_NOT_USED(ctx);
    REDISMODULE_NOT_USED(privdata);
    note("apply");
    if (numbers[0] == 7 && numbers[1] == 7) {
        *err = error("both numbers are 7");
        return REDISMODULE_ERR;
    }
    return REDISMODULE_OK;
}

/* ---- Commands ---- */

/* config.log */
static int get_log(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithCString(ctx, notes);
    notes[0] = 0;
    return REDISMODULE_OK;
}

/* config.values: what the module has */
static int values(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, 9);
    for (int i = 0; i < 2; i++)
        strings[i] ? RedisModule_ReplyWithString(ctx, strings[i]) : RedisModule_ReplyWithNull(ctx);
    for (int i = 0; i < 3; i++)
        RedisModule_ReplyWithLongLong(ctx, numbers[i]);
    for (int i = 0; i < 2; i++)
        RedisModule_ReplyWithLongLong(ctx, bools[i]);
    for (int i = 0; i < 2; i++)
        RedisModule_ReplyWithLongLong(ctx, enums[i]);
    return REDISMODULE_OK;
}

/* config.path: of this module's file, for MODULE LOADEX */
static int path(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    Dl_info info;
    dladdr((void *)(uintptr_t)path, &info);
    return RedisModule_ReplyWithCString(ctx, info.dli_fname);
}

struct result {
    const char *what;
    int status, error;
};

static struct result results[40];
static int nresults;

#define NOTE(what, expr)                                                                           \
    do {                                                                                           \
        errno = 0;                                                                                 \
        int status_ = (expr);                                                                      \
        results[nresults++] = (struct result){what, status_, errno};                               \
    } while (0)

/* config.results: of the registrations */
static int get_results(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    RedisModule_ReplyWithArray(ctx, nresults);
    for (int i = 0; i < nresults; i++) {
        RedisModule_ReplyWithArray(ctx, 3);
        RedisModule_ReplyWithSimpleString(ctx, results[i].what);
        reply_status(ctx, results[i].status);
        reply_errno(ctx, results[i].status == REDISMODULE_OK ? 0 : results[i].error);
    }
    return REDISMODULE_OK;
}

/* config.late: registered outside OnLoad */
static int late(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    errno = 0;
    int status =
        RedisModule_RegisterBoolConfig(ctx, "late", 1, 0, get_bool, set_bool, NULL, &bools[0]);
    return reply_status_errno(ctx, status, errno);
}

/* config.loadconfigs: outside OnLoad */
static int load_late(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    errno = 0;
    int status = RedisModule_LoadConfigs(ctx);
    return reply_status_errno(ctx, status, errno);
}

/* config.args: what OnLoad was given */
static char args[256];

static int get_args(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    ARITY(1);
    return RedisModule_ReplyWithCString(ctx, args);
}

/* ---- OnLoad ---- */

static const char *enum_names[] = {"one", "two", "four"};
static const int enum_values[] = {1, 2, 4};

static void register_configs(RedisModuleCtx *ctx) {
    NOTE("string",
         RedisModule_RegisterStringConfig(ctx, "string", "hello", REDISMODULE_CONFIG_DEFAULT,
                                          get_string, set_string, NULL, &strings[0]));
    NOTE("immutable",
         RedisModule_RegisterStringConfig(ctx, "immutable", "fixed", REDISMODULE_CONFIG_IMMUTABLE,
                                          get_string, set_string, NULL, &strings[1]));
    NOTE("number",
         RedisModule_RegisterNumericConfig(ctx, "number", 5, REDISMODULE_CONFIG_DEFAULT, -10, 1000,
                                           get_number, set_number, apply, &numbers[0]));
    NOTE("number2",
         RedisModule_RegisterNumericConfig(ctx, "number2", 6, REDISMODULE_CONFIG_DEFAULT, -10, 1000,
                                           get_number, set_number, apply, &numbers[1]));
    NOTE("memory",
         RedisModule_RegisterNumericConfig(ctx, "memory", 1048576, REDISMODULE_CONFIG_MEMORY, 0,
                                           1LL << 40, get_number, set_number, NULL, &numbers[2]));
    NOTE("bool", RedisModule_RegisterBoolConfig(ctx, "bool", 1, REDISMODULE_CONFIG_DEFAULT,
                                                get_bool, set_bool, NULL, &bools[0]));
    NOTE("hidden", RedisModule_RegisterBoolConfig(
                       ctx, "hidden", 0, REDISMODULE_CONFIG_HIDDEN | REDISMODULE_CONFIG_SENSITIVE,
                       get_bool, set_bool, NULL, &bools[1]));
    NOTE("enum",
         RedisModule_RegisterEnumConfig(ctx, "enum", 2, REDISMODULE_CONFIG_DEFAULT, enum_names,
                                        enum_values, 3, get_enum, set_enum, NULL, &enums[0]));
    NOTE("flags", RedisModule_RegisterEnumConfig(ctx, "flags", 1 | 4, REDISMODULE_CONFIG_BITFLAGS,
                                                 enum_names, enum_values, 3, get_enum, set_enum,
                                                 NULL, &enums[1]));
    static int protected;
    NOTE("protected",
         RedisModule_RegisterBoolConfig(ctx, "protected", 0, REDISMODULE_CONFIG_PROTECTED, get_bool,
                                        set_bool, NULL, &protected));
    static long long unprefixed;
    NOTE("unprefixed", RedisModule_RegisterNumericConfig(
                           ctx, "unprefixed-number", 3, REDISMODULE_CONFIG_UNPREFIXED, 0, 10,
                           get_number, set_number, NULL, &unprefixed));
    static long long aliased;
    NOTE("alias", RedisModule_RegisterNumericConfig(ctx, "config-alias|aliased-number", 4,
                                                    REDISMODULE_CONFIG_UNPREFIXED, 0, 10,
                                                    get_number, set_number, NULL, &aliased));

    /* refused */
    int b;
    NOTE("same name",
         RedisModule_RegisterBoolConfig(ctx, "bool", 1, 0, get_bool, set_bool, NULL, &b));
    NOTE("same name, other case",
         RedisModule_RegisterBoolConfig(ctx, "BOOL", 1, 0, get_bool, set_bool, NULL, &b));
    NOTE("name with a space",
         RedisModule_RegisterBoolConfig(ctx, "a b", 1, 0, get_bool, set_bool, NULL, &b));
    NOTE("name with a dot",
         RedisModule_RegisterBoolConfig(ctx, "a.b", 1, 0, get_bool, set_bool, NULL, &b));
    NOTE("empty name", RedisModule_RegisterBoolConfig(ctx, "", 1, 0, get_bool, set_bool, NULL, &b));
    NOTE("name of the server's",
         RedisModule_RegisterBoolConfig(ctx, "maxmemory", 1, REDISMODULE_CONFIG_UNPREFIXED,
                                        get_bool, set_bool, NULL, &b));
    NOTE("unknown flag",
         RedisModule_RegisterBoolConfig(ctx, "flag", 1, 1 << 20, get_bool, set_bool, NULL, &b));
    NOTE("memory flag of a bool",
         RedisModule_RegisterBoolConfig(ctx, "membool", 1, REDISMODULE_CONFIG_MEMORY, get_bool,
                                        set_bool, NULL, &b));
    NOTE("bit flags of a number",
         RedisModule_RegisterNumericConfig(ctx, "bitnumber", 1, REDISMODULE_CONFIG_BITFLAGS, 0, 9,
                                           get_number, set_number, NULL, &unprefixed));
}

static const struct command commands[] = {
    {"config.log", get_log, "", 0, 0, 0},   {"config.values", values, "", 0, 0, 0},
    {"config.path", path, "", 0, 0, 0},     {"config.results", get_results, "", 0, 0, 0},
    {"config.late", late, "", 0, 0, 0},     {"config.loadconfigs", load_late, "", 0, 0, 0},
    {"config.args", get_args, "", 0, 0, 0},
};

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    if (RedisModule_Init(ctx, "config", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    int load = 1, refuse = 0;
    register_configs(ctx);
    for (int i = 0; i < argc; i++) {
        strncat(args, cstr(argv[i]), 50);
        strcat(args, ";");
        if (is(argv[i], "nodefaults"))
            load = 0;
        if (is(argv[i], "refuse"))
            refuse = 1;
        if (is(argv[i], "defaultsfirst")) {
            NOTE("LoadDefaultConfigs", RedisModule_LoadDefaultConfigs(ctx));
            note("defaults loaded");
        }
    }
    if (load)
        NOTE("LoadConfigs", RedisModule_LoadConfigs(ctx));
    if (CREATE_COMMANDS(ctx, commands) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    return refuse ? REDISMODULE_ERR : REDISMODULE_OK;
}
