/* zset.h: what zset.c and zset.go agree on. */

#ifndef BERTH_CAPI_ZSET_H
#define BERTH_CAPI_ZSET_H

#include "capi_internal.h"

#define RM_WINDOW 128
#define RM_WINDOW_FIRST 32
#define RM_WINDOW_TEXT 4096

typedef struct rm_zitem {
    double score;
    uint32_t off, len; /* the member's bytes in the window's text */
} rm_zitem;

/* A walk over a range of a sorted set. It stands at an element of a window: copies of elements
 * that one crossing fetched, in the direction of that step. When the set may have changed since,
 * the next call finds the element again by its member and score. */
typedef struct rm_zwalk {
    bool active; /* it stands at items[pos] */
    bool ended;  /* what ZsetRangeEndReached answers */
    bool lex;    /* the range is one of members: bounds, else of scores: min, max */
    bool minex, maxex;
    bool up;   /* the window goes to higher ranks */
    bool last; /* the range ends with the window */
    double min, max;
    char *bounds; /* both texts, one after the other */
    size_t minlen, maxlen;
    long rank;       /* of items[0] */
    long pos, count; /* in items */
    long limit;      /* how many the next window is to have */
    int64_t epoch;   /* rm_state.epoch when it was fetched */
    char *text;      /* room, or more where a member is larger */
    size_t cap;
    rm_zitem items[RM_WINDOW];
    char short_bounds[64];
    char room[RM_WINDOW_TEXT];
} rm_zwalk;

/* Makes room for a member of n bytes. */
void rm_zset_room(rm_zwalk *w, size_t n);

#endif
