/* list.h: what list.c and list.go agree on. */

#ifndef BERTH_CAPI_LIST_H
#define BERTH_CAPI_LIST_H

#include "capi_internal.h"

#define RM_AHEAD 128

typedef struct rm_litem {
    const char *ptr; /* in the data set; NULL: n is the element itself */
    int64_t n;       /* bytes at ptr */
} rm_litem;

/* Elements that ListGet fetched before they were asked for, because the ones asked for came in
 * order: those with the indexes from to from + count - 1. */
typedef struct rm_ahead {
    int64_t epoch; /* rm_state.epoch when they were fetched, and the only one they are good for */
    long from, count, limit;
    long first;  /* where in items the one with the index from is */
    long index;  /* of the one fetched last, which mark and offset lead to */
    void *node;
    long offset;
    rm_litem items[RM_AHEAD];
} rm_ahead;

#endif
