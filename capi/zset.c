/* zset.c: sorted sets, and walking their ranges. */

#include "zset.h"

#include "_cgo_export.h"

#include <math.h>

/* ZsetAdd and ZsetIncrby. */
static int change(RedisModuleKey *key, double score, RedisModuleString *ele, int *flagsptr,
                  int incr, double *newscore) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (!(key->mode & REDISMODULE_WRITE) || isnan(score) ||
        (key->entry != NULL && key->type != REDISMODULE_KEYTYPE_ZSET))
        return REDISMODULE_ERR;
    int flags = flagsptr != NULL ? *flagsptr : 0;
    RM_CROSS();
    int status = goZsetAdd(key, score, ele, &flags, incr, newscore);
    if (flagsptr != NULL)
        *flagsptr = status == REDISMODULE_OK ? flags : 0;
    return status;
}

/* RM_ZsetAdd: adds an element to a sorted set, or changes its score; the set is created where
 * needed.
 * flagsptr: NULL, or in REDISMODULE_ZADD_XX, NX, GT, LT and out ADDED, UPDATED or NOP. ele: stays
 * the caller's. Return REDISMODULE_ERR when the key is not open for writing or holds another
 * type, and for a score that is not a number. errno: not set. Since: 4.0.0. */
int RM_ZsetAdd(RedisModuleKey *key, double score, RedisModuleString *ele, int *flagsptr) {
    return change(key, score, ele, flagsptr, 0, NULL);
}

/* RM_ZsetIncrby: adds to the score of an element, which is added where needed.
 * newscore: out, may be NULL. Otherwise as ZsetAdd; also fails when the new score would not be a
 * number. Since: 4.0.0. */
int RM_ZsetIncrby(RedisModuleKey *key, double score, RedisModuleString *ele, int *flagsptr,
                  double *newscore) {
    return change(key, score, ele, flagsptr, 1, newscore);
}

/* RM_ZsetRem: removes an element; the key goes with the last one.
 * deleted: out, 1 when it was there; may be NULL. Return REDISMODULE_ERR when the key is not open
 * for writing or holds another type. Since: 4.0.0. */
int RM_ZsetRem(RedisModuleKey *key, RedisModuleString *ele, int *deleted) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (!(key->mode & REDISMODULE_WRITE) ||
        (key->entry != NULL && key->type != REDISMODULE_KEYTYPE_ZSET))
        return REDISMODULE_ERR;
    int there = 0;
    if (key->entry != NULL) {
        RM_CROSS();
        there = goZsetRem(key, ele);
    }
    if (deleted != NULL)
        *deleted = there;
    return REDISMODULE_OK;
}

/* RM_ZsetScore: the score of an element.
 * score: out. Return REDISMODULE_ERR when there is no such element, the key is empty or holds
 * another type. Since: 4.0.0. */
int RM_ZsetScore(RedisModuleKey *key, RedisModuleString *ele, double *score) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (key->type != REDISMODULE_KEYTYPE_ZSET)
        return REDISMODULE_ERR;
    RM_CROSS_READ();
    return goZsetScore(key, ele, score);
}

static rm_zwalk *walk_of(RedisModuleKey *key) {
    if (key->z == NULL)
        key->z = rm_zalloc(NULL, sizeof(*key->z));
    return key->z;
}

/* Stands at an end of the range that Go found. */
static void begin(rm_zwalk *w, bool first) {
    w->active = true;
    w->pos = first ? 0 : w->n - 1;
    w->ended = w->n == 0;
    w->count = 0;
    w->forward = first;
}

static int by_score(RedisModuleKey *key, double min, double max, int minex, int maxex, bool first) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (key->type != REDISMODULE_KEYTYPE_ZSET)
        return REDISMODULE_ERR;
    RM_ZsetRangeStop(key);
    rm_zwalk *w = walk_of(key);
    w->n = 0;
    if (!isnan(min) && !isnan(max)) {
        RM_CROSS_READ();
        goZsetScoreRange(key, min, max, minex, maxex, w);
    }
    begin(w, first);
    return REDISMODULE_OK;
}

static int by_member(RedisModuleKey *key, RedisModuleString *min, RedisModuleString *max,
                     bool first) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (key->type != REDISMODULE_KEYTYPE_ZSET)
        return REDISMODULE_ERR;
    RM_ZsetRangeStop(key);
    rm_zwalk *w = walk_of(key);
    w->ended = false;
    RM_CROSS_READ();
    if (goZsetLexRange(key, min, max, !first, w) != REDISMODULE_OK)
        return REDISMODULE_ERR;
    begin(w, first);
    return REDISMODULE_OK;
}

