/* dispatch.h: how Go runs a module's callbacks (dispatch.go). */

#ifndef BERTH_CAPI_DISPATCH_H
#define BERTH_CAPI_DISPATCH_H

#include "capi_internal.h"

#pragma GCC visibility push(hidden)

/* One call into a module, in C memory that Go keeps per nesting depth. Go fills in the first
 * part; rm_dispatch the second. */
typedef struct rm_call {
    RedisModuleCommand *cmd;
    uintptr_t argv; /* address of an array of rm_slice; good for the call only */
    int argc;
    int resp;
    int dbid;
    uint32_t flags; /* RMC_* beside RMC_COMMAND */
    uint64_t client_id;
    bool watched; /* some client watches a key: writes must be signalled */
    int64_t go;
    RedisModuleBlockedClient *bc; /* replies of a blocked client only */
    void *privdata;
    RedisModuleString *ready_key;
    RedisModuleCmdFunc func; /* in place of cmd's, when set */

    int result;
    int dbid_after;    /* SelectDb moves the client */
    const char *reply; /* until the next call on this thread */
    size_t reply_len;
    uint32_t errors, quiet;
    uint32_t spans;
    rm_span error_at[RM_ERRORS];
    RedisModuleBlockedClient *blocked; /* set by BlockClient */
    const int *pos;                    /* position requests: pairs of position and flags */
    uint32_t npos;
} rm_call;

/* Has the reply that ctx gathered as that of the call; its bytes outlive the context. */
void rm_call_take_reply(rm_call *call, RedisModuleCtx *ctx);

/* call is an rm_call *; as a number it needs no check of cgo for pointers into Go. */
void rm_dispatch(uintptr_t call);

#pragma GCC visibility pop

#endif
