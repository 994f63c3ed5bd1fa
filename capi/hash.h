/* hash.h: what hash.c and hash.go agree on. */

#ifndef BERTH_CAPI_HASH_H
#define BERTH_CAPI_HASH_H

#include "capi_internal.h"

/* One field of HashSet or HashGet. */
typedef struct rm_field {
    rm_slice name;
    rm_slice value; /* HashGet: in the data set, until something changes; or ptr NULL: in text */
    char text[32];
    mstime_t expire;
    void *place;
    bool delete;
    bool found;
} rm_field;

#endif
