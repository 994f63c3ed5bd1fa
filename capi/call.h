/* call.h: what RM_Call and call.go agree on. */

#ifndef BERTH_CAPI_CALL_H
#define BERTH_CAPI_CALL_H

#include "capi_internal.h"

enum {
    RM_CALL_REPLICATE = 1 << 0,
    RM_CALL_NO_AOF = 1 << 1,
    RM_CALL_NO_REPLICAS = 1 << 2,
    RM_CALL_RESP3 = 1 << 3,
    RM_CALL_RESP_AUTO = 1 << 4,
    RM_CALL_RUN_AS_USER = 1 << 5,
    RM_CALL_SCRIPT_MODE = 1 << 6,
    RM_CALL_NO_WRITES = 1 << 7,
    RM_CALL_ERRORS_AS_REPLIES = 1 << 8,
    RM_CALL_RESPECT_DENY_OOM = 1 << 9,
    RM_CALL_DRY_RUN = 1 << 10,
    RM_CALL_ALLOW_BLOCK = 1 << 11,
};

typedef struct rm_call_result {
    uintptr_t ptr; /* the reply's bytes, valid until the next crossing */
    size_t len;
    bool ran; /* the command ran, or its refusal comes as a reply */
    uint32_t errors;
    int error;       /* errno */
    int64_t promise; /* the command blocked: its record in Go */
} rm_call_result;

/* Calls what waits for the reply of a command that had blocked. */
void rm_fire_unblocked(rm_module *m, int64_t go, int dbid, RedisModuleOnUnblocked fn,
                       uintptr_t data, const rm_call_result *r)
    __attribute__((visibility("hidden")));

#endif
