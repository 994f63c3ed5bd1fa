/* scan.h: what one step of a scan found, as Go hands it to scan.c. */

#ifndef BERTH_CAPI_SCAN_H
#define BERTH_CAPI_SCAN_H

#include "capi_internal.h"

/* Copies: callbacks may change what was scanned. The memory comes from malloc. */
typedef struct rm_found {
    rm_slice *at; /* names of keys, or elements; for hashes and sorted sets each with its value */
    size_t n;     /* of slices */
    int per;      /* slices per element: 1 or 2 */
} rm_found;

#endif
