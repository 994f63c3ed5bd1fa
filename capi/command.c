/* command.c: the commands of a module: creating and describing them. All of it happens while the
 * module is loaded, so it is written for clearness; what a command costs is in dispatch.c. */

#include "capi_internal.h"

#include "_cgo_export.h"

#include <stdlib.h>

static RedisModuleCommand *make_command(rm_module *m, RedisModuleCmdFunc func,
                                        RedisModuleCommand *parent) {
    RedisModuleCommand *cmd = rm_zalloc(NULL, sizeof(*cmd));
    cmd->magic = RM_MAGIC_CMD;
    cmd->module = m;
    cmd->func = func;
    cmd->parent = parent;
    return cmd;
}

void rm_command_free(RedisModuleCommand *cmd) {
    free(cmd->fullname);
    cmd->magic = RM_DEAD;
    rm_free(NULL, cmd);
}

static int create(rm_module *m, RedisModuleCommand *parent, const char *name,
                  RedisModuleCmdFunc func, const char *strflags, int firstkey, int lastkey,
                  int keystep) {
    if (!m->in_onload)
        return REDISMODULE_ERR;
    RedisModuleCommand *cmd = make_command(m, func, parent);
    RM_CROSS();
    int r = goCreateCommand(cmd, (char *)name, (char *)(strflags == NULL ? "" : strflags), firstkey,
                            lastkey, keystep);
    if (r != REDISMODULE_OK)
        rm_command_free(cmd);
    return r;
}

/* RM_CreateCommand: adds a command to the server.
 * name: any bytes but spaces and line ends, compared without case. func: NULL for a command that
 * only has subcommands. strflags: words such as "write", "readonly", "deny-oom", separated by
 * spaces. firstkey, lastkey, keystep: where the keys are, as COMMAND INFO tells it; 0 0 0 for none.
 * Return REDISMODULE_ERR outside of OnLoad, for a name that is taken or not allowed, and for an
 * unknown flag. errno: not set. Since: 4.0.0. */
int RM_CreateCommand(RedisModuleCtx *ctx, const char *name, RedisModuleCmdFunc cmdfunc,
                     const char *strflags, int firstkey, int lastkey, int keystep) {
    return create(ctx->module, NULL, name, cmdfunc, strflags, firstkey, lastkey, keystep);
}

/* RM_GetCommand: the command of that name, if this module made it; "name|sub" for a subcommand.
 * Return NULL otherwise. The pointer is valid as long as the module is loaded. Since: 7.0.0. */
RedisModuleCommand *RM_GetCommand(RedisModuleCtx *ctx, const char *name) {
    RM_CROSS();
    return goGetCommand(ctx->module, (char *)name);
}

/* RM_CreateSubcommand: adds a subcommand to a command that was made without a function.
 * parent: from GetCommand. Otherwise as CreateCommand; key positions count from the parent's
 * name. Since: 7.0.0. */
int RM_CreateSubcommand(RedisModuleCommand *parent, const char *name, RedisModuleCmdFunc cmdfunc,
                        const char *strflags, int firstkey, int lastkey, int keystep) {
    RM_CHECK(parent, RM_MAGIC_CMD);
    if (parent->parent != NULL || parent->func != NULL)
        return REDISMODULE_ERR;
    return create(parent->module, parent, name, cmdfunc, strflags, firstkey, lastkey, keystep);
}

/* RM_AddACLCategory: declares an ACL category.
 * name: letters, digits, '-' and '_' only, and new.
 * Return REDISMODULE_ERR otherwise. errno: EINVAL outside of OnLoad or for a bad name, EBUSY for a
 * name that is taken, ENOMEM when there are 64 already. Since: 7.4.0. */
int RM_AddACLCategory(RedisModuleCtx *ctx, const char *name) {
    if (!ctx->module->in_onload) {
        errno = EINVAL;
        return REDISMODULE_ERR;
    }
    if (name[0] == '\0') {
        errno = EINVAL;
        return REDISMODULE_ERR;
    }
    for (const char *p = name; *p != '\0'; p++) {
        char c = *p;
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_')) {
            rm_server_log(ctx->module, RM_LOG_WARNING,
                          "Invalid character %c in Module resource name %s.", c, name);
            errno = EINVAL;
            return REDISMODULE_ERR;
        }
    }
    RM_CROSS();
    int e = goAddACLCategory(ctx->module, (char *)name);
    errno = e;
    return e == 0 ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_SetCommandACLCategories: puts a command into ACL categories.
 * ctgrsflags: their names, separated by spaces. Only in OnLoad.
 * Return REDISMODULE_ERR outside of OnLoad or for an unknown category. Since: 7.2.0. */
