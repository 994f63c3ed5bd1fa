/* childview.h: the data set as C code finds it in a forked child, where Go cannot be entered. */

#ifndef BERTH_CAPI_CHILDVIEW_H
#define BERTH_CAPI_CHILDVIEW_H

#include "capi_internal.h"

#pragma GCC visibility push(hidden)

typedef struct rm_view_db {
    uintptr_t buckets[2];
    size_t size[2]; /* in buckets */
    size_t moved;   /* of the first array, from its beginning: they hold nothing */
} rm_view_db;

typedef struct rm_view {
    int ndbs, ntypes;
    rm_view_db *dbs;
    RedisModuleType **types; /* by registry id; NULL for ids without a type */
    int key_offset, short_key, long_header;
    uint32_t type_mask, expire_bit, module_type, type_id_mask;
    int key_types[8]; /* REDISMODULE_KEYTYPE_* by the type of an entry */
    int bucket_size, bucket_slots, chained_bit;
} rm_view;

/* Filled in by Go before each fork, which keeps the arrays until the next. */
extern rm_view rm_child_view;

/* Opens a key in the child. Of a value that is no module's nothing but its type can be asked. */
void rm_child_open(RedisModuleKey *key);
/* Takes a key out of the child's own copy of the data set. Its value is left as it is: the child ends
 * before long. */
void rm_child_delete(RedisModuleKey *key);

#pragma GCC visibility pop

#endif
