/* stream.c: streams: adding, deleting, trimming, and iterating over entries. */

#include "stream.h"

#include "_cgo_export.h"

void rm_stream_forget(RedisModuleKey *key) {
    rm_free(NULL, key->stream);
    key->stream = NULL;
}

static int fail(int error) {
    errno = error;
    return REDISMODULE_ERR;
}

/* What every function checks, in this order: that there is a key and its arguments are right, and
 * that it is a stream, or with empty nothing. The answer is the errno, 0 when all is well. */
static int refusal(RedisModuleKey *key, bool args, bool empty) {
    if (key == NULL || !args)
        return EINVAL;
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (key->entry == NULL ? !empty : key->type != REDISMODULE_KEYTYPE_STREAM)
        return ENOTSUP;
    return 0;
}

static bool is_zero(const RedisModuleStreamID *id) { return id->ms == 0 && id->seq == 0; }

/* RM_StreamAdd: appends an entry to a stream, which is created where needed.
 * flags: REDISMODULE_STREAM_ADD_AUTOID has the server choose the id. id: in, unless chosen, and
 * out; may be NULL with AUTOID. argv: numfields fields, each with its value behind it; they stay
 * the caller's. Return REDISMODULE_ERR. errno: EINVAL wrong arguments, ENOTSUP another type, EBADF
 * not open for writing, EDOM the id is 0-0 or not above all others, EFBIG the stream has had the
 * last possible id, ERANGE the elements are too large. Since: 6.2.0. */
int RM_StreamAdd(RedisModuleKey *key, int flags, RedisModuleStreamID *id, RedisModuleString **argv,
                 int64_t numfields) {
    bool own = !(flags & REDISMODULE_STREAM_ADD_AUTOID);
    int error = refusal(key,
                        (numfields == 0 || argv != NULL) &&
                            !(flags & ~REDISMODULE_STREAM_ADD_AUTOID) && (!own || id != NULL),
                        true);
    if (error)
        return fail(error);
    if (!(key->mode & REDISMODULE_WRITE))
        return fail(EBADF);
    if (own && is_zero(id))
        return fail(EDOM);
    RedisModuleStreamID added = {0, 0};
    if (own)
        added = *id;
    RM_CROSS();
    error = goStreamAdd(key, own, &added, argv, numfields < 0 ? 0 : numfields);
    if (error)
        return fail(error);
    if (id != NULL)
        *id = added;
    errno = 0;
    return REDISMODULE_OK;
}

/* RM_StreamDelete: deletes an entry.
 * Return REDISMODULE_ERR. errno: EINVAL an argument is NULL, ENOTSUP no stream, EBADF not open for
 * writing or being iterated, ENOENT no such entry. Since: 6.2.0. */
int RM_StreamDelete(RedisModuleKey *key, RedisModuleStreamID *id) {
    int error = refusal(key, id != NULL, false);
    if (error)
        return fail(error);
    if (!(key->mode & REDISMODULE_WRITE) || key->iter != 0)
        return fail(EBADF);
    RM_CROSS();
    if (!goStreamDelete(key, id->ms, id->seq))
        return fail(ENOENT);
    errno = 0;
    return REDISMODULE_OK;
}

/* RM_StreamIteratorStart: begins to iterate over a range of a stream.
 * flags: REDISMODULE_STREAM_ITERATOR_REVERSE from the end to the beginning, _EXCLUSIVE leaves out
 * both bounds. start, end: the least and the greatest id, or NULL for all. There is one iteration
 * of a key at a time; it ends with StreamIteratorStop or CloseKey.
 * Return REDISMODULE_ERR. errno: EINVAL wrong arguments, ENOTSUP no stream, EBADF being
 * iterated already, EDOM there is no id beyond an exclusive bound. Since: 6.2.0. */
int RM_StreamIteratorStart(RedisModuleKey *key, int flags, RedisModuleStreamID *start,
                           RedisModuleStreamID *end) {
    int known = REDISMODULE_STREAM_ITERATOR_EXCLUSIVE | REDISMODULE_STREAM_ITERATOR_REVERSE;
    int error = refusal(key, !(flags & ~known), false);
    if (error)
        return fail(error);
    if (key->iter != 0)
        return fail(EBADF);
    RedisModuleStreamID lower = {0, 0}, upper = {UINT64_MAX, UINT64_MAX};
    if (start != NULL)
        lower = *start;
    if (end != NULL)
        upper = *end;
    if (flags & REDISMODULE_STREAM_ITERATOR_EXCLUSIVE) {
        if (start != NULL && ++lower.seq == 0 && ++lower.ms == 0)
            return fail(EDOM);
        if (end != NULL && upper.seq-- == 0 && upper.ms-- == 0)
            return fail(EDOM);
    }
    if (key->stream == NULL)
        key->stream = rm_malloc(NULL, sizeof(*key->stream));
    key->stream->id = (RedisModuleStreamID){0, 0};
    key->stream->left = 0;
    RM_CROSS_READ();
    goStreamStart(key, &lower, &upper, flags & REDISMODULE_STREAM_ITERATOR_REVERSE ? 1 : 0);
    errno = 0;
    return REDISMODULE_OK;
}

/* The errno of a function that goes on with an iteration. */
static int no_iteration(RedisModuleKey *key) {
    int error = refusal(key, true, false);
    return error ? error : key->iter == 0 ? EBADF : 0;
}

/* RM_StreamIteratorStop: ends an iteration.
 * Return REDISMODULE_ERR. errno: EINVAL key is NULL, ENOTSUP no stream, EBADF no iteration.
 * Since: 6.2.0. */
