/* rdbio.c: saving and loading values of data types, to and from RDB payloads. What is plain is
 * encoded and decoded here; Go is asked for compressed strings and for everything unusual. */

#include "child.h"

#include "_cgo_export.h"

#include <stdio.h>

void rm_io_begin(RedisModuleIO *io, RedisModuleType *t, const char *key, size_t len, int dbid,
                     int64_t go) {
    *io = (RedisModuleIO){.magic = RM_MAGIC_IO, .type = t, .dbid = dbid, .go = go};
    if (key != NULL)
        io->key = &rm_args_new(t->module, &(rm_slice){.ptr = key, .len = len}, 1)->s[0];
}

void rm_io_end(RedisModuleIO *io) {
    if (io->ctx != NULL)
        rm_ctx_end(io->ctx);
    if (io->key != NULL)
        rm_args_release(io->key->block);
    io->magic = RM_DEAD;
}

void rm_type_save(RedisModuleType *t, const char *key, size_t len, int dbid, void *value,
                  int64_t go, rm_reply *out) {
    if (t->m.rdb_save == NULL)
        return;
    RedisModuleIO io;
    rm_io_begin(&io, t, key, len, dbid, go);
    t->m.rdb_save(&io, value);
    rm_io_end(&io);
    *out = io.out;
}

void *rm_type_load(RedisModuleType *t, const char *key, size_t len, int dbid, int encver,
                   int64_t go, const char *in, size_t in_len, size_t *off) {
    if (t->m.rdb_load == NULL)
        return NULL;
    RedisModuleIO io;
    rm_io_begin(&io, t, key, len, dbid, go);
    io.in = in;
    io.len = in_len;
    void *value = t->m.rdb_load(&io, encver);
    rm_io_end(&io);
    *off = io.off;
    return value;
}

/* ---- Saving ---- */

/* The kinds of fields. */
enum { FIELD_UNSIGNED = 2, FIELD_FLOAT = 3, FIELD_DOUBLE = 4, FIELD_STRING = 5 };

#define MAX_HEAD 16         /* of a field: its kind and a length */
#define NEVER_COMPRESSED 20 /* bytes of a string */
#define FLUSH (64 * 1024)

/* A length, or an unsigned number, as RDB writes it. */
char *rm_put_length(char *p, uint64_t n) {
    if (n < 1 << 6) {
        *p++ = (char)n;
    } else if (n < 1 << 14) {
        *p++ = (char)(0x40 | n >> 8);
        *p++ = (char)n;
    } else {
        bool wide = n > UINT32_MAX;
        *p++ = (char)(wide ? 0x81 : 0x80);
        for (int shift = wide ? 56 : 24; shift >= 0; shift -= 8)
            *p++ = (char)(n >> shift);
    }
    return p;
}

static char *put_little(char *p, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++)
        *p++ = (char)(v >> (8 * i));
    return p;
}

static void flush(RedisModuleIO *io) {
    if (io->out.len == 0)
        return;
    if (rm_state.in_child) {
        rm_child_put(&io->out);
        return;
    }
    RM_CROSS_READ();
    goSaveEncoded(io, io->out.buf, io->out.len);
    io->out.len = 0;
}

static void put_field(RedisModuleIO *io, const char *head, const char *end, const char *data,
                      size_t len) {
    if (RM_UNLIKELY(io->out.len >= FLUSH))
        flush(io);
    rm_reply_raw(NULL, &io->out, head, (size_t)(end - head));
    if (len > 0)
        rm_reply_raw(NULL, &io->out, data, len);
}

/* RM_IsIOError: whether a Load function has failed, for modules that have set
 * REDISMODULE_OPTIONS_HANDLE_IO_ERRORS. Since: 6.0.0. */
int RM_IsIOError(RedisModuleIO *io) { return io->error; }

