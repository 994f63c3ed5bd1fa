/* acl.h: what acl.go and auth.go use of acl.c and auth.c. */

#ifndef BERTH_CAPI_ACL_H
#define BERTH_CAPI_ACL_H

#include "dispatch.h"

#pragma GCC visibility push(hidden)

/* A user in a module's hands: one that it made, or a named user of the server's. */
struct RedisModuleUser {
    uint32_t magic;
    uint32_t slot; /* of the module */
    int64_t go;    /* Go's *acl.User (Runtime.users) */
    bool owned;    /* made by CreateModuleUser */
};

/* Calls an authentication callback, as the call that call (an rm_call) describes; call->bc is the
 * client that the module blocked before and has unblocked, or NULL. *err is a string of the
 * module's, or NULL. */
int rm_fire_auth(rm_module *m, rm_call *call, RedisModuleAuthCallback cb, rm_slice name,
                 rm_slice password, RedisModuleString **err);
void rm_fire_user_changed(RedisModuleUserChangedFunc func, uint64_t client_id, void *privdata);

#pragma GCC visibility pop

#endif
