/* moduleconf.c: parameters of modules, as CONFIG GET and CONFIG SET know them. */

#include "moduleconf.h"

#include "_cgo_export.h"

#include <stdio.h>
#include <stdlib.h>

#define KNOWN_FLAGS                                                                                \
    (REDISMODULE_CONFIG_IMMUTABLE | REDISMODULE_CONFIG_SENSITIVE | REDISMODULE_CONFIG_HIDDEN |     \
     REDISMODULE_CONFIG_PROTECTED | REDISMODULE_CONFIG_DENY_LOADING | REDISMODULE_CONFIG_MEMORY |  \
     REDISMODULE_CONFIG_BITFLAGS | REDISMODULE_CONFIG_UNPREFIXED)

static int refuse(int error) {
    errno = error;
    return REDISMODULE_ERR;
}

static bool good_flags(const rm_config *c) {
    unsigned int known = KNOWN_FLAGS;
    const char *why = NULL;
    if (c->flags & ~known)
        why = "Invalid flag(s) for configuration";
    else if (c->flags & REDISMODULE_CONFIG_MEMORY && c->kind != RM_CONFIG_NUMERIC &&
             c->kind != RM_CONFIG_UNSIGNED)
        why = "Numeric flag provided for non-numeric configuration.";
    else if (c->flags & REDISMODULE_CONFIG_BITFLAGS && c->kind != RM_CONFIG_ENUM)
        why = "Enum flag provided for non-enum configuration.";
    if (why != NULL)
        rm_server_log(c->module, RM_LOG_WARNING, "%s", why);
    return why == NULL;
}

static bool plain(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           ch == '_' || ch == '-';
}

static bool good_name(const rm_module *m, const char *name) {
    for (const char *p = name; *p != '\0'; p++) {
        if (!plain(*p)) {
            rm_server_log(m, RM_LOG_WARNING, "Invalid character %c in Module resource name %s.", *p,
                          name);
            return false;
        }
    }
    return name[0] != '\0';
}

/* A name without prefix may have one dot, and one alias behind a bar. */
static bool good_unprefixed(const rm_module *m, const char *name) {
    int dots = 0, letters = 0;
    bool alias = false;
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '|' && !alias) {
            if (letters == 0) {
                rm_server_log(m, RM_LOG_WARNING, "Module configuration name is empty: %s", name);
                return false;
            }
            alias = true;
            dots = letters = 0;
        } else if (plain(*p)) {
            letters++;
        } else if (*p != '.') {
            rm_server_log(m, RM_LOG_WARNING,
                          "Invalid character %c in Module configuration name or alias %s.", *p,
                          name);
            return false;
        } else if (++dots > 1) {
            rm_server_log(m, RM_LOG_WARNING,
                          "Invalid character sequence in Module configuration name or alias: %s",
                          name);
            return false;
        }
    }
    if (letters == 0 && name[0] != '\0')
        rm_server_log(m, RM_LOG_WARNING, "Module configuration name or alias is empty : %s", name);
    return letters > 0;
}

static int add(RedisModuleCtx *ctx, rm_config c, const rm_config_spec *spec) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    rm_module *m = ctx->module;
    c.module = m;
    if (!m->in_onload)
        return refuse(EBUSY);
    if (!good_flags(&c))
        return refuse(EINVAL);
    /* To Valkey the bit says that a number has no sign. */
    bool prefixed = rm_valkey(m) || !(c.flags & REDISMODULE_CONFIG_UNPREFIXED);
    if (prefixed ? !good_name(m, spec->name) : !good_unprefixed(m, spec->name))
        return refuse(EINVAL);
    rm_config *mine = rm_malloc(NULL, sizeof(c));
    *mine = c;
    size_t skip = prefixed ? strlen(m->name) + 1 : 0;
    if (asprintf(&mine->full, "%s%s%.*s", prefixed ? m->name : "", prefixed ? "." : "",
                 (int)strcspn(spec->name, "|"), spec->name) < 0)
        abort();
    mine->name = mine->full + skip;
    RM_CROSS();
    int error = goRegisterConfig(mine, (rm_config_spec *)spec);
    if (error != 0) {
        rm_config_free(mine);
        return refuse(error);
    }
    errno = 0;
    return REDISMODULE_OK;
}