/* RM_ZsetFirstInScoreRange: begins to walk a range of scores, at its lowest element.
 * minex, maxex: 1 leaves the bound itself out. A walk under way is stopped; it ends with
 * ZsetRangeStop or the key. Return REDISMODULE_ERR when the key is no sorted set. Since: 4.0.0. */
int RM_ZsetFirstInScoreRange(RedisModuleKey *key, double min, double max, int minex, int maxex) {
    return by_score(key, min, max, minex, maxex, true);
}

/* RM_ZsetLastInScoreRange: ZsetFirstInScoreRange at the highest element. Since: 4.0.0. */
int RM_ZsetLastInScoreRange(RedisModuleKey *key, double min, double max, int minex, int maxex) {
    return by_score(key, min, max, minex, maxex, false);
}

/* RM_ZsetFirstInLexRange: begins to walk a range of elements of equal score, at its first.
 * min, max: "-", "+", "[element" or "(element", as for ZRANGEBYLEX; stay the caller's.
 * Return REDISMODULE_ERR when the key is no sorted set or a bound is none. Since: 4.0.0. */
int RM_ZsetFirstInLexRange(RedisModuleKey *key, RedisModuleString *min, RedisModuleString *max) {
    return by_member(key, min, max, true);
}

/* RM_ZsetLastInLexRange: ZsetFirstInLexRange at the last element. Since: 4.0.0. */
int RM_ZsetLastInLexRange(RedisModuleKey *key, RedisModuleString *min, RedisModuleString *max) {
    return by_member(key, min, max, false);
}

/* RM_ZsetRangeStop: ends a walk. Since: 4.0.0. */
void RM_ZsetRangeStop(RedisModuleKey *key) {
    if (key->z == NULL)
        return;
    key->z->active = false;
    key->z->ended = true;
    key->z->n = 0;
    key->z->count = 0;
}

/* RM_ZsetRangeEndReached: 1 when a step found nothing more, the range is empty, or there is no
 * walk. Since: 4.0.0. */
int RM_ZsetRangeEndReached(RedisModuleKey *key) { return key->z == NULL || key->z->ended ? 1 : 0; }

/* RM_ZsetRangeCurrentElement: the element at which a walk stands.
 * score: out, may be NULL. Ownership as with CreateString. Return NULL when there is none.
 * Since: 4.0.0. */
RedisModuleString *RM_ZsetRangeCurrentElement(RedisModuleKey *key, double *score) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_zwalk *w = key->z;
    if (w == NULL || !w->active || w->n == 0)
        return NULL;
    if (w->pos < w->from || w->pos >= w->from + w->count || w->epoch != rm_state.epoch) {
        rm_key_fresh(key);
        if (key->type != REDISMODULE_KEYTYPE_ZSET)
            return NULL;
        RM_CROSS_READ();
        goZsetWindow(key, w);
        w->epoch = rm_state.epoch;
        if (w->pos < w->from || w->pos >= w->from + w->count)
            return NULL; /* the set has shrunk under the walk */
    }
    rm_zitem *it = &w->items[w->pos - w->from];
    if (score != NULL)
        *score = it->score;
    RedisModuleString *s =
        rm_str_new(key->module, it->member.ptr == NULL ? it->text : it->member.ptr, it->member.len);
    rm_am_add(key->ctx, RM_AM_STRING, s);
    return s;
}

static int step(RedisModuleKey *key, bool forward) {
    rm_zwalk *w = key->z;
    if (w == NULL || !w->active || w->n == 0)
        return 0;
    long to = w->pos + (forward ? 1 : -1);
    if (to < 0 || to >= w->n) {
        w->ended = true;
        return 0;
    }
    w->pos = to;
    w->forward = forward;
    return 1;
}

/* RM_ZsetRangeNext: goes to the next element of a walk.
 * Return 0 at the end of the range, where the walk stays at the last element, and when there is
 * no walk. Since: 4.0.0. */
int RM_ZsetRangeNext(RedisModuleKey *key) { return step(key, true); }

/* RM_ZsetRangePrev: ZsetRangeNext in the other direction. Since: 4.0.0. */
int RM_ZsetRangePrev(RedisModuleKey *key) { return step(key, false); }
