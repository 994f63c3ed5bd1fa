/* testmodule.h: what the conformance modules share.
 *
 * Each of them has one command per API function, named family.function, that calls the function
 * with what the command's arguments say and replies what came back. The script beside it (.rt)
 * runs the commands on berth and on a real server and compares the bytes. */

#ifndef TESTMODULE_H
#define TESTMODULE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "redismodule.h"

struct command {
    const char *name;
    RedisModuleCmdFunc func;
    const char *flags;
    int firstkey, lastkey, keystep;
};

#define UNUSED __attribute__((unused))

/* Registers a table of commands. */
static UNUSED int create_commands(RedisModuleCtx *ctx, const struct command *commands, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct command *c = &commands[i];
        if (RedisModule_CreateCommand(ctx, c->name, c->func, c->flags, c->firstkey, c->lastkey,
                                      c->keystep) == REDISMODULE_ERR)
            return REDISMODULE_ERR;
    }
    return REDISMODULE_OK;
}

#define CREATE_COMMANDS(ctx, table) create_commands(ctx, table, sizeof(table) / sizeof *(table))

/* The usual OnLoad: a name and a table of commands. */
#define TEST_MODULE(name, table)                                                                   \
    int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {              \
        REDISMODULE_NOT_USED(argv);                                                                \
        REDISMODULE_NOT_USED(argc);                                                                \
        if (RedisModule_Init(ctx, name, 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)               \
            return REDISMODULE_ERR;                                                                \
        return CREATE_COMMANDS(ctx, table);                                                        \
    }

/* Leaves the command with the arity error unless it got this many arguments, its name included. */
#define ARITY(n)                                                                                   \
    do {                                                                                           \
        if (argc != (n))                                                                           \
            return RedisModule_WrongArity(ctx);                                                    \
    } while (0)

/* Reads an argument as an integer or leaves the command with an error. */
#define INTEGER(var, arg)                                                                          \
    long long var;                                                                                 \
    do {                                                                                           \
        if (RedisModule_StringToLongLong(arg, &var) == REDISMODULE_ERR)                            \
            return RedisModule_ReplyWithError(ctx, "ERR test: not an integer");                    \
    } while (0)

/* Reads an argument as a double with the C library, so also inf, nan and hexadecimal. */
#define DOUBLE(var, arg)                                                                           \
    double var;                                                                                    \
    do {                                                                                           \
        char *end_;                                                                                \
        var = strtod(cstr(arg), &end_);                                                            \
        if (*end_)                                                                                 \
            return RedisModule_ReplyWithError(ctx, "ERR test: not a double");                      \
    } while (0)

/* A C string of an argument, for arguments without zero bytes. */
static UNUSED const char *cstr(const RedisModuleString *s) {
    return RedisModule_StringPtrLen(s, NULL);
}

static UNUSED int is(const RedisModuleString *s, const char *word) {
    return strcasecmp(cstr(s), word) == 0;
}

/* "OK", "ERR" or the number. */
static UNUSED int reply_status(RedisModuleCtx *ctx, int status) {
    if (status == REDISMODULE_OK)
        return RedisModule_ReplyWithSimpleString(ctx, "OK");
    if (status == REDISMODULE_ERR)
        return RedisModule_ReplyWithSimpleString(ctx, "ERR");
    return RedisModule_ReplyWithLongLong(ctx, status);
}

/* The name of an error number, "0" for none. Set errno to 0 before the call that is looked at. */
static UNUSED int reply_errno(RedisModuleCtx *ctx, int error) {
    return RedisModule_ReplyWithSimpleString(ctx, error ? strerrorname_np(error) : "0");
}

/* [status, errno] */
static UNUSED int reply_status_errno(RedisModuleCtx *ctx, int status, int error) {
    RedisModule_ReplyWithArray(ctx, 2);
    reply_status(ctx, status);
    return reply_errno(ctx, error);
}

/* [number, errno] */
static UNUSED int reply_number_errno(RedisModuleCtx *ctx, long long number, int error) {
    RedisModule_ReplyWithArray(ctx, 2);
    RedisModule_ReplyWithLongLong(ctx, number);
    return reply_errno(ctx, error);
}

/* The string or null; frees it unless the context's automatic memory is on. */
static UNUSED int reply_string(RedisModuleCtx *ctx, RedisModuleString *s) {
    if (s == NULL)
        return RedisModule_ReplyWithNull(ctx);
    RedisModule_ReplyWithString(ctx, s);
    RedisModule_FreeString(ctx, s);
    return REDISMODULE_OK;
}

/* Key modes as letters: r read, w write, t notouch, n nonotify, s nostats, e noexpire, x noeffects,
 * a access expired. */
static UNUSED int open_mode(const RedisModuleString *s) {
    int mode = 0;
    for (const char *p = cstr(s); *p; p++) {
        switch (*p) {
        case 'r':
            mode |= REDISMODULE_READ;
            break;
        case 'w':
            mode |= REDISMODULE_WRITE;
            break;
        case 't':
            mode |= REDISMODULE_OPEN_KEY_NOTOUCH;
            break;
        case 'n':
            mode |= REDISMODULE_OPEN_KEY_NONOTIFY;
            break;
        case 's':
            mode |= REDISMODULE_OPEN_KEY_NOSTATS;
            break;
        case 'e':
            mode |= REDISMODULE_OPEN_KEY_NOEXPIRE;
            break;
        case 'x':
            mode |= REDISMODULE_OPEN_KEY_NOEFFECTS;
            break;
        case 'a':
            mode |= REDISMODULE_OPEN_KEY_ACCESS_EXPIRED;
            break;
        default:
            break;
        }
    }
    return mode;
}

#endif
