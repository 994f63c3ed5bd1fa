/* defrag.h: active defragmentation, as defrag.c, dict.c and their Go half share it. */

#ifndef BERTH_CAPI_DEFRAG_H
#define BERTH_CAPI_DEFRAG_H

#include "types.h"

#pragma GCC visibility push(hidden)

/* What a defragmentation callback is given; lives for one callback. */
struct RedisModuleDefragCtx {
    uint32_t magic;
    bool stopping;       /* the deadline was seen to have passed */
    rm_module *module;   /* whose callback it is */
    int64_t deadline_ns; /* of the monotonic clock; 0: none */
    unsigned long *cursor;
    RedisModuleString *key; /* NULL outside of values */
    int dbid;               /* -1 outside of values */
    int64_t hits, misses;
};

/* One callback, as Go asks for it. */
typedef struct rm_defrag_call {
    void *value; /* in and out */
    unsigned long cursor;
    bool resumes;      /* there is a cursor */
    bool more;         /* out: there is more to do */
    int64_t budget_ns; /* until the callback should stop; 0: all at once */
    int64_t hits, misses;
} rm_defrag_call;

void rm_type_defrag(RedisModuleType *t, const char *key, size_t len, int dbid, rm_defrag_call *c);
bool rm_defrag_has_globals(const rm_module *m);
void rm_defrag_globals(rm_module *m, rm_defrag_call *c);
void rm_defrag_start(rm_module *m, rm_defrag_call *c);
void rm_defrag_end(rm_module *m, rm_defrag_call *c);

/* Moves an allocation of the module's if that helps: NULL when it stays where it is. */
void *rm_defrag_move(RedisModuleDefragCtx *ctx, void *p);

/* Bytes of C's heap that are free, between what is in use. */
int64_t rm_heap_waste(void);
/* Moves memory of at most max bytes to a lower address if there is room; NULL when not. */
void *rm_heap_lower(const rm_module *m, void *p, size_t max);
/* Gives back what the C library holds and nobody uses; 1 when there was something. */
int rm_heap_trim(void);

#pragma GCC visibility pop

#endif
