/* acl.c: users that modules make, what users may do, and the ACL log. */

#include "acl.h"

#include "_cgo_export.h"

/* The slot of the module that calls: of the code at pc, else of what runs. */
static uint32_t calling_slot(const void *pc) {
    rm_module *m = rm_module_at(pc);
    if (m == NULL && rm_running != NULL)
        m = rm_running->module;
    return m != NULL ? m->slot : 0;
}

static RedisModuleUser *user_new(uint32_t slot, int64_t go, bool owned) {
    if (go == 0)
        return NULL;
    RedisModuleUser *u = rm_malloc(NULL, sizeof(*u));
    *u = (RedisModuleUser){.magic = RM_MAGIC_USER, .slot = slot, .go = go, .owned = owned};
    return u;
}

/* RM_CreateModuleUser: makes a user that only the module knows: off, and without any permission.
 * name: for logs and CLIENT LIST; need not be new. Return the user, freed with FreeModuleUser.
 * errno: not set. Since: 6.0.0. */
RedisModuleUser *RM_CreateModuleUser(const char *name) {
    uint32_t slot = calling_slot(__builtin_return_address(0));
    RM_CROSS_READ();
    return user_new(slot, goCreateModuleUser(slot, (char *)name), true);
}

/* RM_FreeModuleUser: frees a user. The clients of one that the module made are closed; a named user
 * of the server stays. Since: 6.0.0. */
void RM_FreeModuleUser(RedisModuleUser *user) {
    RM_CHECK(user, RM_MAGIC_USER);
    RM_CROSS();
    goFreeModuleUser(user->slot, user->go, user->owned);
    user->magic = RM_DEAD;
    rm_free(NULL, user);
}

/* RM_SetModuleUserACL: applies one rule, as a word of ACL SETUSER.
 * Return REDISMODULE_OK, or -1 for a rule that is refused. errno: ENOENT an unknown command or
 * category, EINVAL a rule that cannot be understood, EEXIST, EISDIR, ENODEV, EBADMSG, ECHILD for
 * the other errors of ACL SETUSER. Since: 6.0.0. */
int RM_SetModuleUserACL(RedisModuleUser *user, const char *acl) {
    RM_CHECK(user, RM_MAGIC_USER);
    RM_CROSS();
    int e = goSetModuleUserACL(user->slot, user->go, (char *)acl);
    if (e != 0)
        errno = e;
    return e == 0 ? REDISMODULE_OK : -1;
}

/* RM_SetModuleUserACLString: applies a line of rules, all or none.
 * error: out, may be NULL: why they are refused; ownership as with CreateString.
 * Return REDISMODULE_ERR for rules that are refused. errno: not set. Since: 7.0.6. */
int RM_SetModuleUserACLString(RedisModuleCtx *ctx, RedisModuleUser *user, const char *acl,
                              RedisModuleString **error) {
    RM_CHECK(user, RM_MAGIC_USER);
    RM_CROSS();
    RedisModuleString *why = goSetModuleUserACLString(ctx, user->slot, user->go, (char *)acl);
    if (why == NULL)
        return REDISMODULE_OK;
    if (error != NULL)
        *error = why;
    else
        RM_FreeString(ctx, why);
    return REDISMODULE_ERR;
}

/* RM_GetModuleUserACLString: the rules that make the user, as ACL LIST writes them.
 * Return a string to be freed with FreeString. Since: 7.0.6. */
RedisModuleString *RM_GetModuleUserACLString(RedisModuleUser *user) {
    RM_CHECK(user, RM_MAGIC_USER);
    RM_CROSS_READ();
    return goGetModuleUserACLString(user->slot, user->go);
}

/* RM_GetModuleUserFromUserName: a named user of the server.
 * Return NULL for none; else to be freed with FreeModuleUser, which leaves the user alone. It stays
 * good when the user is deleted. errno: not set. Since: 7.0.0. */
RedisModuleUser *RM_GetModuleUserFromUserName(RedisModuleString *name) {
    uint32_t slot = calling_slot(__builtin_return_address(0));
    RM_CROSS_READ();
    return user_new(slot, goNamedUser(slot, name), false);
}

/* RM_GetContextUser: what SetContextUser set, or NULL. Borrowed. Since: 8.8.0. */
const RedisModuleUser *RM_GetContextUser(RedisModuleCtx *ctx) { return ctx->user; }

/* RM_GetUserUsername: a user's name. Ownership as with CreateString. Since: 8.8.0. */
RedisModuleString *RM_GetUserUsername(RedisModuleCtx *ctx, const RedisModuleUser *user) {
    RM_CHECK(user, RM_MAGIC_USER);
    RM_CROSS_READ();
    return goUserName(ctx, user->slot, user->go);
}

static rm_slice *slices_of(RedisModuleString **argv, int argc) {
    rm_slice *v = rm_malloc(NULL, ((size_t)argc + 1) * sizeof(*v));
    for (int i = 0; i < argc; i++)
        v[i] = (rm_slice){argv[i]->ptr, argv[i]->len, argv[i]->len};
    return v;
}

/* RM_ACLCheckCommandPermissions: may the user run this command, with its keys and channels?
 * Return REDISMODULE_ERR for no. errno: ENOENT no such command, EINVAL wrong number of arguments,
 * EACCES not allowed; not set on success. Since: 7.0.0. */
