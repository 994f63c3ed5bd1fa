/* zset.c: sorted sets, and walking their ranges. */

#include "zset.h"

#include "_cgo_export.h"

#include <math.h>

/* ZsetAdd and ZsetIncrby. */
static int change(RedisModuleKey *key, double score, RedisModuleString *ele, int *flagsptr,
                  int incr, double *newscore) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (!(key->mode & REDISMODULE_WRITE) ||
        (key->entry != NULL && key->type != REDISMODULE_KEYTYPE_ZSET))
        return REDISMODULE_ERR;
    if (key->entry == NULL)
        RM_ZsetRangeStop(key); /* what was walked is gone */
    if (isnan(score)) {
        if (flagsptr != NULL)
            *flagsptr = 0;
        return REDISMODULE_ERR;
    }
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
        if (key->entry == NULL)
            RM_ZsetRangeStop(key);
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

/* The walk of a key that was closed, for the thread to use again. */
static __thread rm_zwalk *spare;

static rm_zwalk *walk_of(RedisModuleKey *key) {
    rm_zwalk *w = key->z;
    if (w != NULL)
        return w;
    if (spare != NULL) {
        w = spare;
        spare = NULL;
    } else {
        w = rm_malloc(NULL, sizeof(*w));
    }
    w->active = false;
    w->ended = true;
    w->epoch = -1;
    w->bounds = w->short_bounds;
    w->text = w->room;
    w->cap = sizeof(w->room);
    key->z = w;
    return w;
}

static void free_bounds(rm_zwalk *w) {
    if (w->bounds != w->short_bounds)
        rm_free(NULL, w->bounds);
    w->bounds = w->short_bounds;
}

void rm_zset_forget(RedisModuleKey *key) {
    rm_zwalk *w = key->z;
    key->z = NULL;
    free_bounds(w);
    if (w->text != w->room)
        rm_free(NULL, w->text);
    if (spare == NULL && key->ctx != NULL && key->ctx->flags & RMC_COMMAND) {
        rm_thread_keeps();
        spare = w;
    } else {
        rm_free(NULL, w);
    }
}

void rm_zset_thread_forget(void) {
    rm_free(NULL, spare);
    spare = NULL;
}

void rm_zset_room(rm_zwalk *w, size_t n) {
    if (w->text != w->room)
        rm_free(NULL, w->text);
    w->text = rm_malloc(NULL, n);
    w->cap = n;
}

static int by_score(RedisModuleKey *key, double min, double max, int minex, int maxex, bool first) {
    RM_CHECK(key, RM_MAGIC_KEY);
    rm_key_fresh(key);
    if (key->type != REDISMODULE_KEYTYPE_ZSET)
        return REDISMODULE_ERR;
    RM_ZsetRangeStop(key);
    rm_zwalk *w = walk_of(key);
    w->lex = false;
    w->min = min;
    w->max = max;
    w->minex = minex;
    w->maxex = maxex;
    if (!isnan(min) && !isnan(max)) {
        RM_CROSS_READ();
        w->active = goZsetStart(key, w, first) > 0;
    }
    w->ended = !w->active;
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
    w->lex = true;
    w->minlen = min->len;
    w->maxlen = max->len;
    if (min->len + max->len > sizeof(w->short_bounds))
        w->bounds = rm_malloc(NULL, min->len + max->len);
    memcpy(w->bounds, min->ptr, min->len);
    memcpy(w->bounds + min->len, max->ptr, max->len);
    RM_CROSS_READ();
    int found = goZsetStart(key, w, first);
    w->active = found > 0;
    w->ended = found == 0;
    return found < 0 ? REDISMODULE_ERR : REDISMODULE_OK;
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
    free_bounds(key->z);
}

/* RM_ZsetRangeEndReached: 1 when a step found nothing more, the range is empty, or there is no
 * walk or no set any more. Since: 4.0.0. */
int RM_ZsetRangeEndReached(RedisModuleKey *key) {
    if (key->z == NULL || key->z->ended)
        return 1;
    rm_key_fresh(key);
    return key->type != REDISMODULE_KEYTYPE_ZSET;
}

/* Whether there is a walk over a set that is still there. */
static bool walking(RedisModuleKey *key) {
    if (key->z == NULL || !key->z->active)
        return false;
    rm_key_fresh(key);
    return key->type == REDISMODULE_KEYTYPE_ZSET;
}

/* RM_ZsetRangeCurrentElement: the element at which a walk stands.
 * score: out, may be NULL. Ownership as with CreateString. Return NULL when there is none, as
 * after it was removed. Since: 4.0.0. */
RedisModuleString *RM_ZsetRangeCurrentElement(RedisModuleKey *key, double *score) {
    RM_CHECK(key, RM_MAGIC_KEY);
    if (!walking(key))
        return NULL;
    rm_zwalk *w = key->z;
    if (w->epoch != rm_state.epoch) {
        RM_CROSS_READ();
        if (!goZsetStep(key, w, 0))
            return NULL;
    }
    rm_zitem *it = &w->items[w->pos];
    if (score != NULL)
        *score = it->score;
    RedisModuleString *s = rm_str_new(key->module, w->text + it->off, it->len);
    rm_am_add(key->ctx, RM_AM_STRING, s);
    return s;
}

static int step(RedisModuleKey *key, bool up) {
    RM_CHECK(key, RM_MAGIC_KEY);
    if (!walking(key))
        return 0;
    rm_zwalk *w = key->z;
    if (w->epoch == rm_state.epoch) {
        if (up == w->up) {
            if (w->pos + 1 < w->count) {
                w->pos++;
                return 1;
            }
            if (w->last) {
                w->ended = true;
                return 0;
            }
        } else if (w->pos > 0 && !w->lex) {
            /* With unequal scores a range of members may end between two that were passed. */
            w->pos--;
            return 1;
        }
    }
    RM_CROSS_READ();
    if (goZsetStep(key, w, up ? 1 : -1))
        return 1;
    w->ended = true;
    return 0;
}

/* RM_ZsetRangeNext: goes to the next element of a walk. The set may change meanwhile: the walk
 * goes on from where it stands, and sees what was added on its way.
 * Return 0 at the end of the range, where the walk stays at the last element, and when there is
 * no walk. Since: 4.0.0. */
int RM_ZsetRangeNext(RedisModuleKey *key) { return step(key, true); }

/* RM_ZsetRangePrev: ZsetRangeNext in the other direction. Since: 4.0.0. */
int RM_ZsetRangePrev(RedisModuleKey *key) { return step(key, false); }