void rm_config_free(rm_config *c) {
    free(c->full);
    rm_free(NULL, c);
}

/* RM_RegisterBoolConfig: adds a parameter "module.name" that is yes or no; only while the module
 * is being loaded.
 * name: letters, digits, - and _; with REDISMODULE_CONFIG_UNPREFIXED the whole name, which may
 * have a dot, and an alias after a bar. It is copied. flags: REDISMODULE_CONFIG_*. getfn, setfn:
 * called with the name and privdata to read and set it. applyfn: called once after all values of
 * a CONFIG SET are set, for all parameters with the same applyfn and privdata; may be NULL.
 * Return REDISMODULE_ERR when refused. errno: EBUSY outside of OnLoad, EINVAL for a bad name or
 * flag, EALREADY for a name that is taken. Since: 7.0.0. */
int RM_RegisterBoolConfig(RedisModuleCtx *ctx, const char *name, int default_val,
                          unsigned int flags, RedisModuleConfigGetBoolFunc getfn,
                          RedisModuleConfigSetBoolFunc setfn, RedisModuleConfigApplyFunc applyfn,
                          void *privdata) {
    rm_config c = {.kind = RM_CONFIG_BOOL,
                   .flags = flags,
                   .get.boolean = getfn,
                   .set.boolean = setfn,
                   .apply = applyfn,
                   .privdata = privdata};
    return add(ctx, c, &(rm_config_spec){.name = name, .def = default_val});
}

/* RM_RegisterNumericConfig: RegisterBoolConfig for a number from min to max.
 * Since: 7.0.0. */
int RM_RegisterNumericConfig(RedisModuleCtx *ctx, const char *name, long long default_val,
                             unsigned int flags, long long min, long long max,
                             RedisModuleConfigGetNumericFunc getfn,
                             RedisModuleConfigSetNumericFunc setfn,
                             RedisModuleConfigApplyFunc applyfn, void *privdata) {
    rm_config c = {.kind = RM_CONFIG_NUMERIC,
                   .flags = flags,
                   .get.numeric = getfn,
                   .set.numeric = setfn,
                   .apply = applyfn,
                   .privdata = privdata};
    return add(ctx, c, &(rm_config_spec){.name = name, .def = default_val, .min = min, .max = max});
}

/* VM_RegisterUnsignedNumericConfig: RegisterNumericConfig for numbers up to 2^64-1.
 * Since: Valkey 9.1.0. */
int VM_RegisterUnsignedNumericConfig(RedisModuleCtx *ctx, const char *name,
                                     unsigned long long default_val, unsigned int flags,
                                     unsigned long long min, unsigned long long max,
                                     RedisModuleConfigGetUnsignedNumericFunc getfn,
                                     RedisModuleConfigSetUnsignedNumericFunc setfn,
                                     RedisModuleConfigApplyFunc applyfn, void *privdata) {
    rm_config c = {.kind = RM_CONFIG_UNSIGNED,
                   .flags = flags,
                   .get.natural = getfn,
                   .set.natural = setfn,
                   .apply = applyfn,
                   .privdata = privdata};
    return add(ctx, c,
               &(rm_config_spec){.name = name,
                                 .def = (long long)default_val,
                                 .min = (long long)min,
                                 .max = (long long)max});
}

/* RM_RegisterStringConfig: RegisterBoolConfig for a text.
 * default_val: copied; may be NULL. getfn: the string it returns stays the module's. setfn: the
 * string it gets stays the server's, but can be retained. Since: 7.0.0. */
int RM_RegisterStringConfig(RedisModuleCtx *ctx, const char *name, const char *default_val,
                            unsigned int flags, RedisModuleConfigGetStringFunc getfn,
                            RedisModuleConfigSetStringFunc setfn,
                            RedisModuleConfigApplyFunc applyfn, void *privdata) {
    rm_config c = {.kind = RM_CONFIG_STRING,
                   .flags = flags,
                   .get.string = getfn,
                   .set.string = setfn,
                   .apply = applyfn,
                   .privdata = privdata};
    return add(ctx, c, &(rm_config_spec){.name = name, .def_string = default_val});
}

/* RM_RegisterEnumConfig: RegisterBoolConfig for one of several words or, with
 * REDISMODULE_CONFIG_BITFLAGS, any number of them.
 * enum_values, int_values: num_enum_vals words and their values; copied. Since: 7.0.0. */
