/* list.c: lists. */

#include "capi_internal.h"

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
    RM_CROSS();
    return goListPop(key, where == REDISMODULE_LIST_HEAD);
}

/* RM_ListGet: an element by its index, negative from the end.
 * Ownership as with CreateString. Return NULL. errno: EINVAL key is NULL, ENOTSUP no list, EBADF
 * not open for reading, EDOM no such index. Since: 7.0.0. */
RedisModuleString *RM_ListGet(RedisModuleKey *key, long index) {
    if (!usable(key, REDISMODULE_READ, false))
        return NULL;
    RM_CROSS_READ();
    RedisModuleString *s = goListGet(key, index);
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
    return outcome(goListSet(key, index, value));
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
    return outcome(goListInsert(key, index, value));
}

/* RM_ListDelete: removes the element at an index; the key goes with the last one.
 * Return REDISMODULE_ERR. errno: as ListSet. Since: 7.0.0. */
int RM_ListDelete(RedisModuleKey *key, long index) {
    if (!usable(key, REDISMODULE_WRITE, false))
        return REDISMODULE_ERR;
    RM_CROSS();
    return outcome(goListDelete(key, index));
}
