/* hash.c: hashes. However many fields one call names, it crosses once. */

#include "hash.h"

#include "_cgo_export.h"

/* The fields of one call: in place for few, allocated for more. */
typedef struct fields {
    rm_field *v;
    int n, cap;
    rm_field few[16];
} fields;

static void start(fields *f) {
    f->v = f->few;
    f->n = 0;
    f->cap = sizeof(f->few) / sizeof(f->few[0]);
}

static rm_field *next_field(fields *f) {
    if (f->n == f->cap) {
        int cap = f->cap * 2;
        if (f->v == f->few) {
            f->v = rm_malloc(NULL, (size_t)cap * sizeof(*f->v));
            memcpy(f->v, f->few, sizeof(f->few));
        } else {
            f->v = rm_realloc(NULL, f->v, (size_t)cap * sizeof(*f->v));
        }
        f->cap = cap;
    }
    return &f->v[f->n++];
}

static void done(fields *f) {
    if (f->v != f->few)
        rm_free(NULL, f->v);
}

/* The next field name of an argument list; false at its end. */
static bool field_name(rm_slice *name, int flags, va_list *ap) {
    if (flags & REDISMODULE_HASH_CFIELDS) {
        const char *s = va_arg(*ap, const char *);
        if (s == NULL)
            return false;
        *name = (rm_slice){s, strlen(s), strlen(s)};
        return true;
    }
    RedisModuleString *s = va_arg(*ap, RedisModuleString *);
    if (s == NULL)
        return false;
    RM_CHECK(s, RM_MAGIC_STRING);
    *name = (rm_slice){s->ptr, s->len, s->len};
    return true;
}

/* RM_HashSet: sets or deletes fields of a hash, which is created where needed and goes with its
 * last field.
 * key: open for writing. flags: REDISMODULE_HASH_NX sets only what is not there, XX only what is;
 * CFIELDS: names are C strings; COUNT_ALL counts fields that are new, too. Then pairs of a name
 * and a string object (REDISMODULE_HASH_DELETE deletes), ended by NULL. All stay the caller's.
 * Return how many fields that were there were set or deleted, with COUNT_ALL how many were.
 * errno: EINVAL key is NULL or an unknown flag, ENOTSUP another type, EBADF not open for writing,
 * ENOENT nothing was counted; 0 otherwise. Since: 4.0.0. */
int RM_HashSet(RedisModuleKey *key, int flags, ...) {
    const int known = REDISMODULE_HASH_NX | REDISMODULE_HASH_XX | REDISMODULE_HASH_CFIELDS |
                      REDISMODULE_HASH_COUNT_ALL;
    if (key == NULL || flags & ~known) {
        errno = EINVAL;
        return 0;
    }
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (key->entry != NULL && key->type != REDISMODULE_KEYTYPE_HASH) {
        errno = ENOTSUP;
        return 0;
    }
    if (!(key->mode & REDISMODULE_WRITE)) {
        errno = EBADF;
        return 0;
    }
    fields f; /* not zeroed as a whole: it is large */
    start(&f);
    va_list ap;
    va_start(ap, flags);
    rm_slice name;
    while (field_name(&name, flags, &ap)) {
        RedisModuleString *value = va_arg(ap, RedisModuleString *);
        rm_field *x = next_field(&f);
        x->name = name;
        x->delete = value == REDISMODULE_HASH_DELETE;
        x->value =
            x->delete ? (rm_slice){NULL, 0, 0} : (rm_slice){value->ptr, value->len, value->len};
    }
    va_end(ap);
    RM_CROSS();
    int count = goHashSet(key, flags, f.v, f.n);
    done(&f);
    errno = count == 0 ? ENOENT : 0;
    return count;
}

/* RM_HashGet: reads fields of a hash.
 * flags: REDISMODULE_HASH_CFIELDS: names are C strings; EXISTS: the places are int *, for 1 or 0;
 * EXPIRE_TIME: they are mstime_t *, for the time a field ends or REDISMODULE_NO_EXPIRE. Then
 * pairs of a name and the address of a place for a new string object (NULL for a field that is
 * not there), ended by NULL. Ownership of the strings as with CreateString.
 * Return REDISMODULE_ERR, with no place written, when the key holds another type or both EXISTS
 * and EXPIRE_TIME are asked for. errno: not set.
 * Since: 4.0.0. */
int RM_HashGet(RedisModuleKey *key, int flags, ...) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    const int both = REDISMODULE_HASH_EXISTS | REDISMODULE_HASH_EXPIRE_TIME;
    if ((flags & both) == both || (key->entry != NULL && key->type != REDISMODULE_KEYTYPE_HASH))
        return REDISMODULE_ERR;
    fields f; /* not zeroed as a whole: it is large */
    start(&f);
    va_list ap;
    va_start(ap, flags);
    rm_slice name;
    while (field_name(&name, flags, &ap)) {
        rm_field *x = next_field(&f);
        x->name = name;
        x->found = false;
        x->place = va_arg(ap, void *);
    }
    va_end(ap);
    if (key->entry != NULL && f.n > 0) {
        RM_CROSS_READ();
        goHashGet(key, flags, f.v, f.n);
    }
    for (int i = 0; i < f.n; i++) {
        rm_field *x = &f.v[i];
        if (flags & REDISMODULE_HASH_EXISTS) {
            *(int *)x->place = x->found;
        } else if (flags & REDISMODULE_HASH_EXPIRE_TIME) {
            *(mstime_t *)x->place = x->found ? x->expire : REDISMODULE_NO_EXPIRE;
        } else {
            RedisModuleString *s = NULL;
            if (x->found) {
                s = rm_str_new(key->module, x->value.ptr == NULL ? x->text : x->value.ptr,
                               x->value.len);
                rm_am_add(key->ctx, RM_AM_STRING, s);
            }
            *(RedisModuleString **)x->place = s;
        }
    }
    done(&f);
    return REDISMODULE_OK;
}

/* RM_HashFieldMinExpire: the earliest time at which a field of a hash ends, milliseconds since the
 * epoch; REDISMODULE_NO_EXPIRE when none does, or for a key that is no hash. Since: 8.0.0. */
mstime_t RM_HashFieldMinExpire(RedisModuleKey *key) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (key->type != REDISMODULE_KEYTYPE_HASH)
        return REDISMODULE_NO_EXPIRE;
    RM_CROSS_READ();
    return goHashFieldMinExpire(key);
}