int RM_RegisterEnumConfig(RedisModuleCtx *ctx, const char *name, int default_val,
                          unsigned int flags, const char **enum_values, const int *int_values,
                          int num_enum_vals, RedisModuleConfigGetEnumFunc getfn,
                          RedisModuleConfigSetEnumFunc setfn, RedisModuleConfigApplyFunc applyfn,
                          void *privdata) {
    rm_config c = {.kind = RM_CONFIG_ENUM,
                   .flags = flags,
                   .get.choice = getfn,
                   .set.choice = setfn,
                   .apply = applyfn,
                   .privdata = privdata};
    return add(ctx, c,
               &(rm_config_spec){.name = name,
                                 .def = default_val,
                                 .names = enum_values,
                                 .values = int_values,
                                 .nvalues = num_enum_vals});
}

static int load(RedisModuleCtx *ctx, int defaults) {
    if (ctx == NULL || !ctx->module->in_onload)
        return REDISMODULE_ERR;
    RM_CROSS();
    return goLoadConfigs(ctx->module->slot, defaults);
}

/* RM_LoadConfigs: gives every parameter of the module its value, from the configuration file,
 * from MODULE LOADEX or the default; a module that registers parameters must call it in OnLoad.
 * Return REDISMODULE_ERR outside of OnLoad and when a value is refused. Since: 7.0.0. */
int RM_LoadConfigs(RedisModuleCtx *ctx) { return load(ctx, 0); }

/* RM_LoadDefaultConfigs: gives every parameter of the module its default. LoadConfigs then leaves
 * those alone that are not configured. Return REDISMODULE_ERR outside of OnLoad, a second time or
 * after LoadConfigs, and when a default is refused. Since: 8.0.0. */
int RM_LoadDefaultConfigs(RedisModuleCtx *ctx) { return load(ctx, 1); }

/* Callbacks count as calls, so that a module is not unloaded from within one. */

long long rm_config_get(const rm_config *c) {
    long long v;
    c->module->in_calls++;
    switch (c->kind) {
    case RM_CONFIG_BOOL:
        v = c->get.boolean(c->name, c->privdata);
        break;
    case RM_CONFIG_ENUM:
        v = c->get.choice(c->name, c->privdata);
        break;
    case RM_CONFIG_UNSIGNED:
        v = (long long)c->get.natural(c->name, c->privdata);
        break;
    default:
        v = c->get.numeric(c->name, c->privdata);
    }
    c->module->in_calls--;
    return v;
}

RedisModuleString *rm_config_get_string(const rm_config *c) {
    c->module->in_calls++;
    RedisModuleString *s = c->get.string(c->name, c->privdata);
    c->module->in_calls--;
    return s;
}

bool rm_config_set(const rm_config *c, long long v, RedisModuleString **error) {
    int r;
    c->module->in_calls++;
    switch (c->kind) {
    case RM_CONFIG_BOOL:
        r = c->set.boolean(c->name, (int)v, c->privdata, error);
        break;
    case RM_CONFIG_ENUM:
        /* By its full name: an oddity of Redis 8.0. */
        r = c->set.choice(c->full, (int)v, c->privdata, error);
        break;
    case RM_CONFIG_UNSIGNED:
        r = c->set.natural(c->name, (unsigned long long)v, c->privdata, error);
        break;
    default:
        r = c->set.numeric(c->name, v, c->privdata, error);
    }
    c->module->in_calls--;
    return r == REDISMODULE_OK;
}

bool rm_config_set_string(const rm_config *c, const char *p, size_t n, RedisModuleString **error) {
    RedisModuleString *s = rm_str_new(c->module, p, n);
    c->module->in_calls++;
    int r = c->set.string(c->name, s, c->privdata, error);
    c->module->in_calls--;
    rm_str_decr(s);
    return r == REDISMODULE_OK;
}

bool rm_config_apply(const rm_config *c, int64_t call, RedisModuleString **error) {
    RedisModuleCtx *ctx = rm_ctx_new(c->module, RMC_TEMP);
    ctx->go = call;
    c->module->in_calls++;
    int r = c->apply(ctx, c->privdata, error);
    c->module->in_calls--;
    rm_ctx_end(ctx);
    return r == REDISMODULE_OK;
}