/* RM_SaveUnsigned: saves an integer. Since: 4.0.0. */
void RM_SaveUnsigned(RedisModuleIO *io, uint64_t value) {
    RM_CHECK(io, RM_MAGIC_IO);
    char head[MAX_HEAD] = {FIELD_UNSIGNED};
    put_field(io, head, rm_put_length(head + 1, value), NULL, 0);
}

/* RM_SaveSigned: saves an integer. Since: 4.0.0. */
void RM_SaveSigned(RedisModuleIO *io, int64_t value) { RM_SaveUnsigned(io, (uint64_t)value); }

/* RM_SaveStringBuffer: saves len bytes. Since: 4.0.0. */
void RM_SaveStringBuffer(RedisModuleIO *io, const char *str, size_t len) {
    RM_CHECK(io, RM_MAGIC_IO);
    /* In a child nothing is compressed: the writer of the file does that. */
    if (len > NEVER_COMPRESSED && !rm_state.in_child) {
        flush(io);
        RM_CROSS_READ();
        goSaveString(io, (char *)str, len);
        return;
    }
    char head[MAX_HEAD] = {FIELD_STRING};
    long long n;
    /* The text of a small integer is written as the integer. */
    if (len <= 11 && rm_str2ll(str, len, &n) && n >= INT32_MIN && n <= INT32_MAX) {
        int size = n == (int8_t)n ? 0 : n == (int16_t)n ? 1 : 2;
        head[1] = (char)(0xc0 | size);
        put_field(io, head, put_little(head + 2, (uint64_t)n, 1 << size), NULL, 0);
    } else {
        put_field(io, head, rm_put_length(head + 1, len), str, len);
    }
}

/* RM_SaveString: saves a string object's bytes. Since: 4.0.0. */
void RM_SaveString(RedisModuleIO *io, RedisModuleString *s) {
    RM_CHECK(s, RM_MAGIC_STRING);
    RM_SaveStringBuffer(io, s->ptr, s->len);
}

/* RM_SaveDouble: saves a double, NaN and infinities too. Since: 4.0.0. */
void RM_SaveDouble(RedisModuleIO *io, double value) {
    RM_CHECK(io, RM_MAGIC_IO);
    char head[MAX_HEAD] = {FIELD_DOUBLE};
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    put_field(io, head, put_little(head + 1, bits, sizeof(bits)), NULL, 0);
}

/* RM_SaveFloat: saves a float. Since: 4.0.0. */
void RM_SaveFloat(RedisModuleIO *io, float value) {
    RM_CHECK(io, RM_MAGIC_IO);
    char head[MAX_HEAD] = {FIELD_FLOAT};
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    put_field(io, head, put_little(head + 1, bits, sizeof(bits)), NULL, 0);
}

/* RM_SaveLongDouble: saves a long double, as the hexadecimal text that loses nothing.
 * Since: 6.0.0. */
void RM_SaveLongDouble(RedisModuleIO *io, long double value) {
    char buf[64];
    int n = snprintf(buf, sizeof(buf), "%La", value);
    RM_SaveStringBuffer(io, buf, (size_t)n);
}

/* ---- Loading ---- */

/* A field's beginning when it is of the kind, with room for a number behind it; else NULL, and
 * Go has a look. */
static const unsigned char *field(const RedisModuleIO *io, int kind) {
    if (io->error || io->len - io->off < MAX_HEAD)
        return NULL;
    const unsigned char *p = (const unsigned char *)io->in + io->off;
    return *p == kind ? p + 1 : NULL;
}

static void took(RedisModuleIO *io, const unsigned char *end) {
    io->off = (size_t)((const char *)end - io->in);
}

/* Reads a length; NULL for a special encoding. */
static const unsigned char *get_length(const unsigned char *p, uint64_t *n) {
    if (*p < 0x40) {
        *n = *p;
        return p + 1;
    }
    if (*p < 0x80) {
        *n = (uint64_t)(*p & 0x3f) << 8 | p[1];
        return p + 2;
    }
    if (*p > 0x81)
        return NULL;
    int size = *p == 0x81 ? 8 : 4;
    *n = 0;
    for (int i = 1; i <= size; i++)
        *n = *n << 8 | p[i];
    return p + 1 + size;
}

