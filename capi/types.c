/* types.c: data types of modules: declaring them, and values under keys. Saving and loading is in
 * rdbio.c, digests are in digest.c. */

#include "types.h"

#include "_cgo_export.h"

#define NAME_LEN 9
#define MAX_ENCVER 1023

uint64_t rm_type_id(const char *name, int encver) {
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (strlen(name) != NAME_LEN || encver < 0 || encver > MAX_ENCVER)
        return 0;
    uint64_t id = 0;
    for (int i = 0; i < NAME_LEN; i++) {
        const char *at = strchr(set, name[i]);
        if (at == NULL)
            return 0;
        id = id << 6 | (uint64_t)(at - set);
    }
    return id << 10 | (uint64_t)encver;
}

/* The bytes of the methods struct that a version has. */
static size_t methods_size(uint64_t version) {
    switch (version) {
    case 1:
        return offsetof(RedisModuleTypeMethods, aux_load);
    case 2:
        return offsetof(RedisModuleTypeMethods, free_effort);
    case 3:
        return offsetof(RedisModuleTypeMethods, mem_usage2);
    case 4:
        return offsetof(RedisModuleTypeMethods, aux_save2);
    default: /* a newer one begins with what is known here */
        return sizeof(RedisModuleTypeMethods);
    }
}

/* RM_CreateDataType: declares a data type; only while the module is being loaded.
 * name: nine characters of A-Z a-z 0-9 - _, unlike any other type's. encver: 0 to 1023, the
 * version of the format that rdb_save writes. methods: its fields are read up to the version that
 * it states, and copied.
 * Return the type, the server's; NULL when refused. errno: not set. Since: 4.0.0. */
RedisModuleType *RM_CreateDataType(RedisModuleCtx *ctx, const char *name, int encver,
                                   RedisModuleTypeMethods *methods) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    rm_module *m = ctx->module;
    uint64_t id = m->in_onload ? rm_type_id(name, encver) : 0;
    if (id == 0 || methods->version == 0)
        return NULL;
    RedisModuleType *t = rm_zalloc(NULL, sizeof(*t));
    t->module = m;
    t->id = id;
    memcpy(t->name, name, sizeof(t->name));
    memcpy(&t->m, methods, methods_size(methods->version));
    RM_CROSS();
    t->registry = goCreateDataType(t);
    if (t->registry == 0) {
        rm_free(NULL, t);
        return NULL;
    }
    return t;
}

void rm_type_delete(RedisModuleType *t) { rm_free(NULL, t); }

/* RM_ModuleTypeSetValue: stores a value under a key that is open for writing, in place of what is
 * there, its expire included. The value belongs to the server from then on.
 * Return REDISMODULE_ERR when the key is not open for writing or is being iterated.
 * Since: 4.0.0. */
int RM_ModuleTypeSetValue(RedisModuleKey *key, RedisModuleType *mt, void *value) {
    RM_CHECK(key, RM_MAGIC_KEY);
    if (!(key->mode & REDISMODULE_WRITE) || rm_key_iterates(key))
        return REDISMODULE_ERR;
    RM_CROSS();
    return goModuleTypeSetValue(key, mt, value);
}

static bool holds_module_value(RedisModuleKey *key) {
    if (key == NULL)
        return false;
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    return key->type == REDISMODULE_KEYTYPE_MODULE;
}

/* RM_ModuleTypeGetType: the type of a module's value; NULL for NULL, an empty key and values of
 * Redis's own types. Since: 4.0.0. */
RedisModuleType *RM_ModuleTypeGetType(RedisModuleKey *key) {
    return holds_module_value(key) ? key->mt : NULL;
}

/* RM_ModuleTypeGetValue: a module's value, which stays the server's; NULL as from
 * ModuleTypeGetType. Since: 4.0.0. */
void *RM_ModuleTypeGetValue(RedisModuleKey *key) {
    return holds_module_value(key) ? key->mv : NULL;
}

/* RM_ModuleTypeReplaceValue: exchanges the value of a key that is open for writing for another of
 * the same type, keeping the key's expire.
 * old_value: out, the old value, which is the caller's then; may be NULL.
 * Return REDISMODULE_ERR when the key is not open for writing, is being iterated, or holds no
 * value of that type. Since: 6.0.0. */
int RM_ModuleTypeReplaceValue(RedisModuleKey *key, RedisModuleType *mt, void *new_value,
                              void **old_value) {
    RM_CHECK(key, RM_MAGIC_KEY);
    if (!(key->mode & REDISMODULE_WRITE) || rm_key_iterates(key) || !holds_module_value(key) ||
        key->mt != mt)
        return REDISMODULE_ERR;
    if (old_value != NULL)
        *old_value = key->mv;
    RM_CROSS();
    goModuleTypeReplaceValue(key, new_value);
    return REDISMODULE_OK;
}

