/* blocked.h: what blocked.go and thread.go use of blocked.c. */

#ifndef BERTH_CAPI_BLOCKED_H
#define BERTH_CAPI_BLOCKED_H

#include "capi_internal.h"

#include <pthread.h>

#pragma GCC visibility push(hidden)

/* A function for the loop to call once (eventloop.c). */
typedef struct rm_oneshot {
    RedisModuleEventLoopOneShotFunc func;
    void *data;
    struct rm_oneshot *next;
} rm_oneshot;

/* What the threads of modules leave for one server's loop. It outlives the server: a thread may
 * come late. */
typedef struct rm_runtime {
    pthread_mutex_t mu;
    RedisModuleBlockedClient *head, *tail; /* unblocked, to be finished */
    rm_oneshot *shots, **shots_end;
    int32_t pending; /* whether any of these is there; Go reads it without a crossing */
    int wakefd;      /* makes the loop turn; -1 once the server is gone */
    bool has_loop;
    pthread_t loop; /* the loop's thread */
    struct rm_runtime *older;
} rm_runtime;

rm_runtime *rm_runtime_new(int wakefd);
void rm_runtime_close(rm_runtime *rt);  /* the server is gone: nobody is to be woken */
void rm_runtime_thread(rm_runtime *rt); /* the caller's thread is the loop's */
/* To be called with rt->mu held after something was queued. */
void rm_runtime_queued(rm_runtime *rt);

/* Takes the next client to be finished, or NULL. */
RedisModuleBlockedClient *rm_bc_next(rm_runtime *rt);
bool rm_bc_unblocked(RedisModuleBlockedClient *bc);
void rm_bc_unblock(RedisModuleBlockedClient *bc); /* queues it, unless it is */
/* Claims a client that is waiting for keys for the loop: false when it is queued already. */
bool rm_bc_claim(RedisModuleBlockedClient *bc);
void rm_bc_free(RedisModuleBlockedClient *bc);

void rm_fire_disconnect(RedisModuleBlockedClient *bc, int64_t go);
void rm_fire_free(RedisModuleBlockedClient *bc, int64_t go, bool disconnected);

bool rm_oneshot_run(rm_runtime *rt);                /* calls the oldest one, if there is any */
void rm_oneshot_drop(rm_runtime *rt, rm_module *m); /* forgets those of a module */

/* Why a client cannot be blocked. */
enum {
    RM_BLOCK_OK,
    RM_BLOCK_IN_SCRIPT,
    RM_BLOCK_IN_MULTI,
    RM_BLOCK_IN_REPLY,
    RM_BLOCK_BAD_TIMEOUT,
};

#pragma GCC visibility pop

#endif