static uint64_t get_little(const unsigned char *p, int bytes) {
    uint64_t v = 0;
    while (bytes-- > 0)
        v = v << 8 | p[bytes];
    return v;
}

/* A read failed. A module that has not said that it looks at IsIOError gets zeros and empty
 * strings, and what it makes of them is thrown away; Redis would end the process. */
static void failed(RedisModuleIO *io) {
    if (io->error)
        return;
    io->error = true;
    if (io->type->module->options & REDISMODULE_OPTIONS_HANDLE_IO_ERRORS)
        return;
    rm_server_log(io->type->module, RM_LOG_WARNING,
                  "Error loading data from RDB (short read or EOF). Read performed by module '%s' "
                  "about type '%s' of a value for key named: '%s'.",
                  rm_module_name(io->type->module), io->type->name,
                  io->key != NULL ? RM_StringPtrLen(io->key, NULL) : "(null)");
}

/* RM_LoadUnsigned: the integer that SaveUnsigned saved; 0 on failure. Since: 4.0.0. */
uint64_t RM_LoadUnsigned(RedisModuleIO *io) {
    RM_CHECK(io, RM_MAGIC_IO);
    uint64_t v = 0;
    const unsigned char *p = field(io, FIELD_UNSIGNED);
    if (p != NULL && (p = get_length(p, &v)) != NULL) {
        took(io, p);
        return v;
    }
    RM_CROSS_READ();
    if (!goLoadUnsigned(io, &v))
        failed(io);
    return v;
}

/* RM_LoadSigned: the integer that SaveSigned saved; 0 on failure. Since: 4.0.0. */
int64_t RM_LoadSigned(RedisModuleIO *io) { return (int64_t)RM_LoadUnsigned(io); }

/* The bytes of a string, good until the next read. */
static const char *load_bytes(RedisModuleIO *io, size_t *len) {
    RM_CHECK(io, RM_MAGIC_IO);
    const unsigned char *p = field(io, FIELD_STRING);
    uint64_t n;
    if (p != NULL && (p = get_length(p, &n)) != NULL &&
        n <= io->len - (size_t)((const char *)p - io->in)) {
        took(io, p + n);
        *len = n;
        return (const char *)p;
    }
    uintptr_t at = 0;
    *len = 0;
    RM_CROSS_READ();
    if (goLoadString(io, &at, len))
        return *len != 0 ? (const char *)at : "";
    failed(io);
    return io->type->module->options & REDISMODULE_OPTIONS_HANDLE_IO_ERRORS ? NULL : "";
}

/* RM_LoadString: the string that SaveString or SaveStringBuffer saved, to be freed with
 * FreeString; NULL on failure. Since: 4.0.0. */
RedisModuleString *RM_LoadString(RedisModuleIO *io) {
    size_t len;
    const char *p = load_bytes(io, &len);
    return p != NULL ? rm_str_new(io->type->module, p, len) : NULL;
}

/* RM_LoadStringBuffer: LoadString into memory to be freed with Free.
 * lenptr: out, the number of bytes, after which there is a NUL; may be NULL. Since: 4.0.0. */
char *RM_LoadStringBuffer(RedisModuleIO *io, size_t *lenptr) {
    size_t len;
    const char *p = load_bytes(io, &len);
    if (lenptr != NULL)
        *lenptr = len;
    if (p == NULL)
        return NULL;
    char *buf = rm_malloc(io->type->module, len + 1);
    memcpy(buf, p, len);
    buf[len] = '\0';
    return buf;
}

