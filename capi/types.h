/* types.h: data types of modules, as types.c, rdbio.c and their Go halves share them. */

#ifndef BERTH_CAPI_TYPES_H
#define BERTH_CAPI_TYPES_H

#include "capi_internal.h"

#pragma GCC visibility push(hidden)

struct RedisModuleType {
    rm_module *module;
    uint64_t id;
    int registry; /* the type's number in the keyspace */
    char name[10];
    RedisModuleTypeMethods m; /* fields beyond the module's version are zero */
};

struct RedisModuleKeyOptCtx {
    RedisModuleString *from, *to;
    int from_dbid, to_dbid;
};

/* Saving or loading under way; lives for one callback. */
struct RedisModuleIO {
    uint32_t magic;
    bool error;
    int dbid; /* -1: none */
    RedisModuleType *type;
    RedisModuleString *key; /* NULL: none */
    RedisModuleCtx *ctx;    /* made when it is first asked for */
    int64_t go;             /* number of the reader or writer in Go */
    rm_reply out;           /* fields saved that Go does not have yet */
    const char *in;         /* the payload from where the value begins */
    size_t off, len;        /* what has been read of it, and all of it */
};

/* The name in 54 bits and the encoding version below; 0 for what is no type's name. */
uint64_t rm_type_id(const char *name, int encver);
void rm_type_delete(RedisModuleType *t);

/* The callbacks. Names of keys are borrowed for the call. */
void rm_type_free(RedisModuleType *t, void *value);
size_t rm_type_effort(RedisModuleType *t, const char *key, size_t len, int dbid, void *value);
void rm_type_unlink(RedisModuleType *t, const char *key, size_t len, int dbid, void *value);
void *rm_type_copy(RedisModuleType *t, const char *from, size_t from_len, int from_dbid,
                   const char *to, size_t to_len, int to_dbid, void *value);
size_t rm_type_usage(RedisModuleType *t, const char *key, size_t len, int dbid, void *value,
                     size_t samples);
void rm_type_digest(RedisModuleType *t, const char *key, size_t len, int dbid, void *value,
                    unsigned char out[20]);
/* key may be NULL for a value that has none. go: the number of the writer or reader. Save leaves
 * the fields that Go does not have in out; Load reads from in and tells in off how far it came. */
void rm_type_save(RedisModuleType *t, const char *key, size_t len, int dbid, void *value,
                  int64_t go, rm_reply *out);
void *rm_type_load(RedisModuleType *t, const char *key, size_t len, int dbid, int encver,
                   int64_t go, const char *in, size_t in_len, size_t *off);

/* Begins and ends what a callback that saves or loads is handed. */
void rm_io_begin(RedisModuleIO *io, RedisModuleType *t, const char *key, size_t len, int dbid,
                 int64_t go);
void rm_io_end(RedisModuleIO *io);
/* A length, or an unsigned number, as RDB writes it; at most nine bytes. */
char *rm_put_length(char *p, uint64_t n);

#pragma GCC visibility pop

#endif
