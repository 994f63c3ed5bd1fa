/* auth.c: authentication by modules. */

#include "acl.h"
#include "blocked.h"

#include "_cgo_export.h"

/* RM_RegisterAuthCallback: has cb asked whenever a client authenticates with AUTH or HELLO, before
 * the passwords of the users are looked at. The newest callback is asked first.
 * cb: returns REDISMODULE_AUTH_HANDLED to have decided, with AuthenticateClientWithUser or
 * AuthenticateClientWithACLUser called for a yes; a no may be worded in *err, a string that becomes
 * the server's. It may return it after BlockClientOnAuth, too. Otherwise
 * REDISMODULE_AUTH_NOT_HANDLED, and the next is asked. Since: 7.2.0. */
void RM_RegisterAuthCallback(RedisModuleCtx *ctx, RedisModuleAuthCallback cb) {
    RM_CROSS();
    goRegisterAuthCallback(ctx->module, (uintptr_t)cb);
}

/* RM_BlockClientOnAuth: BlockClient for an authentication callback.
 * reply_callback: called after UnblockClient, decides as an authentication callback does; the
 * private data is at hand there. free_privdata: as in BlockClient.
 * Return NULL, with an error as the reply, outside of an authentication callback. Since: 7.2.0. */
RedisModuleBlockedClient *RM_BlockClientOnAuth(RedisModuleCtx *ctx,
                                               RedisModuleAuthCallback reply_callback,
                                               void (*free_privdata)(RedisModuleCtx *, void *)) {
    RM_CHECK(ctx, RM_MAGIC_CTX);
    RM_CROSS();
    if (!goAuthInProgress(ctx)) {
        RM_ReplyWithError(ctx, "ERR Module blocking client on auth when not currently undergoing module "
                                "authentication");
        return NULL;
    }
    RedisModuleBlockedClient *bc = RM_BlockClient(ctx, NULL, NULL, free_privdata, 0);
    bc->on_auth = reply_callback;
    return bc;
}

static int authenticate(RedisModuleCtx *ctx, int64_t user, rm_slice name,
                        RedisModuleUserChangedFunc callback, void *privdata, uint64_t *client_id) {
    RM_CROSS();
    return goAuthenticate(ctx, user, name, (uintptr_t)callback, (uintptr_t)privdata, client_id);
}

/* RM_AuthenticateClientWithUser: makes the context's client that of a user from now on, without a
 * password.
 * callback: may be NULL; called once, when the client stops being that user's: it authenticates
 * anew, is reset or closed, or the module is unloaded. client_id: out, may be NULL.
 * Return REDISMODULE_ERR for a user that is off or a context without a real client.
 * Since: 6.0.0. */
int RM_AuthenticateClientWithUser(RedisModuleCtx *ctx, RedisModuleUser *user,
                                  RedisModuleUserChangedFunc callback, void *privdata,
                                  uint64_t *client_id) {
    RM_CHECK(user, RM_MAGIC_USER);
    return authenticate(ctx, user->go, (rm_slice){NULL, 0, 0}, callback, privdata, client_id);
}

/* RM_AuthenticateClientWithACLUser: the same with a named user of the server.
 * Return REDISMODULE_ERR also when there is none. Since: 6.0.0. */
int RM_AuthenticateClientWithACLUser(RedisModuleCtx *ctx, const char *name, size_t len,
                                     RedisModuleUserChangedFunc callback, void *privdata,
                                     uint64_t *client_id) {
    return authenticate(ctx, 0, (rm_slice){(char *)name, len, len}, callback, privdata, client_id);
}

/* RM_GetClientCertificate: the certificate that a client on TLS identified itself with.
 * Return its PEM text, owned as with CreateString; NULL when there is no such client, it is not on
 * TLS, or it has none. errno: not set. Since: 6.0.9. */
RedisModuleString *RM_GetClientCertificate(RedisModuleCtx *ctx, uint64_t id) {
    RM_CROSS_READ();
    return goClientCertificate(ctx, id);
}

int rm_fire_auth(rm_module *m, rm_call *call, RedisModuleAuthCallback cb, rm_slice name,
                 rm_slice password, RedisModuleString **err) {
    RedisModuleBlockedClient *bc = call->bc;
    RedisModuleCtx *ctx = rm_temp_begin(m, call->go, call->dbid);
    /* Replies count: BlockClientOnAuth makes one where nobody can be blocked. */
    ctx->flags |= RMC_COMMAND | (bc != NULL ? RMC_BLOCKED_REPLY : 0);
    ctx->resp = call->resp;
    ctx->client_id = call->client_id;
    ctx->bc = bc;
    ctx->privdata = bc != NULL ? bc->privdata : NULL;
    RedisModuleString *n = rm_str_new(m, name.ptr, name.len);
    RedisModuleString *p = rm_str_new(m, password.ptr, password.len);
    *err = NULL;
    int result = cb(ctx, n, p, err);
    /* Automatic memory must not take what is handed over. */
    if (*err != NULL)
        rm_am_remove(ctx, RM_AM_STRING, *err);
    rm_str_decr(n);
    rm_str_decr(p);
    rm_call_take_reply(call, ctx);
    rm_temp_end(ctx);
    return result;
}

void rm_fire_user_changed(RedisModuleUserChangedFunc func, uint64_t client_id, void *privdata) {
    func(client_id, privdata);
}
