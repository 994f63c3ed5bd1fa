/* dispatch.c: running a module's command. Go crosses once; the contexts, argument strings and
 * reply buffers that this takes are kept per thread, so that nothing is allocated. */

#include "dispatch.h"

#define ARGV_ON_STACK 64

RedisModuleCtx *volatile rm_running;

void rm_call_take_reply(rm_call *call, RedisModuleCtx *ctx) {
    rm_reply_finish(NULL, &ctx->reply);
    call->reply = ctx->reply.buf;
    call->reply_len = ctx->reply.len;
    call->errors = ctx->reply.errors;
    call->quiet = ctx->reply.quiet;
    call->spans = ctx->reply.spans;
    if (RM_UNLIKELY(call->spans > 0))
        memcpy(call->error_at, ctx->reply.error_at, sizeof(call->error_at));
}

void rm_dispatch(uintptr_t at) {
    rm_call *call = (rm_call *)at;
    RedisModuleCommand *cmd = call->cmd;
    rm_module *m = cmd->module;
    RedisModuleCtx *ctx = rm_ctx_new(m, RMC_COMMAND | call->flags);
    ctx->cmd = cmd;
    ctx->resp = call->resp;
    ctx->dbid = call->dbid;
    ctx->client_id = call->client_id;
    ctx->unwatched = !call->watched;
    ctx->go = call->go;
    ctx->bc = call->bc;
    ctx->privdata = call->privdata;
    ctx->ready_key = call->ready_key;

    RedisModuleString *on_stack[ARGV_ON_STACK], **argv = on_stack;
    rm_argblock *args = rm_args_new(m, (const rm_slice *)call->argv, call->argc);
    if (call->argc >= ARGV_ON_STACK)
        argv = rm_malloc(NULL, ((size_t)call->argc + 1) * sizeof(*argv));
    for (int i = 0; i < call->argc; i++)
        argv[i] = &args->s[i];
    argv[call->argc] = NULL;
    ctx->argv = argv;
    ctx->argc = call->argc;

    RedisModuleCtx *outer = rm_running;
    rm_running = ctx;
    m->in_calls++;
    rm_state.dispatches++;
    rm_touch(); /* anything may have happened since C last ran */
    int64_t crossings = rm_state.crossings;
    call->result = (call->func != NULL ? call->func : cmd->func)(ctx, argv, call->argc);
    if (RM_UNLIKELY(rm_state.in_child))
        rm_child_cannot("the return from a command");
    call->dbid_after = ctx->dbid;
    call->blocked = ctx->bc;
    call->pos = ctx->pos;
    call->npos = ctx->npos;
    rm_call_take_reply(call, ctx);
    /* Ends the context but leaves the reply's bytes where they are. */
    rm_ctx_end(ctx);
    cmd->calls++;
    cmd->crossings += (uint64_t)(rm_state.crossings - crossings);
    m->in_calls--;
    rm_running = outer;
    if (argv != on_stack)
        rm_free(NULL, argv);
    rm_args_release(args);
}