int RM_StreamIteratorStop(RedisModuleKey *key) {
    int error = no_iteration(key);
    if (error)
        return fail(error);
    RM_CROSS_READ();
    goStreamStop(key);
    errno = 0;
    return REDISMODULE_OK;
}

/* RM_StreamIteratorNextID: goes to the next entry, whether all fields of the last were read or not.
 * id, numfields: out, may be NULL. The stream may change between two calls.
 * Return REDISMODULE_ERR. errno: EINVAL key is NULL, ENOTSUP no stream, EBADF no iteration, ENOENT
 * there are no more entries. Since: 6.2.0. */
int RM_StreamIteratorNextID(RedisModuleKey *key, RedisModuleStreamID *id, long *numfields) {
    int error = no_iteration(key);
    if (error)
        return fail(error);
    rm_swalk *w = key->stream;
    RM_CROSS_READ();
    if (!goStreamNext(key, w)) {
        w->id = (RedisModuleStreamID){0, 0};
        w->left = 0;
        return fail(ENOENT);
    }
    if (id != NULL)
        *id = w->id;
    if (numfields != NULL)
        *numfields = w->fields;
    errno = 0;
    return REDISMODULE_OK;
}

static RedisModuleString *element(RedisModuleKey *key, const rm_selem *e) {
    RedisModuleString *s;
    if (e->ptr != NULL) {
        s = rm_str_new(key->module, e->ptr, (size_t)e->n);
    } else {
        char text[32];
        s = rm_str_new(key->module, text, rm_ll2str(text, e->n));
    }
    rm_am_add(key->ctx, RM_AM_STRING, s);
    return s;
}

/* RM_StreamIteratorNextField: the next field of the present entry, and its value.
 * field_ptr, value_ptr: out, may be NULL; ownership as with CreateString.
 * Return REDISMODULE_ERR. errno: EINVAL key is NULL, ENOTSUP no stream, EBADF no iteration, ENOENT
 * the entry has no more fields. Since: 6.2.0. */
int RM_StreamIteratorNextField(RedisModuleKey *key, RedisModuleString **field_ptr,
                               RedisModuleString **value_ptr) {
    int error = no_iteration(key);
    if (error)
        return fail(error);
    rm_swalk *w = key->stream;
    if (w->left <= 0)
        return fail(ENOENT);
    long i = w->fields - w->left;
    if (w->epoch != rm_state.epoch || i < w->from || i >= w->from + w->count) {
        RM_CROSS_READ();
        if (!goStreamFields(key, w, i)) {
            w->left = 0; /* somebody has deleted the entry */
            return fail(ENOENT);
        }
    }
    const rm_selem *pair = &w->items[2 * (i - w->from)];
    if (field_ptr != NULL)
        *field_ptr = element(key, &pair[0]);
    if (value_ptr != NULL)
        *value_ptr = element(key, &pair[1]);
    w->left--;
    errno = 0;
    return REDISMODULE_OK;
}

/* RM_StreamIteratorDelete: deletes the present entry; NextID goes on behind it.
 * Return REDISMODULE_ERR. errno: EINVAL key is NULL, ENOTSUP no stream, EBADF no iteration or not
 * open for writing, ENOENT there is no present entry. Since: 6.2.0. */
int RM_StreamIteratorDelete(RedisModuleKey *key) {
    int error = refusal(key, true, false);
    if (error)
        return fail(error);
    if (!(key->mode & REDISMODULE_WRITE) || key->iter == 0)
        return fail(EBADF);
    rm_swalk *w = key->stream;
    if (is_zero(&w->id))
        return fail(ENOENT);
    RM_CROSS();
    goStreamDelete(key, w->id.ms, w->id.seq);
    w->id = (RedisModuleStreamID){0, 0};
    w->left = 0;
    errno = 0;
    return REDISMODULE_OK;
}

/* The common part of the trims, with the errno first. */
static long long trim(RedisModuleKey *key, int error, int flags, int by_id, long long length,
                      const RedisModuleStreamID *id) {
    if (!error && !(key->mode & REDISMODULE_WRITE))
        error = EBADF;
    if (error) {
        errno = error;
        return -1;
    }
    errno = 0;
    RM_CROSS();
    return goStreamTrim(key, flags & REDISMODULE_STREAM_TRIM_APPROX ? 1 : 0, by_id, length,
                        by_id ? id->ms : 0, by_id ? id->seq : 0);
}

/* RM_StreamTrimByLength: removes entries from the beginning until no more than length are left.
 * flags: REDISMODULE_STREAM_TRIM_APPROX removes only what is quick to remove, and not too much.
 * Return how many were removed, -1. errno: EINVAL wrong arguments, ENOTSUP no stream, EBADF not
 * open for writing. Since: 6.2.0. */
long long RM_StreamTrimByLength(RedisModuleKey *key, int flags, long long length) {
    int error = refusal(key, !(flags & ~REDISMODULE_STREAM_TRIM_APPROX) && length >= 0, false);
    return trim(key, error, flags, 0, length, NULL);
}

/* RM_StreamTrimByID: removes the entries before id. Otherwise as StreamTrimByLength.
 * Since: 6.2.0. */
long long RM_StreamTrimByID(RedisModuleKey *key, int flags, RedisModuleStreamID *id) {
    int error = refusal(key, !(flags & ~REDISMODULE_STREAM_TRIM_APPROX) && id != NULL, false);
    return trim(key, error, flags, 1, 0, id);
}
