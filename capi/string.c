/* string.c: string objects.
 *
 * A string that a module makes is one allocation, struct and bytes together. The arguments of a
 * command are different: their structs lie side by side in an rm_argblock, and their bytes stay
 * in the client's query buffer until the module asks for them. Passing an argument on, to
 * HashSet say, copies nothing; looking at it copies it once, because modules rely on a NUL at the
 * end and, after RetainString, on the address they saw before. */

#include "capi_internal.h"

#include <stdio.h>

#define ARENA 1024    /* bytes of arguments that need no allocation of their own */
#define BLOCK_ROOM 16 /* structs in a block that is kept for reuse */
#define MAX_SPARE_BLOCKS 8

static __thread rm_argblock *spare;
static __thread int nspare;

rm_argblock *rm_args_new(const rm_module *m, const rm_slice *argv, int argc) {
    uint32_t n = (uint32_t)argc;
    rm_argblock *b = NULL;
    if (n <= BLOCK_ROOM && spare != NULL) {
        b = spare;
        spare = b->next;
        nspare--;
    } else {
        uint32_t room = n < BLOCK_ROOM ? BLOCK_ROOM : n;
        b = rm_malloc(NULL, sizeof(*b) + room * sizeof(RedisModuleString) + ARENA);
        b->room = room;
        b->arena = (char *)&b->s[room];
        b->arena_cap = ARENA;
    }
    b->live = n + 1;
    b->n = n;
    b->arena_used = 0;
    uint16_t slot = m == NULL ? 0 : (uint16_t)m->slot;
    for (uint32_t i = 0; i < n; i++)
        b->s[i] = (RedisModuleString){.ptr = (char *)argv[i].ptr,
                                      .len = argv[i].len,
                                      .magic = RM_MAGIC_STRING,
                                      .refcount = 1,
                                      .flags = RMS_BORROWED,
                                      .slot = slot,
                                      .block = b};
    return b;
}

/* A string of the block is gone, or its command has ended. A module's thread may free the last
 * string it retained without the lock, so this count alone is atomic. */
static void block_decr(rm_argblock *b, uint32_t by) {
    if (__atomic_sub_fetch(&b->live, by, __ATOMIC_ACQ_REL) == 0)
        rm_free(NULL, b);
}

static void free_bytes(RedisModuleString *s) {
    if (s->flags & RMS_HEAP)
        rm_free_slot(s->slot, s->ptr);
}

void rm_args_release(rm_argblock *b) {
    uint32_t dead = 1;
    for (uint32_t i = 0; i < b->n; i++) {
        RedisModuleString *s = &b->s[i];
        if (s->magic == RM_DEAD)
            continue; /* the module freed it, which counted it off */
        if (--s->refcount == 0) {
            free_bytes(s);
            s->magic = RM_DEAD;
            dead++;
        } else {
            rm_str_own(s);
        }
    }
    if (b->room == BLOCK_ROOM && nspare < MAX_SPARE_BLOCKS &&
        __atomic_load_n(&b->live, __ATOMIC_ACQUIRE) == dead) {
        if (nspare == 0)
            rm_thread_keeps();
        b->next = spare;
        spare = b;
        nspare++;
        return;
    }
    block_decr(b, dead);
}

void rm_args_forget(void) {
    while (spare != NULL) {
        rm_argblock *b = spare;
        spare = b->next;
        rm_free(NULL, b);
    }
    nspare = 0;
}

RedisModuleString *rm_str_new(const rm_module *m, const char *ptr, size_t len) {
    RedisModuleString *s = rm_malloc(m, sizeof(*s) + len + 1);
    char *bytes = (char *)(s + 1);
    *s = (RedisModuleString){.ptr = bytes,
                             .len = len,
                             .cap = len,
                             .magic = RM_MAGIC_STRING,
                             .refcount = 1,
                             .flags = RMS_INLINE,
                             .slot = m == NULL ? 0 : (uint16_t)m->slot};
    if (ptr != NULL)
        memcpy(bytes, ptr, len);
    bytes[len] = '\0';
    return s;
}

void rm_str_incr(RedisModuleString *s) { s->refcount++; }

void rm_str_decr(RedisModuleString *s) {
    if (--s->refcount != 0)
        return;
    free_bytes(s);
    s->magic = RM_DEAD;
    if (s->block != NULL)
        block_decr(s->block, 1);
    else
        rm_free_slot(s->slot, s);
}

