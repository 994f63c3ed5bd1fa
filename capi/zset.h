/* zset.h: what zset.c and zset.go agree on. */

#ifndef BERTH_CAPI_ZSET_H
#define BERTH_CAPI_ZSET_H

#include "capi_internal.h"

#define RM_WINDOW 32

typedef struct rm_zitem {
    double score;
    rm_slice member; /* in the data set while the epoch stays; or ptr NULL: in text */
    char text[32];
} rm_zitem;

/* A walk over a range of a sorted set: ranks base to base + n - 1, seen through a window of
 * elements that one crossing fetched. */
typedef struct rm_zwalk {
    bool active;
    bool ended; /* what ZsetRangeEndReached answers */
    long base, n, pos;
    long from, count; /* the window: places in the range, from from on */
    int64_t epoch;    /* rm_state.epoch when it was fetched */
    bool forward;     /* the last step's direction: where the window reaches */
    rm_zitem items[RM_WINDOW];
} rm_zwalk;

#endif
