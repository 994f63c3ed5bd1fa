/* list.c: lists.
 *
 * Redis keeps an iterator with the key, which ListGet, ListSet, ListInsert and ListDelete move; a
 * module sees of it only that a key being iterated cannot become a string or a module's value.
 * The list_ fields of the key say where that iterator would be. */

#include "list.h"

#include "_cgo_export.h"

/* Whether key is a list that may be used so; sets errno as every function here documents it.
 * empty: an empty key will do. */
static bool usable(RedisModuleKey *key, int mode, bool empty) {
    if (key == NULL) {
        errno = EINVAL;
        return false;
    }
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (key->entry == NULL ? !empty : key->type != REDISMODULE_KEYTYPE_LIST) {
        errno = ENOTSUP;
        return false;
    }
    if (!(key->mode & mode)) {
        errno = EBADF;
        return false;
    }
    errno = 0;
    return true;
}

/* errno of a result: EDOM for an index that is not there. */
static int outcome(int ok) {
    errno = ok ? 0 : EDOM;
    return ok ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* Moves the iterator to an index, and gives the index from the head. */
static bool seek(RedisModuleKey *key, long index, long *at) {
    long n = (long)key->length;
    if (index >= n || index < -n)
        return false;
    *at = index < 0 ? index + n : index;
    if (!key->list_open) {
        key->list_open = true;
        key->list_back = false;
        key->list_index = index;
        return true;
    }
    /* It goes on counting from the end from which it began to. */
    if (index < 0 && key->list_index >= 0)
        index += n;
    else if (index >= 0 && key->list_index < 0)
        index -= n;
    if (index != key->list_index)
        key->list_back = index < key->list_index;
    key->list_index = index;
    return true;
}

/* The element at the iterator was removed: the next one in its direction takes the place. */
static void pass_removed(RedisModuleKey *key, long at) {
    if (!key->list_open)
        return;
    if (key->entry == NULL || (key->list_back ? at == 0 : at >= (long)key->length))
        key->list_open = false;
    else if (key->list_back ? key->list_index >= 0 : key->list_index < 0)
        key->list_index += key->list_back ? -1 : 1;
}

void rm_list_forget(RedisModuleKey *key) {
    rm_free(NULL, key->ahead);
    key->ahead = NULL;
}

/* RM_ListPush: adds an element at an end of a list, which is created where needed.
 * where: REDISMODULE_LIST_HEAD or _TAIL. ele: stays the caller's.
 * Return REDISMODULE_ERR. errno: EINVAL an argument is NULL, ENOTSUP another type, EBADF the key
 * is not open for writing. Since: 4.0.0. */
int RM_ListPush(RedisModuleKey *key, int where, RedisModuleString *ele) {
    if (ele == NULL) {
        errno = EINVAL;
        return REDISMODULE_ERR;
    }
    if (!usable(key, REDISMODULE_WRITE, true))
        return REDISMODULE_ERR;
    key->list_open = false;
    RM_CROSS();
    goListPush(key, where == REDISMODULE_LIST_HEAD, ele);
    return REDISMODULE_OK;
}

/* RM_ListPop: removes and returns the element at an end of a list.
 * Ownership as with CreateString. Return NULL. errno: EINVAL key is NULL, ENOTSUP no list, EBADF
 * not open for writing. Since: 4.0.0. */
RedisModuleString *RM_ListPop(RedisModuleKey *key, int where) {
    if (!usable(key, REDISMODULE_WRITE, false))
        return NULL;
    key->list_open = false;
    RM_CROSS();
    return goListPop(key, where == REDISMODULE_LIST_HEAD);
}

/* The element at an index that was fetched ahead. */
static RedisModuleString *fetched(RedisModuleKey *key, long at) {
    rm_ahead *a = key->ahead;
    const rm_litem *it = &a->items[a->first + at - a->from];
    RedisModuleString *s;
    if (it->ptr != NULL) {
        s = rm_str_new(key->module, it->ptr, (size_t)it->n);
    } else {
        char text[32];
        s = rm_str_new(key->module, text, rm_ll2str(text, it->n));
    }
    rm_am_add(key->ctx, RM_AM_STRING, s);
    return s;
}

/* Fetches the element at an index and some that are likely to follow. */
static void fetch(RedisModuleKey *key, long at, bool back) {
    rm_ahead *a = key->ahead;
    if (a == NULL) {
        a = key->ahead = rm_malloc(NULL, sizeof(*a));
        a->epoch = -1;
    }
    RM_CROSS_READ();
    goListFetch(key, a, at, back);
}

static bool has_fetched(RedisModuleKey *key, long at) {
    rm_ahead *a = key->ahead;
    return a != NULL && a->epoch == rm_state.epoch && at >= a->from && at < a->from + a->count;
}

/* RM_ListGet: an element by its index, negative from the end. Neighbours are quick to get after
 * each other.
 * Ownership as with CreateString. Return NULL. errno: EINVAL key is NULL, ENOTSUP no list, EBADF
 * not open for reading, EDOM no such index. Since: 7.0.0. */
RedisModuleString *RM_ListGet(RedisModuleKey *key, long index) {
    long at;
    if (!usable(key, REDISMODULE_READ, false))
        return NULL;
    if (!seek(key, index, &at)) {
        errno = EDOM;
        return NULL;
    }
    RedisModuleString *s;
    bool near = key->list_epoch == rm_state.epoch &&
                (at == key->list_last + 1 || at == key->list_last - 1);
    if (near && !has_fetched(key, at))
        fetch(key, at, at < key->list_last);
    if (has_fetched(key, at)) {
        s = fetched(key, at);
    } else {
        RM_CROSS_READ();
        s = goListGet(key, at);
    }
    key->list_last = at;
    key->list_epoch = rm_state.epoch;
    outcome(s != NULL);
    return s;
}

/* RM_ListSet: replaces the element at an index. value: stays the caller's.
 * Return REDISMODULE_ERR. errno: EINVAL an argument is NULL, ENOTSUP no list, EBADF not open for
 * writing, EDOM no such index. Since: 7.0.0. */
int RM_ListSet(RedisModuleKey *key, long index, RedisModuleString *value) {
    if (value == NULL) {
        errno = EINVAL;
        return REDISMODULE_ERR;
    }
    if (!usable(key, REDISMODULE_WRITE, false))
        return REDISMODULE_ERR;
    RM_CROSS();
    int ok = goListSet(key, index, value);
    if (ok)
        key->list_open = false;
    return outcome(ok);
}

/* RM_ListInsert: inserts an element so that it has the given index; a negative index counts from
 * the end of the list as it is afterwards. An empty key takes index 0 or -1.
 * Return REDISMODULE_ERR. errno: EINVAL an argument is NULL, ENOTSUP no list, EBADF not open for
 * writing, EDOM no such index. Since: 7.0.0. */
int RM_ListInsert(RedisModuleKey *key, long index, RedisModuleString *value) {
    if (value == NULL) {
        errno = EINVAL;
        return REDISMODULE_ERR;
    }
    if (key != NULL)
        rm_key_fresh(key);
    if (!usable(key, REDISMODULE_WRITE, key != NULL && (index == 0 || index == -1)))
        return REDISMODULE_ERR;
    RM_CROSS();
    int ok = goListInsert(key, index, value);
    if (ok)
        key->list_open = false;
    return outcome(ok);
}

/* RM_ListDelete: removes the element at an index; the key goes with the last one.
 * Return REDISMODULE_ERR. errno: as ListSet. Since: 7.0.0. */
int RM_ListDelete(RedisModuleKey *key, long index) {
    if (!usable(key, REDISMODULE_WRITE, false))
        return REDISMODULE_ERR;
    long at;
    if (!seek(key, index, &at))
        return outcome(0);
    RM_CROSS();
    goListDelete(key, at);
    pass_removed(key, at);
    return outcome(1);
}
