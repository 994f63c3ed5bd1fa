/* confaccess.c: the server's parameters, and those of other modules, read and set by a module. */

#include "capi_internal.h"

#include "_cgo_export.h"

#include <stdlib.h>

struct RedisModuleConfigIterator {
    char *names; /* each NUL terminated, the last followed by an empty one */
    const char *at;
};

/* RM_ConfigIteratorCreate: walks over the names of all parameters, aliases included, or of those
 * that a pattern matches.
 * pattern: as that of CONFIG GET; NULL: all. A hidden parameter is found only by its whole name.
 * To be released with ConfigIteratorRelease; automatic memory does it at the end of ctx.
 * Since: 8.2.0. */
RedisModuleConfigIterator *RM_ConfigIteratorCreate(RedisModuleCtx *ctx, const char *pattern) {
    rm_module *m = ctx != NULL ? ctx->module : rm_module_at(__builtin_return_address(0));
    RedisModuleConfigIterator *iter = rm_malloc(NULL, sizeof(*iter));
    RM_CROSS_READ();
    iter->names = goConfigNames(m != NULL ? m->slot : 0, (char *)pattern);
    iter->at = iter->names;
    if (ctx != NULL)
        rm_am_add(ctx, RM_AM_CONFIGS, iter);
    return iter;
}

void rm_configs_free(RedisModuleConfigIterator *iter) {
    free(iter->names);
    rm_free(NULL, iter);
}

/* RM_ConfigIteratorRelease: ends a walk. ctx: the context it was created with. Since: 8.2.0. */
void RM_ConfigIteratorRelease(RedisModuleCtx *ctx, RedisModuleConfigIterator *iter) {
    if (iter == NULL)
        return;
    if (ctx != NULL)
        rm_am_remove(ctx, RM_AM_CONFIGS, iter);
    rm_configs_free(iter);
}

/* RM_ConfigIteratorNext: the next name, or NULL at the end. It belongs to the iterator and is valid
 * until that is released. Since: 8.2.0. */
const char *RM_ConfigIteratorNext(RedisModuleConfigIterator *iter) {
    if (iter == NULL || iter->at == NULL || *iter->at == '\0')
        return NULL;
    const char *name = iter->at;
    iter->at += strlen(name) + 1;
    return name;
}

static uint32_t slot_of(RedisModuleCtx *ctx, const void *caller) {
    rm_module *m = ctx != NULL ? ctx->module : rm_module_at(caller);
    return m != NULL ? m->slot : 0;
}

#define SLOT(ctx) slot_of(ctx, __builtin_return_address(0))

/* RM_ConfigGetType: a parameter's type. Several text values, as those of save or bind, are a
 * string. res: out. Return REDISMODULE_ERR for an unknown name. Since: 8.2.0. */
int RM_ConfigGetType(const char *name, RedisModuleConfigType *res) {
    int kind = 0;
    RM_CROSS_READ();
    if (!goConfigKind(SLOT(NULL), (char *)name, &kind))
        return REDISMODULE_ERR;
    *res = (RedisModuleConfigType)kind;
    return REDISMODULE_OK;
}

/* RM_ConfigGet: a parameter's value as CONFIG GET shows it.
 * res: out; ownership as with CreateString, without automatic memory when ctx is NULL.
 * Return REDISMODULE_ERR for an unknown name. Since: 8.2.0. */
int RM_ConfigGet(RedisModuleCtx *ctx, const char *name, RedisModuleString **res) {
    RM_CROSS_READ();
    return goConfigText(SLOT(ctx), ctx, (char *)name, -1, res);
}

/* RM_ConfigGetEnum: ConfigGet for a parameter that is one of several words, or several separated
 * by spaces. Return REDISMODULE_ERR also for one of another type. Since: 8.2.0. */
int RM_ConfigGetEnum(RedisModuleCtx *ctx, const char *name, RedisModuleString **res) {
    RM_CROSS_READ();
    return goConfigText(SLOT(ctx), ctx, (char *)name, REDISMODULE_CONFIG_TYPE_ENUM, res);
}

/* RM_ConfigGetBool: a parameter that is yes or no, as 1 or 0.
 * Return REDISMODULE_ERR for an unknown name or another type. Since: 8.2.0. */
int RM_ConfigGetBool(RedisModuleCtx *ctx, const char *name, int *res) {
    long long v = 0;
    RM_CROSS_READ();
    int r = goConfigNumber(SLOT(ctx), (char *)name, REDISMODULE_CONFIG_TYPE_BOOL, &v);
    if (r == REDISMODULE_OK)
        *res = (int)v;
    return r;
}

/* RM_ConfigGetNumeric: a parameter that is a number; a percentage is negative, and what is above
 * the range of long long is cast.
 * Return REDISMODULE_ERR for an unknown name or another type. Since: 8.2.0. */
int RM_ConfigGetNumeric(RedisModuleCtx *ctx, const char *name, long long *res) {
    long long v = 0;
    RM_CROSS_READ();
    int r = goConfigNumber(SLOT(ctx), (char *)name, REDISMODULE_CONFIG_TYPE_NUMERIC, &v);
    if (r == REDISMODULE_OK)
        *res = v;
    return r;
}

static int set(RedisModuleCtx *ctx, const void *caller, const char *name, int kind, rm_slice text,
               RedisModuleString **err) {
    RM_CROSS();
    return goConfigSet(slot_of(ctx, caller), ctx, (char *)name, kind, text, err);
}

static rm_slice slice_of(const RedisModuleString *s) {
    return s != NULL ? (rm_slice){s->ptr, s->len, s->cap} : (rm_slice){"", 0, 0};
}

/* RM_ConfigSet: sets a parameter of any type from its text, and applies it.
 * err: out, may be NULL: why not, ownership as with CreateString; untouched when there is nothing
 * to say.
 * Return REDISMODULE_ERR for an unknown name, a parameter that cannot change, is protected or
 * refuses the value. Since: 8.2.0. */
int RM_ConfigSet(RedisModuleCtx *ctx, const char *name, RedisModuleString *value,
                 RedisModuleString **err) {
    return set(ctx, __builtin_return_address(0), name, -1, slice_of(value), err);
}

/* RM_ConfigSetEnum: ConfigSet for a parameter that is one of several words. Since: 8.2.0. */
int RM_ConfigSetEnum(RedisModuleCtx *ctx, const char *name, RedisModuleString *value,
                     RedisModuleString **err) {
    return set(ctx, __builtin_return_address(0), name, REDISMODULE_CONFIG_TYPE_ENUM,
               slice_of(value), err);
}

/* RM_ConfigSetBool: ConfigSet for a parameter that is yes or no.
 * value: 1 or 0; any other is refused. Since: 8.2.0. */
int RM_ConfigSetBool(RedisModuleCtx *ctx, const char *name, int value, RedisModuleString **err) {
    if (value != 0 && value != 1)
        return REDISMODULE_ERR;
    rm_slice text = value ? (rm_slice){"yes", 3, 3} : (rm_slice){"no", 2, 2};
    return set(ctx, __builtin_return_address(0), name, REDISMODULE_CONFIG_TYPE_BOOL, text, err);
}

/* RM_ConfigSetNumeric: ConfigSet for a number; a negative one is a percentage where the parameter
 * takes one. Since: 8.2.0. */
int RM_ConfigSetNumeric(RedisModuleCtx *ctx, const char *name, long long value,
                        RedisModuleString **err) {
    RM_CROSS();
    return goConfigSetNumber(SLOT(ctx), ctx, (char *)name, value, err);
}