void rm_str_own(RedisModuleString *s) {
    if (RM_LIKELY(!(s->flags & RMS_BORROWED)))
        return;
    rm_argblock *b = s->block;
    char *p;
    if (b != NULL && b->arena_cap - b->arena_used > s->len) {
        p = b->arena + b->arena_used;
        b->arena_used += s->len + 1;
        s->flags = (uint16_t)((s->flags & ~RMS_BORROWED) | RMS_ARENA);
    } else {
        p = rm_malloc(rm_modules[s->slot], s->len + 1);
        s->flags = (uint16_t)((s->flags & ~RMS_BORROWED) | RMS_HEAP);
    }
    memcpy(p, s->ptr, s->len);
    p[s->len] = '\0';
    s->ptr = p;
    s->cap = s->len;
}

/* Makes room for len bytes in a string that only its owner sees. */
static void make_room(RedisModuleString *s, size_t len) {
    if (s->cap >= len && !(s->flags & RMS_BORROWED))
        return;
    size_t cap = len < 1024 * 1024 ? len * 2 : len + 1024 * 1024;
    rm_module *m = rm_modules[s->slot];
    if (s->flags & RMS_HEAP) {
        s->ptr = rm_realloc(m, s->ptr, cap + 1);
    } else {
        char *p = rm_malloc(m, cap + 1);
        memcpy(p, s->ptr, s->len);
        s->ptr = p;
        s->flags = RMS_HEAP;
    }
    s->cap = cap;
    s->ptr[s->len] = '\0';
}

/* The module that a string made now belongs to. */
#define OWNER(ctx) ((ctx) != NULL ? (ctx)->module : rm_module_at(__builtin_return_address(0)))

static RedisModuleString *added(RedisModuleCtx *ctx, RedisModuleString *s) {
    rm_am_add(ctx, RM_AM_STRING, s);
    return s;
}

/* RM_CreateString: a string object with a copy of len bytes at ptr.
 * ctx: may be NULL, and then automatic memory does not apply. To be freed with FreeString.
 * Any thread. Since: 4.0.0. */
RedisModuleString *RM_CreateString(RedisModuleCtx *ctx, const char *ptr, size_t len) {
    RedisModuleString *s = rm_str_new(OWNER(ctx), ptr, len);
    if (ptr == NULL)
        memset(s->ptr, 0, len);
    return added(ctx, s);
}

/* RM_CreateStringPrintf: a string object formatted as by printf.
 * Ownership as with CreateString. Any thread. Since: 4.0.0. */