int RM_SetCommandACLCategories(RedisModuleCommand *command, const char *ctgrsflags) {
    RM_CHECK(command, RM_MAGIC_CMD);
    if (!command->module->in_onload)
        return REDISMODULE_ERR;
    RM_CROSS();
    return goSetCommandACLCategories(command, (char *)ctgrsflags);
}

/* RM_SetCommandInfo: describes a command for COMMAND INFO and COMMAND DOCS: arity, key specs,
 * arguments, history, tips. Everything is copied.
 * info: begins with the version of the module's header, whose struct sizes it is read by.
 * Return REDISMODULE_ERR. errno: EEXIST when the command has been described, EINVAL for
 * information that does not hold together, which is logged. Since: 7.0.0. */
int RM_SetCommandInfo(RedisModuleCommand *command, const RedisModuleCommandInfo *info) {
    RM_CHECK(command, RM_MAGIC_CMD);
    RM_CROSS();
    int e = goSetCommandInfo(command, (RedisModuleCommandInfo *)info);
    errno = e;
    return e == 0 ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_IsKeysPositionRequest: whether the command is only asked where its keys are, which a command
 * with the flag "getkeys-api" answers with KeyAtPos and nothing else. Since: 4.0.0. */
int RM_IsKeysPositionRequest(RedisModuleCtx *ctx) { return (ctx->flags & RMC_KEYS_POS) != 0; }

/* RM_IsChannelsPositionRequest: the same for "getchannels-api" and ChannelAtPosWithFlags.
 * Since: 7.0.0. */
int RM_IsChannelsPositionRequest(RedisModuleCtx *ctx) {
    return (ctx->flags & RMC_CHANNELS_POS) != 0;
}

static void add_pos(RedisModuleCtx *ctx, uint32_t request, int pos, int flags) {
    if (!(ctx->flags & request) || pos <= 0)
        return;
    if (ctx->npos == ctx->poscap) {
        ctx->poscap = ctx->poscap == 0 ? 16 : ctx->poscap * 2;
        ctx->pos = rm_realloc(NULL, ctx->pos, ctx->poscap * 2 * sizeof(*ctx->pos));
    }
    ctx->pos[2 * ctx->npos] = pos;
    ctx->pos[2 * ctx->npos + 1] = flags;
    ctx->npos++;
}

/* RM_KeyAtPosWithFlags: reports a key in answer to a keys position request.
 * pos: index of an argument. flags: REDISMODULE_CMD_KEY_*. Since: 7.0.0. */
void RM_KeyAtPosWithFlags(RedisModuleCtx *ctx, int pos, int flags) {
    add_pos(ctx, RMC_KEYS_POS, pos, flags);
}

/* RM_KeyAtPos: KeyAtPosWithFlags for a key that is read and written. Since: 4.0.0. */
void RM_KeyAtPos(RedisModuleCtx *ctx, int pos) {
    add_pos(ctx, RMC_KEYS_POS, pos,
            REDISMODULE_CMD_KEY_RW | REDISMODULE_CMD_KEY_ACCESS | REDISMODULE_CMD_KEY_UPDATE);
}

/* RM_ChannelAtPosWithFlags: reports a channel in answer to a channels position request.
 * flags: REDISMODULE_CMD_CHANNEL_*. Since: 7.0.0. */
void RM_ChannelAtPosWithFlags(RedisModuleCtx *ctx, int pos, int flags) {
    add_pos(ctx, RMC_CHANNELS_POS, pos, flags);
}

/* RM_GetCurrentCommandName: the full name of the running command, in lower case; valid during it.
 * Return NULL outside of commands. Since: 6.2.5. */
const char *RM_GetCurrentCommandName(RedisModuleCtx *ctx) {
    return ctx->cmd != NULL ? ctx->cmd->fullname : NULL;
}
