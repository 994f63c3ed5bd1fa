/* stream.h: what stream.c and stream.go agree on. */

#ifndef BERTH_CAPI_STREAM_H
#define BERTH_CAPI_STREAM_H

#include "capi_internal.h"

#define RM_STREAM_FIELDS 16

typedef struct rm_selem {
    const char *ptr; /* in the data set; NULL: n is the element itself */
    int64_t n;       /* bytes at ptr */
} rm_selem;

/* An iteration of a stream, as far as C knows it. Go has the rest under the key's iter. */
typedef struct rm_swalk {
    RedisModuleStreamID id; /* of the entry that it stands at; 0-0: at none */
    long fields;            /* that the entry has */
    long left;              /* of these, not given yet */
    /* Fields and values that were fetched, beginning with that of number from; good for one epoch.
     */
    int64_t epoch;
    long from, count;
    rm_selem items[2 * RM_STREAM_FIELDS];
} rm_swalk;

#endif