RedisModuleString *RM_CreateStringPrintf(RedisModuleCtx *ctx, const char *fmt, ...) {
    char buf[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(buf, sizeof(buf), fmt, ap);
    va_end(ap);
    if (n < 0)
        n = 0;
    RedisModuleString *s = rm_str_new(OWNER(ctx), NULL, (size_t)n);
    if ((size_t)n < sizeof(buf))
        memcpy(s->ptr, buf, (size_t)n);
    else
        vsnprintf(s->ptr, (size_t)n + 1, fmt, again);
    va_end(again);
    return added(ctx, s);
}

/* RM_CreateStringFromLongLong: a string object with the decimal text of ll.
 * Ownership as with CreateString. Any thread. Since: 4.0.0. */
RedisModuleString *RM_CreateStringFromLongLong(RedisModuleCtx *ctx, long long ll) {
    char buf[24];
    size_t n = rm_ll2str(buf, ll);
    return added(ctx, rm_str_new(OWNER(ctx), buf, n));
}

/* RM_CreateStringFromULongLong: a string object with the decimal text of ull.
 * Ownership as with CreateString. Any thread. Since: 7.0.3. */
RedisModuleString *RM_CreateStringFromULongLong(RedisModuleCtx *ctx, unsigned long long ull) {
    char buf[24];
    size_t n = rm_ull2str(buf, ull);
    return added(ctx, rm_str_new(OWNER(ctx), buf, n));
}

/* RM_CreateStringFromDouble: a string object with a short text that reads back as d.
 * Ownership as with CreateString. Any thread. Since: 6.0.0. */
RedisModuleString *RM_CreateStringFromDouble(RedisModuleCtx *ctx, double d) {
    char buf[RM_DOUBLE_CHARS];
    size_t n = rm_double2str(buf, d);
    return added(ctx, rm_str_new(OWNER(ctx), buf, n));
}

/* RM_CreateStringFromLongDouble: a string object with the text of ld.
 * humanfriendly: 1 for plain decimals without trailing zeros, as INCRBYFLOAT stores them; 0 for
 * 17 significant digits with an exponent where needed.
 * Ownership as with CreateString. Any thread. Since: 6.0.0. */
RedisModuleString *RM_CreateStringFromLongDouble(RedisModuleCtx *ctx, long double ld,
                                                 int humanfriendly) {
    char buf[RM_LONGDOUBLE_CHARS];
    size_t n = rm_longdouble2str(buf, ld, humanfriendly != 0);
    return added(ctx, rm_str_new(OWNER(ctx), buf, n));
}

/* RM_CreateStringFromString: a string object with a copy of another's bytes.
 * Ownership as with CreateString. Any thread. Since: 4.0.0. */
RedisModuleString *RM_CreateStringFromString(RedisModuleCtx *ctx, const RedisModuleString *str) {
    RM_CHECK(str, RM_MAGIC_STRING);
    return added(ctx, rm_str_new(OWNER(ctx), str->ptr, str->len));
}

/* RM_CreateStringFromStreamID: a string object "<ms>-<seq>".
 * Ownership as with CreateString. Any thread. Since: 6.2.0. */
RedisModuleString *RM_CreateStringFromStreamID(RedisModuleCtx *ctx, const RedisModuleStreamID *id) {
    char buf[48];
    size_t n = rm_ull2str(buf, id->ms);
    buf[n++] = '-';
    n += rm_ull2str(buf + n, id->seq);
    return added(ctx, rm_str_new(OWNER(ctx), buf, n));
}

/* RM_FreeString: gives up one reference to a string object; with the last it is freed.
 * ctx: the one it was created with, so that automatic memory forgets it; may be NULL.
 * Freeing a string that is gone is logged with the module's name and otherwise ignored.
 * Thread: any, for a string that only the caller holds. Since: 4.0.0. */
void RM_FreeString(RedisModuleCtx *ctx, RedisModuleString *str) {
    if (RM_UNLIKELY(str->magic != RM_MAGIC_STRING)) {
        rm_log(OWNER(ctx), RM_LOG_WARNING,
               "RedisModule_FreeString() of a string that was freed before (%p)", (void *)str);
        return;
    }
    rm_am_remove(ctx, RM_AM_STRING, str);
    rm_str_decr(str);
}

/* RM_RetainString: keeps a string object beyond the command, or beyond automatic memory.
 * str: any string, an argument too. To be given back with FreeString, with ctx NULL.
 * Thread: server lock held, unless the caller alone holds the string. Since: 4.0.0. */
void RM_RetainString(RedisModuleCtx *ctx, RedisModuleString *str) {
    RM_CHECK(str, RM_MAGIC_STRING);
    /* Under automatic memory the reference that the context holds becomes the caller's. */
    if (rm_am_remove(ctx, RM_AM_STRING, str))
        return;
    rm_str_own(str);
    rm_str_incr(str);
}

/* RM_HoldString: a reference to a string object.
 * Return the string to use and to free with FreeString; with automatic memory on, it goes with
 * the context. Thread: as RetainString. Since: 6.0.7. */
RedisModuleString *RM_HoldString(RedisModuleCtx *ctx, RedisModuleString *str) {
    RM_CHECK(str, RM_MAGIC_STRING);
    rm_str_own(str);
    rm_str_incr(str);
    return added(ctx, str);
}

/* RM_StringPtrLen: the bytes of a string object, followed by a NUL.
 * str: NULL gives a text saying so. len: out, may be NULL.
 * Return a pointer that is valid until the string is freed or changed. Any thread for a string
 * of the caller's own. Since: 4.0.0. */
const char *RM_StringPtrLen(const RedisModuleString *str, size_t *len) {
    if (str == NULL) {
        static const char text[] = "(NULL string reply referenced in module)";
        if (len != NULL)
            *len = sizeof(text) - 1;
        return text;
    }
    RM_CHECK(str, RM_MAGIC_STRING);
    rm_str_own((RedisModuleString *)str);
    if (len != NULL)
        *len = str->len;
    return str->ptr;
}

/* RM_StringToLongLong: reads a canonical signed number: no spaces, plus sign or leading zeros.
 * Return REDISMODULE_OK, or REDISMODULE_ERR and *ll untouched. Any thread. Since: 4.0.0. */
int RM_StringToLongLong(const RedisModuleString *str, long long *ll) {
    return rm_str2ll(str->ptr, str->len, ll) ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_StringToULongLong: reads an unsigned number, as strtoull does where it is not canonical.
 * Return REDISMODULE_OK, or REDISMODULE_ERR and *ull untouched. Any thread. Since: 7.0.3. */
int RM_StringToULongLong(const RedisModuleString *str, unsigned long long *ull) {
    return rm_str2ull(str->ptr, str->len, ull) ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_StringToDouble: reads a floating-point number, infinities included; not NaN, not what over-
 * or underflows. Return REDISMODULE_OK, or REDISMODULE_ERR and *d untouched. Any thread.
 * Since: 4.0.0. */
int RM_StringToDouble(const RedisModuleString *str, double *d) {
    return rm_str2double(str->ptr, str->len, d) ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_StringToLongDouble: like StringToDouble; texts of 256 bytes or more fail. Since: 6.0.0. */
int RM_StringToLongDouble(const RedisModuleString *str, long double *ld) {
    return rm_str2longdouble(str->ptr, str->len, ld) ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_StringToStreamID: reads "ms-seq", "ms" (sequence 0), "-" (the smallest) or "+" (the largest).
 * Return REDISMODULE_OK, or REDISMODULE_ERR and *id untouched. Any thread. Since: 6.2.0. */
int RM_StringToStreamID(const RedisModuleString *str, RedisModuleStreamID *id) {
    return rm_str2streamid(str->ptr, str->len, id) ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_StringCompare: compares two string objects as bytes.
 * Return a negative number, 0 or a positive number, as memcmp; of two of which one begins the
 * other the shorter is less. Any thread. Since: 4.0.0. */
int RM_StringCompare(const RedisModuleString *a, const RedisModuleString *b) {
    int c = memcmp(a->ptr, b->ptr, a->len < b->len ? a->len : b->len);
    return c != 0 ? c : (int)((ptrdiff_t)a->len - (ptrdiff_t)b->len);
}

/* Whether a string may be changed in place; logs why not. */
static bool unshared(const rm_module *m, const RedisModuleString *s) {
    if (s->refcount == 1)
        return true;
    rm_server_log(
        m, RM_LOG_WARNING,
        "Module attempted to use an in-place string modify operation with a string referenced "
        "multiple times. Please check the code for API usage correctness.");
    return false;
}

/* RM_StringAppendBuffer: appends len bytes to a string object that nobody else refers to.
 * Return REDISMODULE_OK, or REDISMODULE_ERR when it is shared. Since: 4.0.0. */
int RM_StringAppendBuffer(RedisModuleCtx *ctx, RedisModuleString *str, const char *buf,
                          size_t len) {
    RM_CHECK(str, RM_MAGIC_STRING);
    if (!unshared(OWNER(ctx), str))
        return REDISMODULE_ERR;
    make_room(str, str->len + len);
    memmove(str->ptr + str->len, buf, len);
    str->len += len;
    str->ptr[str->len] = '\0';
    return REDISMODULE_OK;
}

/* RM_TrimStringAllocation: gives back memory that a string object holds beyond its length.
 * The string must not be shared. Since: 7.0.0. */
void RM_TrimStringAllocation(RedisModuleString *str) {
    if (str == NULL)
        return;
    RM_CHECK(str, RM_MAGIC_STRING);
    if (!(str->flags & RMS_HEAP) || str->cap == str->len)
        return;
    str->ptr = rm_realloc(rm_modules[str->slot], str->ptr, str->len + 1);
    str->cap = str->len;
}

/* RM_MallocSizeString: bytes that a string object takes. Since: 7.0.0. */
size_t RM_MallocSizeString(RedisModuleString *str) {
    RM_CHECK(str, RM_MAGIC_STRING);
    if (str->flags & RMS_INLINE)
        return RM_MallocSize(str);
    size_t n = str->block == NULL ? RM_MallocSize(str) : sizeof(*str);
    if (str->flags & RMS_HEAP)
        return n + RM_MallocSize(str->ptr);
    return n + str->len + 1;
}