/* RM_LoadDouble: the number that SaveDouble saved; 0 on failure. Since: 4.0.0. */
double RM_LoadDouble(RedisModuleIO *io) {
    RM_CHECK(io, RM_MAGIC_IO);
    double v = 0;
    const unsigned char *p = field(io, FIELD_DOUBLE);
    if (p != NULL) {
        uint64_t bits = get_little(p, sizeof(bits));
        memcpy(&v, &bits, sizeof(v));
        took(io, p + sizeof(bits));
        return v;
    }
    RM_CROSS_READ();
    if (!goLoadDouble(io, &v))
        failed(io);
    return v;
}

/* RM_LoadFloat: the number that SaveFloat saved; 0 on failure. Since: 4.0.0. */
float RM_LoadFloat(RedisModuleIO *io) {
    RM_CHECK(io, RM_MAGIC_IO);
    float v = 0;
    const unsigned char *p = field(io, FIELD_FLOAT);
    if (p != NULL) {
        uint32_t bits = (uint32_t)get_little(p, sizeof(bits));
        memcpy(&v, &bits, sizeof(v));
        took(io, p + sizeof(bits));
        return v;
    }
    RM_CROSS_READ();
    if (!goLoadFloat(io, &v))
        failed(io);
    return v;
}

/* RM_LoadLongDouble: the number that SaveLongDouble saved; 0 on failure. Since: 6.0.0. */
long double RM_LoadLongDouble(RedisModuleIO *io) {
    size_t len;
    const char *p = load_bytes(io, &len);
    long double v = 0;
    if (p != NULL)
        rm_str2longdouble(p, len, &v);
    return v;
}

/* RM_LogIOError: writes a line "<module> text" to the log from a saving or loading callback.
 * level and fmt: as for Log. Since: 4.0.0. */
void RM_LogIOError(RedisModuleIO *io, const char *levelstr, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    rm_vlog(io->type->module, rm_log_level(levelstr), fmt, ap);
    va_end(ap);
}

/* RM_GetContextFromIO: a context for the callback, to log with or to make strings; it ends with
 * the callback. Since: 4.0.0. */
RedisModuleCtx *RM_GetContextFromIO(RedisModuleIO *io) {
    if (io->ctx == NULL)
        io->ctx = rm_ctx_new(io->type->module, RMC_TEMP);
    return io->ctx;
}

/* RM_GetKeyNameFromIO: the name of the key that is saved or loaded, the server's; NULL where
 * there is none. Since: 5.0.5. */
const RedisModuleString *RM_GetKeyNameFromIO(RedisModuleIO *io) { return io->key; }

/* RM_GetDbIdFromIO: the database of the key that is saved or loaded; -1 where there is none.
 * Since: 7.0.0. */
int RM_GetDbIdFromIO(RedisModuleIO *io) { return io->dbid; }

/* RM_LoadDataTypeFromStringEncver: makes a value of what SaveDataTypeToString gave.
 * encver: handed to rdb_load. Return the value, the caller's; NULL when rdb_load gives none.
 * Since: 7.0.0. */
void *RM_LoadDataTypeFromStringEncver(const RedisModuleString *str, const RedisModuleType *mt,
                                      int encver) {
    RM_CROSS();
    return (void *)goLoadDataType((RedisModuleString *)str, (RedisModuleType *)mt, encver);
}

/* RM_LoadDataTypeFromString: LoadDataTypeFromStringEncver with encver 0. Since: 6.0.0. */
void *RM_LoadDataTypeFromString(const RedisModuleString *str, const RedisModuleType *mt) {
    return RM_LoadDataTypeFromStringEncver(str, mt, 0);
}

/* RM_SaveDataTypeToString: what rdb_save writes for a value, as a string object.
 * ctx: may be NULL. Ownership as with CreateString. Since: 6.0.0. */
RedisModuleString *RM_SaveDataTypeToString(RedisModuleCtx *ctx, void *data,
                                           const RedisModuleType *mt) {
    RM_CROSS_READ();
    return goSaveDataType(ctx, data, (RedisModuleType *)mt);
}