void rm_type_free(RedisModuleType *t, void *value) {
    if (t->m.free != NULL)
        t->m.free(value);
}

/* String objects for the names of keys, while a callback runs. A module may retain them. */
typedef struct names {
    rm_argblock *block;
    RedisModuleKeyOptCtx ctx;
} names;

static void names_begin(names *n, RedisModuleType *t, const char *key, size_t len, int dbid) {
    n->block = rm_args_new(t->module, &(rm_slice){.ptr = key, .len = len}, 1);
    n->ctx = (RedisModuleKeyOptCtx){.from = &n->block->s[0], .from_dbid = dbid, .to_dbid = -1};
}

size_t rm_type_effort(RedisModuleType *t, const char *key, size_t len, int dbid, void *value) {
    if (t->m.free_effort == NULL && t->m.free_effort2 == NULL)
        return 1;
    names n;
    names_begin(&n, t, key, len, dbid);
    size_t effort = t->m.free_effort2 != NULL ? t->m.free_effort2(&n.ctx, value)
                                              : t->m.free_effort(n.ctx.from, value);
    rm_args_release(n.block);
    return effort;
}

void rm_type_unlink(RedisModuleType *t, const char *key, size_t len, int dbid, void *value) {
    if (t->m.unlink == NULL && t->m.unlink2 == NULL)
        return;
    names n;
    names_begin(&n, t, key, len, dbid);
    if (t->m.unlink2 != NULL)
        t->m.unlink2(&n.ctx, value);
    else
        t->m.unlink(n.ctx.from, value);
    rm_args_release(n.block);
}

void *rm_type_copy(RedisModuleType *t, const char *from, size_t from_len, int from_dbid,
                   const char *to, size_t to_len, int to_dbid, void *value) {
    if (t->m.copy == NULL && t->m.copy2 == NULL)
        return NULL;
    rm_slice keys[2] = {{.ptr = from, .len = from_len}, {.ptr = to, .len = to_len}};
    rm_argblock *b = rm_args_new(t->module, keys, 2);
    RedisModuleKeyOptCtx ctx = {&b->s[0], &b->s[1], from_dbid, to_dbid};
    void *copy = t->m.copy2 != NULL ? t->m.copy2(&ctx, value) : t->m.copy(ctx.from, ctx.to, value);
    rm_args_release(b);
    return copy;
}

size_t rm_type_usage(RedisModuleType *t, const char *key, size_t len, int dbid, void *value,
                     size_t samples) {
    if (t->m.mem_usage2 == NULL)
        return t->m.mem_usage != NULL ? t->m.mem_usage(value) : 0;
    names n;
    names_begin(&n, t, key, len, dbid);
    size_t bytes = t->m.mem_usage2(&n.ctx, value, samples);
    rm_args_release(n.block);
    return bytes;
}

void rm_type_digest(RedisModuleType *t, const char *key, size_t len, int dbid, void *value,
                    unsigned char out[20]) {
    names n;
    names_begin(&n, t, key, len, dbid);
    RedisModuleDigest md = {.key = n.ctx.from, .dbid = dbid};
    t->m.digest(&md, value);
    memcpy(out, md.x, sizeof(md.x));
    rm_args_release(n.block);
}

/* RM_GetKeyNameFromOptCtx: the name of the key that a callback is about, of the source in copy2.
 * It belongs to the server, for the callback. Since: 7.0.0. */
const RedisModuleString *RM_GetKeyNameFromOptCtx(RedisModuleKeyOptCtx *ctx) { return ctx->from; }

/* RM_GetToKeyNameFromOptCtx: the name of the destination in copy2, else NULL. Since: 7.0.0. */
const RedisModuleString *RM_GetToKeyNameFromOptCtx(RedisModuleKeyOptCtx *ctx) { return ctx->to; }

/* RM_GetDbIdFromOptCtx: the database of the key that a callback is about. Since: 7.0.0. */
int RM_GetDbIdFromOptCtx(RedisModuleKeyOptCtx *ctx) { return ctx->from_dbid; }

/* RM_GetToDbIdFromOptCtx: the database of the destination in copy2, else -1. Since: 7.0.0. */
int RM_GetToDbIdFromOptCtx(RedisModuleKeyOptCtx *ctx) { return ctx->to_dbid; }