int RM_ACLCheckCommandPermissions(RedisModuleUser *user, RedisModuleString **argv, int argc) {
    RM_CHECK(user, RM_MAGIC_USER);
    rm_slice *v = slices_of(argv, argc);
    int reason;
    RM_CROSS_READ();
    int e = goCheckCommand(user->slot, user->go, v, argc, true, &reason);
    rm_free(NULL, v);
    if (e != 0)
        errno = e;
    return e == 0 ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* VM_ACLCheckPermissions: the same, with what is not allowed, and for any number of arguments.
 * dbid: not looked at, since users have no rights about databases here. denial_reason: out, may be
 * NULL, set when the answer is no. errno: EINVAL no such command or database, EACCES.
 * Since: Valkey 9.1.0. */
int VM_ACLCheckPermissions(RedisModuleUser *user, RedisModuleString **argv, int argc, int dbid,
                           RedisModuleACLLogEntryReason *denial_reason) {
    RM_CHECK(user, RM_MAGIC_USER);
    if (argc <= 0 || dbid < 0 || !goDatabaseExists(user->slot, dbid)) {
        errno = EINVAL;
        return REDISMODULE_ERR;
    }
    rm_slice *v = slices_of(argv, argc);
    int reason = 0;
    RM_CROSS_READ();
    int e = goCheckCommand(user->slot, user->go, v, argc, false, &reason);
    rm_free(NULL, v);
    if (e == EACCES && denial_reason != NULL)
        *denial_reason = (RedisModuleACLLogEntryReason)reason;
    if (e != 0)
        errno = e == ENOENT ? EINVAL : e;
    return e == 0 ? REDISMODULE_OK : REDISMODULE_ERR;
}

static int check_key(RedisModuleUser *user, const char *key, size_t len, unsigned flags,
                     bool prefix) {
    const unsigned known = REDISMODULE_CMD_KEY_ACCESS | REDISMODULE_CMD_KEY_INSERT |
                           REDISMODULE_CMD_KEY_DELETE | REDISMODULE_CMD_KEY_UPDATE;
    RM_CHECK(user, RM_MAGIC_USER);
    if ((flags & known) != flags) {
        errno = EINVAL;
        return REDISMODULE_ERR;
    }
    RM_CROSS_READ();
    if (goCheckKey(user->slot, user->go, (rm_slice){(char *)key, len, len}, (int)flags, prefix))
        return REDISMODULE_OK;
    errno = EACCES;
    return REDISMODULE_ERR;
}

/* RM_ACLCheckKeyPermissions: may the user use a key so?
 * flags: REDISMODULE_CMD_KEY_ACCESS, _INSERT, _DELETE, _UPDATE; 0 asks for a key that some pattern
 * of the user's matches. Return REDISMODULE_ERR for no. errno: EINVAL other flags, EACCES.
 * Since: 7.0.0. */
int RM_ACLCheckKeyPermissions(RedisModuleUser *user, RedisModuleString *key, int flags) {
    return check_key(user, key->ptr, key->len, (unsigned)flags, false);
}

/* RM_ACLCheckKeyPrefixPermissions: may the user use every key so that begins with prefix?
 * Otherwise as ACLCheckKeyPermissions. Since: 8.0.0. */
int RM_ACLCheckKeyPrefixPermissions(RedisModuleUser *user, RedisModuleString *prefix, int flags) {
    return check_key(user, prefix->ptr, prefix->len, (unsigned)flags, true);
}

/* VM_ACLCheckKeyPrefixPermissions: the same with other arguments. Since: Valkey 9.1.0. */
int VM_ACLCheckKeyPrefixPermissions(RedisModuleUser *user, const char *key, size_t len,
                                    unsigned int flags) {
    return check_key(user, key, len, flags, true);
}

/* RM_ACLCheckChannelPermissions: may the user use a channel?
 * literal: REDISMODULE_CMD_CHANNEL_* flags; with _PATTERN the channel is a pattern, with
 * _UNSUBSCRIBE the answer is yes. Return REDISMODULE_ERR for no. errno: EINVAL other flags,
 * otherwise not set. Since: 7.0.0. */
int RM_ACLCheckChannelPermissions(RedisModuleUser *user, RedisModuleString *ch, int literal) {
    const int known = REDISMODULE_CMD_CHANNEL_PATTERN | REDISMODULE_CMD_CHANNEL_PUBLISH |
                      REDISMODULE_CMD_CHANNEL_SUBSCRIBE | REDISMODULE_CMD_CHANNEL_UNSUBSCRIBE;
    RM_CHECK(user, RM_MAGIC_USER);
    if ((literal & known) != literal) {
        errno = EINVAL;
        return REDISMODULE_ERR;
    }
    if (literal & REDISMODULE_CMD_CHANNEL_UNSUBSCRIBE)
        return REDISMODULE_OK;
    RM_CROSS_READ();
    bool ok = goCheckChannel(user->slot, user->go, ch, literal & REDISMODULE_CMD_CHANNEL_PATTERN);
    return ok ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_ACLAddLogEntry: enters into ACL LOG that a user was refused something.
 * object: the command, key or channel. Since: 7.0.0. */
void RM_ACLAddLogEntry(RedisModuleCtx *ctx, RedisModuleUser *user, RedisModuleString *object,
                       RedisModuleACLLogEntryReason reason) {
    RM_CHECK(user, RM_MAGIC_USER);
    RM_CROSS_READ();
    goACLLog(ctx, user->go, NULL, object, (int)reason);
}

/* RM_ACLAddLogEntryByUserName: the same for a name, of which there need be no user.
 * Since: 7.2.0. */
void RM_ACLAddLogEntryByUserName(RedisModuleCtx *ctx, RedisModuleString *user,
                                 RedisModuleString *object, RedisModuleACLLogEntryReason reason) {
    RM_CROSS_READ();
    goACLLog(ctx, 0, user, object, (int)reason);
}
