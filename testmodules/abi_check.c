/* abi_check.c: redismodule.h against the ABI of Redis 8.0, at compile time.
 *
 * Numbers, offsets and prototypes are written out here a second time on purpose: a slip of the
 * header then fails the build of the test modules instead of corrupting a module's memory. Offsets
 * and sizes are those of LP64 (amd64 and arm64).
 *
 * Loaded as a module it has one command, ABI.MISSING: the names of redismodule.h that the server
 * does not have. */

#include <stddef.h>

#include "redismodule.h"

#define VALUE(name, value) _Static_assert((name) == (value), #name)
#define TYPE(expr, type) _Static_assert(__builtin_types_compatible_p(__typeof__(expr), type), #expr)
#define SIZE(type, size) _Static_assert(sizeof(type) == (size), "sizeof " #type)
#define FIELD(type, field, offset, size)                                                           \
    _Static_assert(offsetof(type, field) == (offset) && sizeof(((type *)0)->field) == (size),      \
                   #type "." #field)

/* ---- Constants ---- */

VALUE(REDISMODULE_OK, 0);
VALUE(REDISMODULE_ERR, 1);
VALUE(REDISMODULE_AUTH_HANDLED, 0);
VALUE(REDISMODULE_AUTH_NOT_HANDLED, 1);
VALUE(REDISMODULE_APIVER_1, 1);
VALUE(REDISMODULE_TYPE_METHOD_VERSION, 5);
VALUE(REDISMODULE_READ, 1);
VALUE(REDISMODULE_WRITE, 2);
VALUE(REDISMODULE_OPEN_KEY_NOTOUCH, 0x10000);
VALUE(REDISMODULE_OPEN_KEY_NONOTIFY, 0x20000);
VALUE(REDISMODULE_OPEN_KEY_NOSTATS, 0x40000);
VALUE(REDISMODULE_OPEN_KEY_NOEXPIRE, 0x80000);
VALUE(REDISMODULE_OPEN_KEY_NOEFFECTS, 0x100000);
VALUE(REDISMODULE_OPEN_KEY_ACCESS_EXPIRED, 0x200000);
VALUE(_REDISMODULE_OPEN_KEY_ALL, 0x3f0003);
VALUE(REDISMODULE_LIST_HEAD, 0);
VALUE(REDISMODULE_LIST_TAIL, 1);
VALUE(REDISMODULE_KEYTYPE_EMPTY, 0);
VALUE(REDISMODULE_KEYTYPE_STRING, 1);
VALUE(REDISMODULE_KEYTYPE_LIST, 2);
VALUE(REDISMODULE_KEYTYPE_HASH, 3);
VALUE(REDISMODULE_KEYTYPE_SET, 4);
VALUE(REDISMODULE_KEYTYPE_ZSET, 5);
VALUE(REDISMODULE_KEYTYPE_MODULE, 6);
VALUE(REDISMODULE_KEYTYPE_STREAM, 7);
VALUE(REDISMODULE_REPLY_UNKNOWN, -1);
VALUE(REDISMODULE_REPLY_STRING, 0);
VALUE(REDISMODULE_REPLY_ERROR, 1);
VALUE(REDISMODULE_REPLY_INTEGER, 2);
VALUE(REDISMODULE_REPLY_ARRAY, 3);
VALUE(REDISMODULE_REPLY_NULL, 4);
VALUE(REDISMODULE_REPLY_MAP, 5);
VALUE(REDISMODULE_REPLY_SET, 6);
VALUE(REDISMODULE_REPLY_BOOL, 7);
VALUE(REDISMODULE_REPLY_DOUBLE, 8);
VALUE(REDISMODULE_REPLY_BIG_NUMBER, 9);
VALUE(REDISMODULE_REPLY_VERBATIM_STRING, 10);
VALUE(REDISMODULE_REPLY_ATTRIBUTE, 11);
VALUE(REDISMODULE_REPLY_PROMISE, 12);
VALUE(REDISMODULE_POSTPONED_ARRAY_LEN, -1);
VALUE(REDISMODULE_POSTPONED_LEN, -1);
VALUE(REDISMODULE_NO_EXPIRE, -1);
VALUE(REDISMODULE_ZADD_XX, 1);
VALUE(REDISMODULE_ZADD_NX, 2);
VALUE(REDISMODULE_ZADD_ADDED, 4);
VALUE(REDISMODULE_ZADD_UPDATED, 8);
VALUE(REDISMODULE_ZADD_NOP, 0x10);
VALUE(REDISMODULE_ZADD_GT, 0x20);
VALUE(REDISMODULE_ZADD_LT, 0x40);
VALUE(REDISMODULE_HASH_NONE, 0);
VALUE(REDISMODULE_HASH_NX, 1);
VALUE(REDISMODULE_HASH_XX, 2);
VALUE(REDISMODULE_HASH_CFIELDS, 4);
VALUE(REDISMODULE_HASH_EXISTS, 8);
VALUE(REDISMODULE_HASH_COUNT_ALL, 0x10);
VALUE(REDISMODULE_CONFIG_DEFAULT, 0);
VALUE(REDISMODULE_CONFIG_IMMUTABLE, 1);
VALUE(REDISMODULE_CONFIG_SENSITIVE, 2);
VALUE(REDISMODULE_CONFIG_HIDDEN, 0x10);
VALUE(REDISMODULE_CONFIG_PROTECTED, 0x20);
VALUE(REDISMODULE_CONFIG_DENY_LOADING, 0x40);
VALUE(REDISMODULE_CONFIG_MEMORY, 0x80);
VALUE(REDISMODULE_CONFIG_BITFLAGS, 0x100);
VALUE(REDISMODULE_STREAM_ADD_AUTOID, 1);
VALUE(REDISMODULE_STREAM_ITERATOR_EXCLUSIVE, 1);
VALUE(REDISMODULE_STREAM_ITERATOR_REVERSE, 2);
VALUE(REDISMODULE_STREAM_TRIM_APPROX, 1);
VALUE(REDISMODULE_CTX_FLAGS_LUA, 1);
VALUE(REDISMODULE_CTX_FLAGS_MULTI, 2);
VALUE(REDISMODULE_CTX_FLAGS_MASTER, 4);
VALUE(REDISMODULE_CTX_FLAGS_SLAVE, 8);
VALUE(REDISMODULE_CTX_FLAGS_READONLY, 0x10);
VALUE(REDISMODULE_CTX_FLAGS_CLUSTER, 0x20);
VALUE(REDISMODULE_CTX_FLAGS_AOF, 0x40);
VALUE(REDISMODULE_CTX_FLAGS_RDB, 0x80);
VALUE(REDISMODULE_CTX_FLAGS_MAXMEMORY, 0x100);
VALUE(REDISMODULE_CTX_FLAGS_EVICT, 0x200);
VALUE(REDISMODULE_CTX_FLAGS_OOM, 0x400);
VALUE(REDISMODULE_CTX_FLAGS_OOM_WARNING, 0x800);
VALUE(REDISMODULE_CTX_FLAGS_REPLICATED, 0x1000);
VALUE(REDISMODULE_CTX_FLAGS_LOADING, 0x2000);
VALUE(REDISMODULE_CTX_FLAGS_REPLICA_IS_STALE, 0x4000);
VALUE(REDISMODULE_CTX_FLAGS_REPLICA_IS_CONNECTING, 0x8000);
VALUE(REDISMODULE_CTX_FLAGS_REPLICA_IS_TRANSFERRING, 0x10000);
VALUE(REDISMODULE_CTX_FLAGS_REPLICA_IS_ONLINE, 0x20000);
VALUE(REDISMODULE_CTX_FLAGS_ACTIVE_CHILD, 0x40000);
VALUE(REDISMODULE_CTX_FLAGS_MULTI_DIRTY, 0x80000);
VALUE(REDISMODULE_CTX_FLAGS_IS_CHILD, 0x100000);
VALUE(REDISMODULE_CTX_FLAGS_DENY_BLOCKING, 0x200000);
VALUE(REDISMODULE_CTX_FLAGS_RESP3, 0x400000);
VALUE(REDISMODULE_CTX_FLAGS_ASYNC_LOADING, 0x800000);
VALUE(REDISMODULE_CTX_FLAGS_SERVER_STARTUP, 0x1000000);
VALUE(_REDISMODULE_CTX_FLAGS_NEXT, 0x4000000);
VALUE(REDISMODULE_NOTIFY_KEYSPACE, 1);
VALUE(REDISMODULE_NOTIFY_KEYEVENT, 2);
VALUE(REDISMODULE_NOTIFY_GENERIC, 4);
VALUE(REDISMODULE_NOTIFY_STRING, 8);
VALUE(REDISMODULE_NOTIFY_LIST, 0x10);
VALUE(REDISMODULE_NOTIFY_SET, 0x20);
VALUE(REDISMODULE_NOTIFY_HASH, 0x40);
VALUE(REDISMODULE_NOTIFY_ZSET, 0x80);
VALUE(REDISMODULE_NOTIFY_EXPIRED, 0x100);
VALUE(REDISMODULE_NOTIFY_EVICTED, 0x200);
VALUE(REDISMODULE_NOTIFY_STREAM, 0x400);
VALUE(REDISMODULE_NOTIFY_KEY_MISS, 0x800);
VALUE(REDISMODULE_NOTIFY_LOADED, 0x1000);
VALUE(REDISMODULE_NOTIFY_MODULE, 0x2000);
VALUE(REDISMODULE_NOTIFY_NEW, 0x4000);
VALUE(_REDISMODULE_NOTIFY_NEXT, 0x8000);
VALUE(REDISMODULE_NOTIFY_ALL, 0x27fc);
_Static_assert(
    __builtin_strcmp(REDISMODULE_ERRORMSG_WRONGTYPE,
                     "WRONGTYPE Operation against a key holding the wrong kind of value") == 0,
    "REDISMODULE_ERRORMSG_WRONGTYPE");
VALUE(REDISMODULE_NODE_ID_LEN, 0x28);
VALUE(REDISMODULE_NODE_MYSELF, 1);
VALUE(REDISMODULE_NODE_MASTER, 2);
VALUE(REDISMODULE_NODE_SLAVE, 4);
VALUE(REDISMODULE_NODE_PFAIL, 8);
VALUE(REDISMODULE_NODE_FAIL, 0x10);
VALUE(REDISMODULE_NODE_NOFAILOVER, 0x20);
VALUE(REDISMODULE_CLUSTER_FLAG_NONE, 0);
VALUE(REDISMODULE_CLUSTER_FLAG_NO_FAILOVER, 2);
VALUE(REDISMODULE_CLUSTER_FLAG_NO_REDIRECTION, 4);
_Static_assert(__builtin_strcmp(REDISMODULE_LOGLEVEL_DEBUG, "debug") == 0,
               "REDISMODULE_LOGLEVEL_DEBUG");
_Static_assert(__builtin_strcmp(REDISMODULE_LOGLEVEL_VERBOSE, "verbose") == 0,
               "REDISMODULE_LOGLEVEL_VERBOSE");
_Static_assert(__builtin_strcmp(REDISMODULE_LOGLEVEL_NOTICE, "notice") == 0,
               "REDISMODULE_LOGLEVEL_NOTICE");
_Static_assert(__builtin_strcmp(REDISMODULE_LOGLEVEL_WARNING, "warning") == 0,
               "REDISMODULE_LOGLEVEL_WARNING");
VALUE(REDISMODULE_AUX_BEFORE_RDB, 1);
VALUE(REDISMODULE_AUX_AFTER_RDB, 2);
VALUE(REDISMODULE_YIELD_FLAG_NONE, 1);
VALUE(REDISMODULE_YIELD_FLAG_CLIENTS, 2);
VALUE(REDISMODULE_BLOCK_UNBLOCK_DEFAULT, 0);
VALUE(REDISMODULE_BLOCK_UNBLOCK_DELETED, 1);
VALUE(REDISMODULE_CMDFILTER_NOSELF, 1);
VALUE(REDISMODULE_OPTIONS_HANDLE_IO_ERRORS, 1);
VALUE(REDISMODULE_OPTION_NO_IMPLICIT_SIGNAL_MODIFIED, 2);
VALUE(REDISMODULE_OPTIONS_HANDLE_REPL_ASYNC_LOAD, 4);
VALUE(REDISMODULE_OPTIONS_ALLOW_NESTED_KEYSPACE_NOTIFICATIONS, 8);
VALUE(_REDISMODULE_OPTIONS_FLAGS_NEXT, 0x10);
VALUE(REDISMODULE_CMD_ARG_NONE, 0);
VALUE(REDISMODULE_CMD_ARG_OPTIONAL, 1);
VALUE(REDISMODULE_CMD_ARG_MULTIPLE, 2);
VALUE(REDISMODULE_CMD_ARG_MULTIPLE_TOKEN, 4);
VALUE(_REDISMODULE_CMD_ARG_NEXT, 8);
VALUE(REDISMODULE_CMD_KEY_RO, 1);
VALUE(REDISMODULE_CMD_KEY_RW, 2);
VALUE(REDISMODULE_CMD_KEY_OW, 4);
VALUE(REDISMODULE_CMD_KEY_RM, 8);
VALUE(REDISMODULE_CMD_KEY_ACCESS, 0x10);
VALUE(REDISMODULE_CMD_KEY_UPDATE, 0x20);
VALUE(REDISMODULE_CMD_KEY_INSERT, 0x40);
VALUE(REDISMODULE_CMD_KEY_DELETE, 0x80);
VALUE(REDISMODULE_CMD_KEY_NOT_KEY, 0x100);
VALUE(REDISMODULE_CMD_KEY_INCOMPLETE, 0x200);
VALUE(REDISMODULE_CMD_KEY_VARIABLE_FLAGS, 0x400);
VALUE(REDISMODULE_CMD_CHANNEL_PATTERN, 1);
VALUE(REDISMODULE_CMD_CHANNEL_PUBLISH, 2);
VALUE(REDISMODULE_CMD_CHANNEL_SUBSCRIBE, 4);
VALUE(REDISMODULE_CMD_CHANNEL_UNSUBSCRIBE, 8);
VALUE(REDISMODULE_EVENTLOOP_READABLE, 1);
VALUE(REDISMODULE_EVENTLOOP_WRITABLE, 2);
VALUE(REDISMODULE_EVENT_REPLICATION_ROLE_CHANGED, 0);
VALUE(REDISMODULE_EVENT_PERSISTENCE, 1);
VALUE(REDISMODULE_EVENT_FLUSHDB, 2);
VALUE(REDISMODULE_EVENT_LOADING, 3);
VALUE(REDISMODULE_EVENT_CLIENT_CHANGE, 4);
VALUE(REDISMODULE_EVENT_SHUTDOWN, 5);
VALUE(REDISMODULE_EVENT_REPLICA_CHANGE, 6);
VALUE(REDISMODULE_EVENT_MASTER_LINK_CHANGE, 7);
VALUE(REDISMODULE_EVENT_CRON_LOOP, 8);
VALUE(REDISMODULE_EVENT_MODULE_CHANGE, 9);
VALUE(REDISMODULE_EVENT_LOADING_PROGRESS, 10);
VALUE(REDISMODULE_EVENT_SWAPDB, 11);
VALUE(REDISMODULE_EVENT_REPL_BACKUP, 12);
VALUE(REDISMODULE_EVENT_FORK_CHILD, 13);
VALUE(REDISMODULE_EVENT_REPL_ASYNC_LOAD, 14);
VALUE(REDISMODULE_EVENT_EVENTLOOP, 15);
VALUE(REDISMODULE_EVENT_CONFIG, 0x10);
VALUE(REDISMODULE_EVENT_KEY, 0x11);
VALUE(_REDISMODULE_EVENT_NEXT, 0x12);
VALUE(REDISMODULE_SUBEVENT_PERSISTENCE_RDB_START, 0);
VALUE(REDISMODULE_SUBEVENT_PERSISTENCE_AOF_START, 1);
VALUE(REDISMODULE_SUBEVENT_PERSISTENCE_SYNC_RDB_START, 2);
VALUE(REDISMODULE_SUBEVENT_PERSISTENCE_ENDED, 3);
VALUE(REDISMODULE_SUBEVENT_PERSISTENCE_FAILED, 4);
VALUE(REDISMODULE_SUBEVENT_PERSISTENCE_SYNC_AOF_START, 5);
VALUE(_REDISMODULE_SUBEVENT_PERSISTENCE_NEXT, 6);
VALUE(REDISMODULE_SUBEVENT_LOADING_RDB_START, 0);
VALUE(REDISMODULE_SUBEVENT_LOADING_AOF_START, 1);
VALUE(REDISMODULE_SUBEVENT_LOADING_REPL_START, 2);
VALUE(REDISMODULE_SUBEVENT_LOADING_ENDED, 3);
VALUE(REDISMODULE_SUBEVENT_LOADING_FAILED, 4);
VALUE(_REDISMODULE_SUBEVENT_LOADING_NEXT, 5);
VALUE(REDISMODULE_SUBEVENT_CLIENT_CHANGE_CONNECTED, 0);
VALUE(REDISMODULE_SUBEVENT_CLIENT_CHANGE_DISCONNECTED, 1);
VALUE(_REDISMODULE_SUBEVENT_CLIENT_CHANGE_NEXT, 2);
VALUE(REDISMODULE_SUBEVENT_MASTER_LINK_UP, 0);
VALUE(REDISMODULE_SUBEVENT_MASTER_LINK_DOWN, 1);
VALUE(_REDISMODULE_SUBEVENT_MASTER_NEXT, 2);
VALUE(REDISMODULE_SUBEVENT_REPLICA_CHANGE_ONLINE, 0);
VALUE(REDISMODULE_SUBEVENT_REPLICA_CHANGE_OFFLINE, 1);
VALUE(_REDISMODULE_SUBEVENT_REPLICA_CHANGE_NEXT, 2);
VALUE(REDISMODULE_EVENT_REPLROLECHANGED_NOW_MASTER, 0);
VALUE(REDISMODULE_EVENT_REPLROLECHANGED_NOW_REPLICA, 1);
VALUE(_REDISMODULE_EVENT_REPLROLECHANGED_NEXT, 2);
VALUE(REDISMODULE_SUBEVENT_FLUSHDB_START, 0);
VALUE(REDISMODULE_SUBEVENT_FLUSHDB_END, 1);
VALUE(_REDISMODULE_SUBEVENT_FLUSHDB_NEXT, 2);
VALUE(REDISMODULE_SUBEVENT_MODULE_LOADED, 0);
VALUE(REDISMODULE_SUBEVENT_MODULE_UNLOADED, 1);
VALUE(_REDISMODULE_SUBEVENT_MODULE_NEXT, 2);
VALUE(REDISMODULE_SUBEVENT_CONFIG_CHANGE, 0);
VALUE(_REDISMODULE_SUBEVENT_CONFIG_NEXT, 1);
VALUE(REDISMODULE_SUBEVENT_LOADING_PROGRESS_RDB, 0);
VALUE(REDISMODULE_SUBEVENT_LOADING_PROGRESS_AOF, 1);
VALUE(_REDISMODULE_SUBEVENT_LOADING_PROGRESS_NEXT, 2);
VALUE(REDISMODULE_SUBEVENT_REPL_BACKUP_CREATE, 0);
VALUE(REDISMODULE_SUBEVENT_REPL_BACKUP_RESTORE, 1);
VALUE(REDISMODULE_SUBEVENT_REPL_BACKUP_DISCARD, 2);
VALUE(_REDISMODULE_SUBEVENT_REPL_BACKUP_NEXT, 3);
VALUE(REDISMODULE_SUBEVENT_REPL_ASYNC_LOAD_STARTED, 0);
VALUE(REDISMODULE_SUBEVENT_REPL_ASYNC_LOAD_ABORTED, 1);
VALUE(REDISMODULE_SUBEVENT_REPL_ASYNC_LOAD_COMPLETED, 2);
VALUE(_REDISMODULE_SUBEVENT_REPL_ASYNC_LOAD_NEXT, 3);
VALUE(REDISMODULE_SUBEVENT_FORK_CHILD_BORN, 0);
VALUE(REDISMODULE_SUBEVENT_FORK_CHILD_DIED, 1);
VALUE(_REDISMODULE_SUBEVENT_FORK_CHILD_NEXT, 2);
VALUE(REDISMODULE_SUBEVENT_EVENTLOOP_BEFORE_SLEEP, 0);
VALUE(REDISMODULE_SUBEVENT_EVENTLOOP_AFTER_SLEEP, 1);
VALUE(_REDISMODULE_SUBEVENT_EVENTLOOP_NEXT, 2);
VALUE(REDISMODULE_SUBEVENT_KEY_DELETED, 0);
VALUE(REDISMODULE_SUBEVENT_KEY_EXPIRED, 1);
VALUE(REDISMODULE_SUBEVENT_KEY_EVICTED, 2);
VALUE(REDISMODULE_SUBEVENT_KEY_OVERWRITTEN, 3);
VALUE(_REDISMODULE_SUBEVENT_KEY_NEXT, 4);
VALUE(_REDISMODULE_SUBEVENT_SHUTDOWN_NEXT, 0);
VALUE(_REDISMODULE_SUBEVENT_CRON_LOOP_NEXT, 0);
VALUE(_REDISMODULE_SUBEVENT_SWAPDB_NEXT, 0);
VALUE(REDISMODULE_CLIENTINFO_FLAG_SSL, 1);
VALUE(REDISMODULE_CLIENTINFO_FLAG_PUBSUB, 2);
VALUE(REDISMODULE_CLIENTINFO_FLAG_BLOCKED, 4);
VALUE(REDISMODULE_CLIENTINFO_FLAG_TRACKING, 8);
VALUE(REDISMODULE_CLIENTINFO_FLAG_UNIXSOCKET, 0x10);
VALUE(REDISMODULE_CLIENTINFO_FLAG_MULTI, 0x20);
VALUE(REDISMODULE_CLIENTINFO_VERSION, 1);
VALUE(REDISMODULE_REPLICATIONINFO_VERSION, 1);
VALUE(REDISMODULE_FLUSHINFO_VERSION, 1);
VALUE(REDISMODULE_MODULE_CHANGE_VERSION, 1);
VALUE(REDISMODULE_CONFIGCHANGE_VERSION, 1);
VALUE(REDISMODULE_CRON_LOOP_VERSION, 1);
VALUE(REDISMODULE_LOADING_PROGRESS_VERSION, 1);
VALUE(REDISMODULE_SWAPDBINFO_VERSION, 1);
VALUE(REDISMODULE_KEYINFO_VERSION, 1);
VALUE(REDISMODULE_ARG_TYPE_STRING, 0);
VALUE(REDISMODULE_ARG_TYPE_INTEGER, 1);
VALUE(REDISMODULE_ARG_TYPE_DOUBLE, 2);
VALUE(REDISMODULE_ARG_TYPE_KEY, 3);
VALUE(REDISMODULE_ARG_TYPE_PATTERN, 4);
VALUE(REDISMODULE_ARG_TYPE_UNIX_TIME, 5);
VALUE(REDISMODULE_ARG_TYPE_PURE_TOKEN, 6);
VALUE(REDISMODULE_ARG_TYPE_ONEOF, 7);
VALUE(REDISMODULE_ARG_TYPE_BLOCK, 8);
VALUE(REDISMODULE_KSPEC_BS_INVALID, 0);
VALUE(REDISMODULE_KSPEC_BS_UNKNOWN, 1);
VALUE(REDISMODULE_KSPEC_BS_INDEX, 2);
VALUE(REDISMODULE_KSPEC_BS_KEYWORD, 3);
VALUE(REDISMODULE_KSPEC_FK_OMITTED, 0);
VALUE(REDISMODULE_KSPEC_FK_UNKNOWN, 1);
VALUE(REDISMODULE_KSPEC_FK_RANGE, 2);
VALUE(REDISMODULE_KSPEC_FK_KEYNUM, 3);
VALUE(REDISMODULE_ACL_LOG_AUTH, 0);
VALUE(REDISMODULE_ACL_LOG_CMD, 1);
VALUE(REDISMODULE_ACL_LOG_KEY, 2);
VALUE(REDISMODULE_ACL_LOG_CHANNEL, 3);
VALUE(REDISMODULE_HASH_EXPIRE_TIME, 0x20);
VALUE(REDISMODULE_CONFIG_UNPREFIXED, 0x200);
VALUE(REDISMODULE_CTX_FLAGS_DEBUG_ENABLED, 0x2000000);
TYPE(REDISMODULE_HASH_DELETE, RedisModuleString *);
TYPE(REDISMODULE_POSITIVE_INFINITE, double);
TYPE(REDISMODULE_NEGATIVE_INFINITE, double);
TYPE(REDISMODULE_COMMAND_INFO_VERSION, const RedisModuleCommandInfoVersion *);
TYPE(REDISMODULE_CONFIG_IMMUTABLE, unsigned long long);
TYPE(REDISMODULE_CONFIG_SENSITIVE, unsigned long long);
TYPE(REDISMODULE_CONFIG_HIDDEN, unsigned long long);
TYPE(REDISMODULE_CONFIG_PROTECTED, unsigned long long);
TYPE(REDISMODULE_CONFIG_DENY_LOADING, unsigned long long);
TYPE(REDISMODULE_CONFIG_MEMORY, unsigned long long);
TYPE(REDISMODULE_CONFIG_BITFLAGS, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_RO, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_RW, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_OW, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_RM, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_ACCESS, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_UPDATE, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_INSERT, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_DELETE, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_NOT_KEY, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_INCOMPLETE, unsigned long long);
TYPE(REDISMODULE_CMD_KEY_VARIABLE_FLAGS, unsigned long long);
TYPE(REDISMODULE_CMD_CHANNEL_PATTERN, unsigned long long);
TYPE(REDISMODULE_CMD_CHANNEL_PUBLISH, unsigned long long);
TYPE(REDISMODULE_CMD_CHANNEL_SUBSCRIBE, unsigned long long);
TYPE(REDISMODULE_CMD_CHANNEL_UNSUBSCRIBE, unsigned long long);

/* ---- Structs ---- */

SIZE(RedisModuleStreamID, 16);
FIELD(RedisModuleStreamID, ms, 0, 8);
FIELD(RedisModuleStreamID, seq, 8, 8);

SIZE(RedisModuleCommandArg, 72);
FIELD(RedisModuleCommandArg, name, 0, 8);
FIELD(RedisModuleCommandArg, type, 8, 4);
FIELD(RedisModuleCommandArg, key_spec_index, 12, 4);
FIELD(RedisModuleCommandArg, token, 16, 8);
FIELD(RedisModuleCommandArg, summary, 24, 8);
FIELD(RedisModuleCommandArg, since, 32, 8);
FIELD(RedisModuleCommandArg, flags, 40, 4);
FIELD(RedisModuleCommandArg, deprecated_since, 48, 8);
FIELD(RedisModuleCommandArg, subargs, 56, 8);
FIELD(RedisModuleCommandArg, display_text, 64, 8);

SIZE(RedisModuleCommandHistoryEntry, 16);
FIELD(RedisModuleCommandHistoryEntry, since, 0, 8);
FIELD(RedisModuleCommandHistoryEntry, changes, 8, 8);

SIZE(RedisModuleCommandKeySpec, 56);
FIELD(RedisModuleCommandKeySpec, notes, 0, 8);
FIELD(RedisModuleCommandKeySpec, flags, 8, 8);
FIELD(RedisModuleCommandKeySpec, begin_search_type, 16, 4);
FIELD(RedisModuleCommandKeySpec, bs, 24, 16);
FIELD(RedisModuleCommandKeySpec, bs.index, 24, 4);
FIELD(RedisModuleCommandKeySpec, bs.index.pos, 24, 4);
FIELD(RedisModuleCommandKeySpec, bs.keyword, 24, 16);
FIELD(RedisModuleCommandKeySpec, bs.keyword.keyword, 24, 8);
FIELD(RedisModuleCommandKeySpec, bs.keyword.startfrom, 32, 4);
FIELD(RedisModuleCommandKeySpec, find_keys_type, 40, 4);
FIELD(RedisModuleCommandKeySpec, fk, 44, 12);
FIELD(RedisModuleCommandKeySpec, fk.range, 44, 12);
FIELD(RedisModuleCommandKeySpec, fk.range.lastkey, 44, 4);
FIELD(RedisModuleCommandKeySpec, fk.range.keystep, 48, 4);
FIELD(RedisModuleCommandKeySpec, fk.range.limit, 52, 4);
FIELD(RedisModuleCommandKeySpec, fk.keynum, 44, 12);
FIELD(RedisModuleCommandKeySpec, fk.keynum.keynumidx, 44, 4);
FIELD(RedisModuleCommandKeySpec, fk.keynum.firstkey, 48, 4);
FIELD(RedisModuleCommandKeySpec, fk.keynum.keystep, 52, 4);

SIZE(RedisModuleCommandInfoVersion, 32);
FIELD(RedisModuleCommandInfoVersion, version, 0, 4);
FIELD(RedisModuleCommandInfoVersion, sizeof_historyentry, 8, 8);
FIELD(RedisModuleCommandInfoVersion, sizeof_keyspec, 16, 8);
FIELD(RedisModuleCommandInfoVersion, sizeof_arg, 24, 8);

SIZE(RedisModuleCommandInfo, 72);
FIELD(RedisModuleCommandInfo, version, 0, 8);
FIELD(RedisModuleCommandInfo, summary, 8, 8);
FIELD(RedisModuleCommandInfo, complexity, 16, 8);
FIELD(RedisModuleCommandInfo, since, 24, 8);
FIELD(RedisModuleCommandInfo, history, 32, 8);
FIELD(RedisModuleCommandInfo, tips, 40, 8);
FIELD(RedisModuleCommandInfo, arity, 48, 4);
FIELD(RedisModuleCommandInfo, key_specs, 56, 8);
FIELD(RedisModuleCommandInfo, args, 64, 8);

SIZE(RedisModuleEvent, 16);
FIELD(RedisModuleEvent, id, 0, 8);
FIELD(RedisModuleEvent, dataver, 8, 8);

SIZE(RedisModuleClientInfoV1, 80);
FIELD(RedisModuleClientInfoV1, version, 0, 8);
FIELD(RedisModuleClientInfoV1, flags, 8, 8);
FIELD(RedisModuleClientInfoV1, id, 16, 8);
FIELD(RedisModuleClientInfoV1, addr, 24, 46);
FIELD(RedisModuleClientInfoV1, port, 70, 2);
FIELD(RedisModuleClientInfoV1, db, 72, 2);

SIZE(RedisModuleReplicationInfoV1, 64);
FIELD(RedisModuleReplicationInfoV1, version, 0, 8);
FIELD(RedisModuleReplicationInfoV1, master, 8, 4);
FIELD(RedisModuleReplicationInfoV1, masterhost, 16, 8);
FIELD(RedisModuleReplicationInfoV1, masterport, 24, 4);
FIELD(RedisModuleReplicationInfoV1, replid1, 32, 8);
FIELD(RedisModuleReplicationInfoV1, replid2, 40, 8);
FIELD(RedisModuleReplicationInfoV1, repl1_offset, 48, 8);
FIELD(RedisModuleReplicationInfoV1, repl2_offset, 56, 8);

SIZE(RedisModuleFlushInfoV1, 16);
FIELD(RedisModuleFlushInfoV1, version, 0, 8);
FIELD(RedisModuleFlushInfoV1, sync, 8, 4);
FIELD(RedisModuleFlushInfoV1, dbnum, 12, 4);

SIZE(RedisModuleModuleChangeV1, 24);
FIELD(RedisModuleModuleChangeV1, version, 0, 8);
FIELD(RedisModuleModuleChangeV1, module_name, 8, 8);
FIELD(RedisModuleModuleChangeV1, module_version, 16, 4);

SIZE(RedisModuleConfigChangeV1, 24);
FIELD(RedisModuleConfigChangeV1, version, 0, 8);
FIELD(RedisModuleConfigChangeV1, num_changes, 8, 4);
FIELD(RedisModuleConfigChangeV1, config_names, 16, 8);

SIZE(RedisModuleCronLoopV1, 16);
FIELD(RedisModuleCronLoopV1, version, 0, 8);
FIELD(RedisModuleCronLoopV1, hz, 8, 4);

SIZE(RedisModuleLoadingProgressV1, 16);
FIELD(RedisModuleLoadingProgressV1, version, 0, 8);
FIELD(RedisModuleLoadingProgressV1, hz, 8, 4);
FIELD(RedisModuleLoadingProgressV1, progress, 12, 4);

SIZE(RedisModuleSwapDbInfoV1, 16);
FIELD(RedisModuleSwapDbInfoV1, version, 0, 8);
FIELD(RedisModuleSwapDbInfoV1, dbnum_first, 8, 4);
FIELD(RedisModuleSwapDbInfoV1, dbnum_second, 12, 4);

SIZE(RedisModuleKeyInfoV1, 16);
FIELD(RedisModuleKeyInfoV1, version, 0, 8);
FIELD(RedisModuleKeyInfoV1, key, 8, 8);

SIZE(RedisModuleTypeMethods, 152);
FIELD(RedisModuleTypeMethods, version, 0, 8);
FIELD(RedisModuleTypeMethods, rdb_load, 8, 8);
FIELD(RedisModuleTypeMethods, rdb_save, 16, 8);
FIELD(RedisModuleTypeMethods, aof_rewrite, 24, 8);
FIELD(RedisModuleTypeMethods, mem_usage, 32, 8);
FIELD(RedisModuleTypeMethods, digest, 40, 8);
FIELD(RedisModuleTypeMethods, free, 48, 8);
FIELD(RedisModuleTypeMethods, aux_load, 56, 8);
FIELD(RedisModuleTypeMethods, aux_save, 64, 8);
FIELD(RedisModuleTypeMethods, aux_save_triggers, 72, 4);
FIELD(RedisModuleTypeMethods, free_effort, 80, 8);
FIELD(RedisModuleTypeMethods, unlink, 88, 8);
FIELD(RedisModuleTypeMethods, copy, 96, 8);
FIELD(RedisModuleTypeMethods, defrag, 104, 8);
FIELD(RedisModuleTypeMethods, mem_usage2, 112, 8);
FIELD(RedisModuleTypeMethods, free_effort2, 120, 8);
FIELD(RedisModuleTypeMethods, unlink2, 128, 8);
FIELD(RedisModuleTypeMethods, copy2, 136, 8);
FIELD(RedisModuleTypeMethods, aux_save2, 144, 8);

SIZE(RedisModuleCommandArgType, 4);
SIZE(RedisModuleKeySpecBeginSearchType, 4);
SIZE(RedisModuleKeySpecFindKeysType, 4);
SIZE(RedisModuleACLLogEntryReason, 4);

/* ---- Callbacks ---- */

TYPE(*(RedisModuleTimerID *)0, uint64_t);
TYPE(*(mstime_t *)0, long long);
TYPE(*(ustime_t *)0, long long);
TYPE(*(RedisModuleEventLoopFunc *)0, void (*)(int fd, void *user_data, int mask));
TYPE(*(RedisModuleEventLoopOneShotFunc *)0, void (*)(void *user_data));
TYPE(*(RedisModuleEventCallback *)0,
     void (*)(struct RedisModuleCtx *ctx, RedisModuleEvent eid, uint64_t subevent, void *data));
TYPE(*(RedisModuleInfoFunc *)0, void (*)(RedisModuleInfoCtx *ctx, int for_crash_report));
TYPE(*(RedisModuleDefragFunc *)0, void (*)(RedisModuleDefragCtx *ctx));
TYPE(*(RedisModuleUserChangedFunc *)0, void (*)(uint64_t client_id, void *privdata));
TYPE(*(RedisModuleCmdFunc *)0, int (*)(RedisModuleCtx *ctx, RedisModuleString **argv, int argc));
TYPE(*(RedisModuleDisconnectFunc *)0, void (*)(RedisModuleCtx *ctx, RedisModuleBlockedClient *bc));
TYPE(*(RedisModuleNotificationFunc *)0,
     int (*)(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key));
TYPE(*(RedisModulePostNotificationJobFunc *)0, void (*)(RedisModuleCtx *ctx, void *pd));
TYPE(*(RedisModuleTypeLoadFunc *)0, void *(*)(RedisModuleIO *rdb, int encver));
TYPE(*(RedisModuleTypeSaveFunc *)0, void (*)(RedisModuleIO *rdb, void *value));
TYPE(*(RedisModuleTypeAuxLoadFunc *)0, int (*)(RedisModuleIO *rdb, int encver, int when));
TYPE(*(RedisModuleTypeAuxSaveFunc *)0, void (*)(RedisModuleIO *rdb, int when));
TYPE(*(RedisModuleTypeRewriteFunc *)0,
     void (*)(RedisModuleIO *aof, RedisModuleString *key, void *value));
TYPE(*(RedisModuleTypeMemUsageFunc *)0, size_t (*)(const void *value));
TYPE(*(RedisModuleTypeMemUsageFunc2 *)0,
     size_t (*)(RedisModuleKeyOptCtx *ctx, const void *value, size_t sample_size));
TYPE(*(RedisModuleTypeDigestFunc *)0, void (*)(RedisModuleDigest *digest, void *value));
TYPE(*(RedisModuleTypeFreeFunc *)0, void (*)(void *value));
TYPE(*(RedisModuleTypeFreeEffortFunc *)0, size_t (*)(RedisModuleString *key, const void *value));
TYPE(*(RedisModuleTypeFreeEffortFunc2 *)0,
     size_t (*)(RedisModuleKeyOptCtx *ctx, const void *value));
TYPE(*(RedisModuleTypeUnlinkFunc *)0, void (*)(RedisModuleString *key, const void *value));
TYPE(*(RedisModuleTypeUnlinkFunc2 *)0, void (*)(RedisModuleKeyOptCtx *ctx, const void *value));
TYPE(*(RedisModuleTypeCopyFunc *)0,
     void *(*)(RedisModuleString *fromkey, RedisModuleString *tokey, const void *value));
TYPE(*(RedisModuleTypeCopyFunc2 *)0, void *(*)(RedisModuleKeyOptCtx *ctx, const void *value));
TYPE(*(RedisModuleTypeDefragFunc *)0,
     int (*)(RedisModuleDefragCtx *ctx, RedisModuleString *key, void **value));
TYPE(*(RedisModuleClusterMessageReceiver *)0,
     void (*)(RedisModuleCtx *ctx, const char *sender_id, uint8_t type,
              const unsigned char *payload, uint32_t len));
TYPE(*(RedisModuleTimerProc *)0, void (*)(RedisModuleCtx *ctx, void *data));
TYPE(*(RedisModuleCommandFilterFunc *)0, void (*)(RedisModuleCommandFilterCtx *filter));
TYPE(*(RedisModuleForkDoneHandler *)0, void (*)(int exitcode, int bysignal, void *user_data));
TYPE(*(RedisModuleScanCB *)0, void (*)(RedisModuleCtx *ctx, RedisModuleString *keyname,
                                       RedisModuleKey *key, void *privdata));
TYPE(*(RedisModuleScanKeyCB *)0, void (*)(RedisModuleKey *key, RedisModuleString *field,
                                          RedisModuleString *value, void *privdata));
TYPE(*(RedisModuleConfigGetStringFunc *)0,
     RedisModuleString *(*)(const char *name, void *privdata));
TYPE(*(RedisModuleConfigGetNumericFunc *)0, long long (*)(const char *name, void *privdata));
TYPE(*(RedisModuleConfigGetBoolFunc *)0, int (*)(const char *name, void *privdata));
TYPE(*(RedisModuleConfigGetEnumFunc *)0, int (*)(const char *name, void *privdata));
TYPE(*(RedisModuleConfigSetStringFunc *)0,
     int (*)(const char *name, RedisModuleString *val, void *privdata, RedisModuleString **err));
TYPE(*(RedisModuleConfigSetNumericFunc *)0,
     int (*)(const char *name, long long val, void *privdata, RedisModuleString **err));
TYPE(*(RedisModuleConfigSetBoolFunc *)0,
     int (*)(const char *name, int val, void *privdata, RedisModuleString **err));
TYPE(*(RedisModuleConfigSetEnumFunc *)0,
     int (*)(const char *name, int val, void *privdata, RedisModuleString **err));
TYPE(*(RedisModuleConfigApplyFunc *)0,
     int (*)(RedisModuleCtx *ctx, void *privdata, RedisModuleString **err));
TYPE(*(RedisModuleOnUnblocked *)0,
     void (*)(RedisModuleCtx *ctx, RedisModuleCallReply *reply, void *private_data));
TYPE(*(RedisModuleAuthCallback *)0, int (*)(RedisModuleCtx *ctx, RedisModuleString *username,
                                            RedisModuleString *password, RedisModuleString **err));
TYPE(*(RedisModuleDefragFunc2 *)0, int (*)(RedisModuleDefragCtx *ctx));
TYPE(*(RedisModuleDefragDictValueCallback *)0,
     void *(*)(RedisModuleDefragCtx *ctx, void *data, unsigned char *key, size_t keylen));

/* ---- Functions ---- */

TYPE(RedisModule_Alloc, void *(*)(size_t bytes));
TYPE(RedisModule_TryAlloc, void *(*)(size_t bytes));
TYPE(RedisModule_Calloc, void *(*)(size_t nmemb, size_t size));
TYPE(RedisModule_TryCalloc, void *(*)(size_t nmemb, size_t size));
TYPE(RedisModule_Realloc, void *(*)(void *ptr, size_t bytes));
TYPE(RedisModule_TryRealloc, void *(*)(void *ptr, size_t bytes));
TYPE(RedisModule_Free, void (*)(void *ptr));
TYPE(RedisModule_Strdup, char *(*)(const char *str));
TYPE(RedisModule_PoolAlloc, void *(*)(RedisModuleCtx *ctx, size_t bytes));
TYPE(RedisModule_GetApi, int (*)(const char *, void *));
TYPE(RedisModule_IsKeysPositionRequest, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_KeyAtPosWithFlags, void (*)(RedisModuleCtx *ctx, int pos, int flags));
TYPE(RedisModule_KeyAtPos, void (*)(RedisModuleCtx *ctx, int pos));
TYPE(RedisModule_IsChannelsPositionRequest, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_ChannelAtPosWithFlags, void (*)(RedisModuleCtx *ctx, int pos, int flags));
TYPE(RedisModule_CreateCommand,
     int (*)(RedisModuleCtx *ctx, const char *name, RedisModuleCmdFunc cmdfunc,
             const char *strflags, int firstkey, int lastkey, int keystep));
TYPE(RedisModule_GetCommand, RedisModuleCommand *(*)(RedisModuleCtx *ctx, const char *name));
TYPE(RedisModule_CreateSubcommand,
     int (*)(RedisModuleCommand *parent, const char *name, RedisModuleCmdFunc cmdfunc,
             const char *strflags, int firstkey, int lastkey, int keystep));
TYPE(RedisModule_AddACLCategory, int (*)(RedisModuleCtx *ctx, const char *name));
TYPE(RedisModule_SetCommandACLCategories,
     int (*)(RedisModuleCommand *command, const char *ctgrsflags));
TYPE(RedisModule_SetCommandInfo,
     int (*)(RedisModuleCommand *command, const RedisModuleCommandInfo *info));
TYPE(RedisModule_SetModuleAttribs,
     void (*)(RedisModuleCtx *ctx, const char *name, int ver, int apiver));
TYPE(RedisModule_IsModuleNameBusy, int (*)(const char *name));
TYPE(RedisModule_Milliseconds, mstime_t (*)(void));
TYPE(RedisModule_MonotonicMicroseconds, uint64_t (*)(void));
TYPE(RedisModule_Microseconds, ustime_t (*)(void));
TYPE(RedisModule_CachedMicroseconds, ustime_t (*)(void));
TYPE(RedisModule_BlockedClientMeasureTimeStart, int (*)(RedisModuleBlockedClient *bc));
TYPE(RedisModule_BlockedClientMeasureTimeEnd, int (*)(RedisModuleBlockedClient *bc));
TYPE(RedisModule_Yield, void (*)(RedisModuleCtx *ctx, int flags, const char *busy_reply));
TYPE(RedisModule_SetModuleOptions, void (*)(RedisModuleCtx *ctx, int options));
TYPE(RedisModule_SignalModifiedKey, int (*)(RedisModuleCtx *ctx, RedisModuleString *keyname));
TYPE(RedisModule_AutoMemory, void (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_CreateString,
     RedisModuleString *(*)(RedisModuleCtx *ctx, const char *ptr, size_t len));
TYPE(RedisModule_CreateStringPrintf,
     RedisModuleString *(*)(RedisModuleCtx *ctx, const char *fmt, ...));
TYPE(RedisModule_CreateStringFromLongLong,
     RedisModuleString *(*)(RedisModuleCtx *ctx, long long ll));
TYPE(RedisModule_CreateStringFromULongLong,
     RedisModuleString *(*)(RedisModuleCtx *ctx, unsigned long long ull));
TYPE(RedisModule_CreateStringFromDouble, RedisModuleString *(*)(RedisModuleCtx *ctx, double d));
TYPE(RedisModule_CreateStringFromLongDouble,
     RedisModuleString *(*)(RedisModuleCtx *ctx, long double ld, int humanfriendly));
TYPE(RedisModule_CreateStringFromString,
     RedisModuleString *(*)(RedisModuleCtx *ctx, const RedisModuleString *str));
TYPE(RedisModule_CreateStringFromStreamID,
     RedisModuleString *(*)(RedisModuleCtx *ctx, const RedisModuleStreamID *id));
TYPE(RedisModule_FreeString, void (*)(RedisModuleCtx *ctx, RedisModuleString *str));
TYPE(RedisModule_RetainString, void (*)(RedisModuleCtx *ctx, RedisModuleString *str));
TYPE(RedisModule_HoldString, RedisModuleString *(*)(RedisModuleCtx *ctx, RedisModuleString *str));
TYPE(RedisModule_StringPtrLen, const char *(*)(const RedisModuleString *str, size_t *len));
TYPE(RedisModule_StringToLongLong, int (*)(const RedisModuleString *str, long long *ll));
TYPE(RedisModule_StringToULongLong, int (*)(const RedisModuleString *str, unsigned long long *ull));
TYPE(RedisModule_StringToDouble, int (*)(const RedisModuleString *str, double *d));
TYPE(RedisModule_StringToLongDouble, int (*)(const RedisModuleString *str, long double *d));
TYPE(RedisModule_StringToStreamID, int (*)(const RedisModuleString *str, RedisModuleStreamID *id));
TYPE(RedisModule_StringCompare, int (*)(const RedisModuleString *a, const RedisModuleString *b));
TYPE(RedisModule_StringAppendBuffer,
     int (*)(RedisModuleCtx *ctx, RedisModuleString *str, const char *buf, size_t len));
TYPE(RedisModule_TrimStringAllocation, void (*)(RedisModuleString *str));
TYPE(RedisModule_ReplySetPushLength, void (*)(RedisModuleCtx *ctx, long len));
TYPE(RedisModule_WrongArity, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_ReplyWithLongLong, int (*)(RedisModuleCtx *ctx, long long ll));
TYPE(RedisModule_ReplyWithError, int (*)(RedisModuleCtx *ctx, const char *err));
TYPE(RedisModule_ReplyWithErrorFormat, int (*)(RedisModuleCtx *ctx, const char *fmt, ...));
TYPE(RedisModule_ReplyWithSimpleString, int (*)(RedisModuleCtx *ctx, const char *msg));
TYPE(RedisModule_ReplyWithArray, int (*)(RedisModuleCtx *ctx, long len));
TYPE(RedisModule_ReplyWithMap, int (*)(RedisModuleCtx *ctx, long len));
TYPE(RedisModule_ReplyWithSet, int (*)(RedisModuleCtx *ctx, long len));
TYPE(RedisModule_ReplyWithAttribute, int (*)(RedisModuleCtx *ctx, long len));
TYPE(RedisModule_ReplyWithNullArray, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_ReplyWithEmptyArray, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_ReplySetArrayLength, void (*)(RedisModuleCtx *ctx, long len));
TYPE(RedisModule_ReplySetMapLength, void (*)(RedisModuleCtx *ctx, long len));
TYPE(RedisModule_ReplySetSetLength, void (*)(RedisModuleCtx *ctx, long len));
TYPE(RedisModule_ReplySetAttributeLength, void (*)(RedisModuleCtx *ctx, long len));
TYPE(RedisModule_ReplyWithStringBuffer, int (*)(RedisModuleCtx *ctx, const char *buf, size_t len));
TYPE(RedisModule_ReplyWithCString, int (*)(RedisModuleCtx *ctx, const char *buf));
TYPE(RedisModule_ReplyWithString, int (*)(RedisModuleCtx *ctx, RedisModuleString *str));
TYPE(RedisModule_ReplyWithEmptyString, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_ReplyWithVerbatimStringType,
     int (*)(RedisModuleCtx *ctx, const char *buf, size_t len, const char *ext));
TYPE(RedisModule_ReplyWithVerbatimString,
     int (*)(RedisModuleCtx *ctx, const char *buf, size_t len));
TYPE(RedisModule_ReplyWithNull, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_ReplyWithBool, int (*)(RedisModuleCtx *ctx, int b));
TYPE(RedisModule_ReplyWithCallReply, int (*)(RedisModuleCtx *ctx, RedisModuleCallReply *reply));
TYPE(RedisModule_ReplyWithDouble, int (*)(RedisModuleCtx *ctx, double d));
TYPE(RedisModule_ReplyWithBigNumber, int (*)(RedisModuleCtx *ctx, const char *bignum, size_t len));
TYPE(RedisModule_ReplyWithLongDouble, int (*)(RedisModuleCtx *ctx, long double d));
TYPE(RedisModule_Replicate,
     int (*)(RedisModuleCtx *ctx, const char *cmdname, const char *fmt, ...));
TYPE(RedisModule_ReplicateVerbatim, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_GetClientId, unsigned long long (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_GetClientUserNameById, RedisModuleString *(*)(RedisModuleCtx *ctx, uint64_t id));
TYPE(RedisModule_GetClientInfoById, int (*)(void *ci, uint64_t id));
TYPE(RedisModule_GetClientNameById, RedisModuleString *(*)(RedisModuleCtx *ctx, uint64_t id));
TYPE(RedisModule_SetClientNameById, int (*)(uint64_t id, RedisModuleString *name));
TYPE(RedisModule_PublishMessage,
     int (*)(RedisModuleCtx *ctx, RedisModuleString *channel, RedisModuleString *message));
TYPE(RedisModule_PublishMessageShard,
     int (*)(RedisModuleCtx *ctx, RedisModuleString *channel, RedisModuleString *message));
TYPE(RedisModule_GetSelectedDb, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_GetContextFlags, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_AvoidReplicaTraffic, int (*)(void));
TYPE(RedisModule_SelectDb, int (*)(RedisModuleCtx *ctx, int newid));
TYPE(RedisModule_KeyExists, int (*)(RedisModuleCtx *ctx, RedisModuleString *keyname));
TYPE(RedisModule_OpenKey,
     RedisModuleKey *(*)(RedisModuleCtx *ctx, RedisModuleString *keyname, int mode));
TYPE(RedisModule_GetOpenKeyModesAll, int (*)(void));
TYPE(RedisModule_CloseKey, void (*)(RedisModuleKey *kp));
TYPE(RedisModule_KeyType, int (*)(RedisModuleKey *kp));
TYPE(RedisModule_ValueLength, size_t (*)(RedisModuleKey *kp));
TYPE(RedisModule_DeleteKey, int (*)(RedisModuleKey *key));
TYPE(RedisModule_UnlinkKey, int (*)(RedisModuleKey *key));
TYPE(RedisModule_GetExpire, mstime_t (*)(RedisModuleKey *key));
TYPE(RedisModule_SetExpire, int (*)(RedisModuleKey *key, mstime_t expire));
TYPE(RedisModule_GetAbsExpire, mstime_t (*)(RedisModuleKey *key));
TYPE(RedisModule_SetAbsExpire, int (*)(RedisModuleKey *key, mstime_t expire));
TYPE(RedisModule_ResetDataset, void (*)(int restart_aof, int async));
TYPE(RedisModule_DbSize, unsigned long long (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_RandomKey, RedisModuleString *(*)(RedisModuleCtx *ctx));
TYPE(RedisModule_GetKeyNameFromOptCtx, const RedisModuleString *(*)(RedisModuleKeyOptCtx *ctx));
TYPE(RedisModule_GetToKeyNameFromOptCtx, const RedisModuleString *(*)(RedisModuleKeyOptCtx *ctx));
TYPE(RedisModule_GetDbIdFromOptCtx, int (*)(RedisModuleKeyOptCtx *ctx));
TYPE(RedisModule_GetToDbIdFromOptCtx, int (*)(RedisModuleKeyOptCtx *ctx));
TYPE(RedisModule_StringSet, int (*)(RedisModuleKey *key, RedisModuleString *str));
TYPE(RedisModule_StringDMA, char *(*)(RedisModuleKey *key, size_t *len, int mode));
TYPE(RedisModule_StringTruncate, int (*)(RedisModuleKey *key, size_t newlen));
TYPE(RedisModule_ListPush, int (*)(RedisModuleKey *kp, int where, RedisModuleString *ele));
TYPE(RedisModule_ListPop, RedisModuleString *(*)(RedisModuleKey *key, int where));
TYPE(RedisModule_ListGet, RedisModuleString *(*)(RedisModuleKey *key, long index));
TYPE(RedisModule_ListSet, int (*)(RedisModuleKey *key, long index, RedisModuleString *value));
TYPE(RedisModule_ListInsert, int (*)(RedisModuleKey *key, long index, RedisModuleString *value));
TYPE(RedisModule_ListDelete, int (*)(RedisModuleKey *key, long index));
TYPE(RedisModule_ZsetAdd,
     int (*)(RedisModuleKey *key, double score, RedisModuleString *ele, int *flagsptr));
TYPE(RedisModule_ZsetIncrby, int (*)(RedisModuleKey *key, double score, RedisModuleString *ele,
                                     int *flagsptr, double *newscore));
TYPE(RedisModule_ZsetRem, int (*)(RedisModuleKey *key, RedisModuleString *ele, int *deleted));
TYPE(RedisModule_ZsetScore, int (*)(RedisModuleKey *key, RedisModuleString *ele, double *score));
TYPE(RedisModule_ZsetRangeStop, void (*)(RedisModuleKey *key));
TYPE(RedisModule_ZsetRangeEndReached, int (*)(RedisModuleKey *key));
TYPE(RedisModule_ZsetFirstInScoreRange,
     int (*)(RedisModuleKey *key, double min, double max, int minex, int maxex));
TYPE(RedisModule_ZsetLastInScoreRange,
     int (*)(RedisModuleKey *key, double min, double max, int minex, int maxex));
TYPE(RedisModule_ZsetFirstInLexRange,
     int (*)(RedisModuleKey *key, RedisModuleString *min, RedisModuleString *max));
TYPE(RedisModule_ZsetLastInLexRange,
     int (*)(RedisModuleKey *key, RedisModuleString *min, RedisModuleString *max));
TYPE(RedisModule_ZsetRangeCurrentElement,
     RedisModuleString *(*)(RedisModuleKey *key, double *score));
TYPE(RedisModule_ZsetRangeNext, int (*)(RedisModuleKey *key));
TYPE(RedisModule_ZsetRangePrev, int (*)(RedisModuleKey *key));
TYPE(RedisModule_HashSet, int (*)(RedisModuleKey *key, int flags, ...));
TYPE(RedisModule_HashGet, int (*)(RedisModuleKey *key, int flags, ...));
TYPE(RedisModule_StreamAdd, int (*)(RedisModuleKey *key, int flags, RedisModuleStreamID *id,
                                    RedisModuleString **argv, int64_t numfields));
TYPE(RedisModule_StreamDelete, int (*)(RedisModuleKey *key, RedisModuleStreamID *id));
TYPE(RedisModule_StreamIteratorStart,
     int (*)(RedisModuleKey *key, int flags, RedisModuleStreamID *startid,
             RedisModuleStreamID *endid));
TYPE(RedisModule_StreamIteratorStop, int (*)(RedisModuleKey *key));
TYPE(RedisModule_StreamIteratorNextID,
     int (*)(RedisModuleKey *key, RedisModuleStreamID *id, long *numfields));
TYPE(RedisModule_StreamIteratorNextField,
     int (*)(RedisModuleKey *key, RedisModuleString **field_ptr, RedisModuleString **value_ptr));
TYPE(RedisModule_StreamIteratorDelete, int (*)(RedisModuleKey *key));
TYPE(RedisModule_StreamTrimByLength,
     long long (*)(RedisModuleKey *key, int flags, long long length));
TYPE(RedisModule_StreamTrimByID,
     long long (*)(RedisModuleKey *key, int flags, RedisModuleStreamID *id));
TYPE(RedisModule_FreeCallReply, void (*)(RedisModuleCallReply *reply));
TYPE(RedisModule_CallReplyType, int (*)(RedisModuleCallReply *reply));
TYPE(RedisModule_CallReplyLength, size_t (*)(RedisModuleCallReply *reply));
TYPE(RedisModule_CallReplyArrayElement,
     RedisModuleCallReply *(*)(RedisModuleCallReply *reply, size_t idx));
TYPE(RedisModule_CallReplyInteger, long long (*)(RedisModuleCallReply *reply));
TYPE(RedisModule_CallReplyDouble, double (*)(RedisModuleCallReply *reply));
TYPE(RedisModule_CallReplyBigNumber, const char *(*)(RedisModuleCallReply *reply, size_t *len));
TYPE(RedisModule_CallReplyVerbatim,
     const char *(*)(RedisModuleCallReply *reply, size_t *len, const char **format));
TYPE(RedisModule_CallReplyBool, int (*)(RedisModuleCallReply *reply));
TYPE(RedisModule_CallReplySetElement,
     RedisModuleCallReply *(*)(RedisModuleCallReply *reply, size_t idx));
TYPE(RedisModule_CallReplyMapElement,
     int (*)(RedisModuleCallReply *reply, size_t idx, RedisModuleCallReply **key,
             RedisModuleCallReply **val));
TYPE(RedisModule_CallReplyAttribute, RedisModuleCallReply *(*)(RedisModuleCallReply *reply));
TYPE(RedisModule_CallReplyAttributeElement,
     int (*)(RedisModuleCallReply *reply, size_t idx, RedisModuleCallReply **key,
             RedisModuleCallReply **val));
TYPE(RedisModule_CallReplyPromiseSetUnblockHandler,
     void (*)(RedisModuleCallReply *reply, RedisModuleOnUnblocked on_unblock, void *private_data));
TYPE(RedisModule_CallReplyPromiseAbort, int (*)(RedisModuleCallReply *reply, void **private_data));
TYPE(RedisModule_CallReplyStringPtr, const char *(*)(RedisModuleCallReply *reply, size_t *len));
TYPE(RedisModule_CreateStringFromCallReply, RedisModuleString *(*)(RedisModuleCallReply *reply));
TYPE(RedisModule_SetContextUser, void (*)(RedisModuleCtx *ctx, const RedisModuleUser *user));
TYPE(RedisModule_Call,
     RedisModuleCallReply *(*)(RedisModuleCtx *ctx, const char *cmdname, const char *fmt, ...));
TYPE(RedisModule_CallReplyProto, const char *(*)(RedisModuleCallReply *reply, size_t *len));
TYPE(RedisModule_CreateDataType,
     RedisModuleType *(*)(RedisModuleCtx *ctx, const char *name, int encver,
                          RedisModuleTypeMethods *typemethods));
TYPE(RedisModule_ModuleTypeSetValue,
     int (*)(RedisModuleKey *key, RedisModuleType *mt, void *value));
TYPE(RedisModule_ModuleTypeGetType, RedisModuleType *(*)(RedisModuleKey *key));
TYPE(RedisModule_ModuleTypeGetValue, void *(*)(RedisModuleKey *key));
TYPE(RedisModule_IsIOError, int (*)(RedisModuleIO *io));
TYPE(RedisModule_SaveUnsigned, void (*)(RedisModuleIO *io, uint64_t value));
TYPE(RedisModule_LoadUnsigned, uint64_t (*)(RedisModuleIO *io));
TYPE(RedisModule_SaveSigned, void (*)(RedisModuleIO *io, int64_t value));
TYPE(RedisModule_LoadSigned, int64_t (*)(RedisModuleIO *io));
TYPE(RedisModule_SaveString, void (*)(RedisModuleIO *io, RedisModuleString *s));
TYPE(RedisModule_SaveStringBuffer, void (*)(RedisModuleIO *io, const char *str, size_t len));
TYPE(RedisModule_LoadString, RedisModuleString *(*)(RedisModuleIO *io));
TYPE(RedisModule_LoadStringBuffer, char *(*)(RedisModuleIO *io, size_t *lenptr));
TYPE(RedisModule_SaveDouble, void (*)(RedisModuleIO *io, double value));
TYPE(RedisModule_LoadDouble, double (*)(RedisModuleIO *io));
TYPE(RedisModule_SaveFloat, void (*)(RedisModuleIO *io, float value));
TYPE(RedisModule_LoadFloat, float (*)(RedisModuleIO *io));
TYPE(RedisModule_SaveLongDouble, void (*)(RedisModuleIO *io, long double value));
TYPE(RedisModule_LoadLongDouble, long double (*)(RedisModuleIO *io));
TYPE(RedisModule_DigestAddStringBuffer,
     void (*)(RedisModuleDigest *md, const char *ele, size_t len));
TYPE(RedisModule_DigestAddLongLong, void (*)(RedisModuleDigest *md, long long ele));
TYPE(RedisModule_DigestEndSequence, void (*)(RedisModuleDigest *md));
TYPE(RedisModule_LoadDataTypeFromStringEncver,
     void *(*)(const RedisModuleString *str, const RedisModuleType *mt, int encver));
TYPE(RedisModule_LoadDataTypeFromString,
     void *(*)(const RedisModuleString *str, const RedisModuleType *mt));
TYPE(RedisModule_SaveDataTypeToString,
     RedisModuleString *(*)(RedisModuleCtx *ctx, void *data, const RedisModuleType *mt));
TYPE(RedisModule_GetKeyNameFromDigest, const RedisModuleString *(*)(RedisModuleDigest *dig));
TYPE(RedisModule_GetDbIdFromDigest, int (*)(RedisModuleDigest *dig));
TYPE(RedisModule_EmitAOF, void (*)(RedisModuleIO *io, const char *cmdname, const char *fmt, ...));
TYPE(RedisModule_GetContextFromIO, RedisModuleCtx *(*)(RedisModuleIO *io));
TYPE(RedisModule_GetKeyNameFromIO, const RedisModuleString *(*)(RedisModuleIO *io));
TYPE(RedisModule_GetKeyNameFromModuleKey, const RedisModuleString *(*)(RedisModuleKey *key));
TYPE(RedisModule_GetDbIdFromModuleKey, int (*)(RedisModuleKey *key));
TYPE(RedisModule_GetDbIdFromIO, int (*)(RedisModuleIO *io));
TYPE(RedisModule_Log, void (*)(RedisModuleCtx *ctx, const char *level, const char *fmt, ...));
TYPE(RedisModule_LogIOError,
     void (*)(RedisModuleIO *io, const char *levelstr, const char *fmt, ...));
TYPE(RedisModule__Assert, void (*)(const char *estr, const char *file, int line));
TYPE(RedisModule_LatencyAddSample, void (*)(const char *event, mstime_t latency));
TYPE(RedisModule_RegisterAuthCallback, void (*)(RedisModuleCtx *ctx, RedisModuleAuthCallback cb));
TYPE(RedisModule_BlockClient,
     RedisModuleBlockedClient *(*)(RedisModuleCtx *ctx, RedisModuleCmdFunc reply_callback,
                                   RedisModuleCmdFunc timeout_callback,
                                   void (*free_privdata)(RedisModuleCtx *, void *),
                                   long long timeout_ms));
TYPE(RedisModule_BlockClientOnAuth,
     RedisModuleBlockedClient *(*)(RedisModuleCtx *ctx, RedisModuleAuthCallback reply_callback,
                                   void (*free_privdata)(RedisModuleCtx *, void *)));
TYPE(RedisModule_BlockClientGetPrivateData, void *(*)(RedisModuleBlockedClient *blocked_client));
TYPE(RedisModule_BlockClientSetPrivateData,
     void (*)(RedisModuleBlockedClient *blocked_client, void *private_data));
TYPE(RedisModule_BlockClientOnKeys,
     RedisModuleBlockedClient *(*)(RedisModuleCtx *ctx, RedisModuleCmdFunc reply_callback,
                                   RedisModuleCmdFunc timeout_callback,
                                   void (*free_privdata)(RedisModuleCtx *, void *),
                                   long long timeout_ms, RedisModuleString **keys, int numkeys,
                                   void *privdata));
TYPE(RedisModule_BlockClientOnKeysWithFlags,
     RedisModuleBlockedClient *(*)(RedisModuleCtx *ctx, RedisModuleCmdFunc reply_callback,
                                   RedisModuleCmdFunc timeout_callback,
                                   void (*free_privdata)(RedisModuleCtx *, void *),
                                   long long timeout_ms, RedisModuleString **keys, int numkeys,
                                   void *privdata, int flags));
TYPE(RedisModule_SignalKeyAsReady, void (*)(RedisModuleCtx *ctx, RedisModuleString *key));
TYPE(RedisModule_UnblockClient, int (*)(RedisModuleBlockedClient *bc, void *privdata));
TYPE(RedisModule_AbortBlock, int (*)(RedisModuleBlockedClient *bc));
TYPE(RedisModule_SetDisconnectCallback,
     void (*)(RedisModuleBlockedClient *bc, RedisModuleDisconnectFunc callback));
TYPE(RedisModule_IsBlockedReplyRequest, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_IsBlockedTimeoutRequest, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_GetBlockedClientPrivateData, void *(*)(RedisModuleCtx *ctx));
TYPE(RedisModule_GetBlockedClientReadyKey, RedisModuleString *(*)(RedisModuleCtx *ctx));
TYPE(RedisModule_GetBlockedClientHandle, RedisModuleBlockedClient *(*)(RedisModuleCtx *ctx));
TYPE(RedisModule_BlockedClientDisconnected, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_GetThreadSafeContext, RedisModuleCtx *(*)(RedisModuleBlockedClient *bc));
TYPE(RedisModule_GetDetachedThreadSafeContext, RedisModuleCtx *(*)(RedisModuleCtx *ctx));
TYPE(RedisModule_FreeThreadSafeContext, void (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_ThreadSafeContextLock, void (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_ThreadSafeContextTryLock, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_ThreadSafeContextUnlock, void (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_SubscribeToKeyspaceEvents,
     int (*)(RedisModuleCtx *ctx, int types, RedisModuleNotificationFunc cb));
TYPE(RedisModule_AddPostNotificationJob,
     int (*)(RedisModuleCtx *ctx, RedisModulePostNotificationJobFunc callback, void *pd,
             void (*free_pd)(void *)));
TYPE(RedisModule_GetNotifyKeyspaceEvents, int (*)(void));
TYPE(RedisModule_NotifyKeyspaceEvent,
     int (*)(RedisModuleCtx *ctx, int type, const char *event, RedisModuleString *key));
TYPE(RedisModule_RegisterClusterMessageReceiver,
     void (*)(RedisModuleCtx *ctx, uint8_t type, RedisModuleClusterMessageReceiver callback));
TYPE(RedisModule_SendClusterMessage, int (*)(RedisModuleCtx *ctx, const char *target_id,
                                             uint8_t type, const char *msg, uint32_t len));
TYPE(RedisModule_GetClusterNodesList, char **(*)(RedisModuleCtx *ctx, size_t *numnodes));
TYPE(RedisModule_FreeClusterNodesList, void (*)(char **ids));
TYPE(RedisModule_GetMyClusterID, const char *(*)(void));
TYPE(RedisModule_GetClusterSize, size_t (*)(void));
TYPE(RedisModule_GetClusterNodeInfo, int (*)(RedisModuleCtx *ctx, const char *id, char *ip,
                                             char *master_id, int *port, int *flags));
TYPE(RedisModule_SetClusterFlags, void (*)(RedisModuleCtx *ctx, uint64_t flags));
TYPE(RedisModule_ClusterKeySlot, unsigned int (*)(RedisModuleString *key));
TYPE(RedisModule_ClusterCanonicalKeyNameInSlot, const char *(*)(unsigned int slot));
TYPE(RedisModule_CreateTimer, RedisModuleTimerID (*)(RedisModuleCtx *ctx, mstime_t period,
                                                     RedisModuleTimerProc callback, void *data));
TYPE(RedisModule_StopTimer, int (*)(RedisModuleCtx *ctx, RedisModuleTimerID id, void **data));
TYPE(RedisModule_GetTimerInfo,
     int (*)(RedisModuleCtx *ctx, RedisModuleTimerID id, uint64_t *remaining, void **data));
TYPE(RedisModule_EventLoopAdd,
     int (*)(int fd, int mask, RedisModuleEventLoopFunc func, void *user_data));
TYPE(RedisModule_EventLoopDel, int (*)(int fd, int mask));
TYPE(RedisModule_EventLoopAddOneShot,
     int (*)(RedisModuleEventLoopOneShotFunc func, void *user_data));
TYPE(RedisModule_CreateModuleUser, RedisModuleUser *(*)(const char *name));
TYPE(RedisModule_FreeModuleUser, void (*)(RedisModuleUser *user));
TYPE(RedisModule_SetModuleUserACL, int (*)(RedisModuleUser *user, const char *acl));
TYPE(RedisModule_SetModuleUserACLString, int (*)(RedisModuleCtx *ctx, RedisModuleUser *user,
                                                 const char *acl, RedisModuleString **error));
TYPE(RedisModule_GetModuleUserACLString, RedisModuleString *(*)(RedisModuleUser *user));
TYPE(RedisModule_GetCurrentUserName, RedisModuleString *(*)(RedisModuleCtx *ctx));
TYPE(RedisModule_GetModuleUserFromUserName, RedisModuleUser *(*)(RedisModuleString *name));
TYPE(RedisModule_ACLCheckCommandPermissions,
     int (*)(RedisModuleUser *user, RedisModuleString **argv, int argc));
TYPE(RedisModule_ACLCheckKeyPermissions,
     int (*)(RedisModuleUser *user, RedisModuleString *key, int flags));
TYPE(RedisModule_ACLCheckChannelPermissions,
     int (*)(RedisModuleUser *user, RedisModuleString *ch, int literal));
TYPE(RedisModule_ACLAddLogEntry,
     void (*)(RedisModuleCtx *ctx, RedisModuleUser *user, RedisModuleString *object,
              RedisModuleACLLogEntryReason reason));
TYPE(RedisModule_ACLAddLogEntryByUserName,
     void (*)(RedisModuleCtx *ctx, RedisModuleString *user, RedisModuleString *object,
              RedisModuleACLLogEntryReason reason));
TYPE(RedisModule_AuthenticateClientWithUser,
     int (*)(RedisModuleCtx *ctx, RedisModuleUser *user, RedisModuleUserChangedFunc callback,
             void *privdata, uint64_t *client_id));
TYPE(RedisModule_AuthenticateClientWithACLUser,
     int (*)(RedisModuleCtx *ctx, const char *name, size_t len, RedisModuleUserChangedFunc callback,
             void *privdata, uint64_t *client_id));
TYPE(RedisModule_DeauthenticateAndCloseClient, int (*)(RedisModuleCtx *ctx, uint64_t client_id));
TYPE(RedisModule_RedactClientCommandArgument, int (*)(RedisModuleCtx *ctx, int pos));
TYPE(RedisModule_GetClientCertificate, RedisModuleString *(*)(RedisModuleCtx *ctx, uint64_t id));
TYPE(RedisModule_CreateDict, RedisModuleDict *(*)(RedisModuleCtx *ctx));
TYPE(RedisModule_FreeDict, void (*)(RedisModuleCtx *ctx, RedisModuleDict *d));
TYPE(RedisModule_DictSize, uint64_t (*)(RedisModuleDict *d));
TYPE(RedisModule_DictSetC, int (*)(RedisModuleDict *d, void *key, size_t keylen, void *ptr));
TYPE(RedisModule_DictReplaceC, int (*)(RedisModuleDict *d, void *key, size_t keylen, void *ptr));
TYPE(RedisModule_DictSet, int (*)(RedisModuleDict *d, RedisModuleString *key, void *ptr));
TYPE(RedisModule_DictReplace, int (*)(RedisModuleDict *d, RedisModuleString *key, void *ptr));
TYPE(RedisModule_DictGetC, void *(*)(RedisModuleDict *d, void *key, size_t keylen, int *nokey));
TYPE(RedisModule_DictGet, void *(*)(RedisModuleDict *d, RedisModuleString *key, int *nokey));
TYPE(RedisModule_DictDelC, int (*)(RedisModuleDict *d, void *key, size_t keylen, void *oldval));
TYPE(RedisModule_DictDel, int (*)(RedisModuleDict *d, RedisModuleString *key, void *oldval));
TYPE(RedisModule_DictIteratorStartC,
     RedisModuleDictIter *(*)(RedisModuleDict *d, const char *op, void *key, size_t keylen));
TYPE(RedisModule_DictIteratorStart,
     RedisModuleDictIter *(*)(RedisModuleDict *d, const char *op, RedisModuleString *key));
TYPE(RedisModule_DictIteratorStop, void (*)(RedisModuleDictIter *di));
TYPE(RedisModule_DictIteratorReseekC,
     int (*)(RedisModuleDictIter *di, const char *op, void *key, size_t keylen));
TYPE(RedisModule_DictIteratorReseek,
     int (*)(RedisModuleDictIter *di, const char *op, RedisModuleString *key));
TYPE(RedisModule_DictNextC, void *(*)(RedisModuleDictIter *di, size_t *keylen, void **dataptr));
TYPE(RedisModule_DictPrevC, void *(*)(RedisModuleDictIter *di, size_t *keylen, void **dataptr));
TYPE(RedisModule_DictNext,
     RedisModuleString *(*)(RedisModuleCtx *ctx, RedisModuleDictIter *di, void **dataptr));
TYPE(RedisModule_DictPrev,
     RedisModuleString *(*)(RedisModuleCtx *ctx, RedisModuleDictIter *di, void **dataptr));
TYPE(RedisModule_DictCompareC,
     int (*)(RedisModuleDictIter *di, const char *op, void *key, size_t keylen));
TYPE(RedisModule_DictCompare,
     int (*)(RedisModuleDictIter *di, const char *op, RedisModuleString *key));
TYPE(RedisModule_InfoAddSection, int (*)(RedisModuleInfoCtx *ctx, const char *name));
TYPE(RedisModule_InfoBeginDictField, int (*)(RedisModuleInfoCtx *ctx, const char *name));
TYPE(RedisModule_InfoEndDictField, int (*)(RedisModuleInfoCtx *ctx));
TYPE(RedisModule_InfoAddFieldString,
     int (*)(RedisModuleInfoCtx *ctx, const char *field, RedisModuleString *value));
TYPE(RedisModule_InfoAddFieldCString,
     int (*)(RedisModuleInfoCtx *ctx, const char *field, const char *value));
TYPE(RedisModule_InfoAddFieldDouble,
     int (*)(RedisModuleInfoCtx *ctx, const char *field, double value));
TYPE(RedisModule_InfoAddFieldLongLong,
     int (*)(RedisModuleInfoCtx *ctx, const char *field, long long value));
TYPE(RedisModule_InfoAddFieldULongLong,
     int (*)(RedisModuleInfoCtx *ctx, const char *field, unsigned long long value));
TYPE(RedisModule_RegisterInfoFunc, int (*)(RedisModuleCtx *ctx, RedisModuleInfoFunc cb));
TYPE(RedisModule_GetServerInfo,
     RedisModuleServerInfoData *(*)(RedisModuleCtx *ctx, const char *section));
TYPE(RedisModule_FreeServerInfo, void (*)(RedisModuleCtx *ctx, RedisModuleServerInfoData *data));
TYPE(RedisModule_ServerInfoGetField,
     RedisModuleString *(*)(RedisModuleCtx *ctx, RedisModuleServerInfoData *data,
                            const char *field));
TYPE(RedisModule_ServerInfoGetFieldC,
     const char *(*)(RedisModuleServerInfoData *data, const char *field));
TYPE(RedisModule_ServerInfoGetFieldSigned,
     long long (*)(RedisModuleServerInfoData *data, const char *field, int *out_err));
TYPE(RedisModule_ServerInfoGetFieldUnsigned,
     unsigned long long (*)(RedisModuleServerInfoData *data, const char *field, int *out_err));
TYPE(RedisModule_ServerInfoGetFieldDouble,
     double (*)(RedisModuleServerInfoData *data, const char *field, int *out_err));
TYPE(RedisModule_GetRandomBytes, void (*)(unsigned char *dst, size_t len));
TYPE(RedisModule_GetRandomHexChars, void (*)(char *dst, size_t len));
TYPE(RedisModule_ExportSharedAPI, int (*)(RedisModuleCtx *ctx, const char *apiname, void *func));
TYPE(RedisModule_GetSharedAPI, void *(*)(RedisModuleCtx *ctx, const char *apiname));
TYPE(RedisModule_RegisterCommandFilter,
     RedisModuleCommandFilter *(*)(RedisModuleCtx *ctx, RedisModuleCommandFilterFunc cb,
                                   int flags));
TYPE(RedisModule_UnregisterCommandFilter,
     int (*)(RedisModuleCtx *ctx, RedisModuleCommandFilter *filter));
TYPE(RedisModule_CommandFilterArgsCount, int (*)(RedisModuleCommandFilterCtx *fctx));
TYPE(RedisModule_CommandFilterArgGet,
     RedisModuleString *(*)(RedisModuleCommandFilterCtx *fctx, int pos));
TYPE(RedisModule_CommandFilterArgInsert,
     int (*)(RedisModuleCommandFilterCtx *fctx, int pos, RedisModuleString *arg));
TYPE(RedisModule_CommandFilterArgReplace,
     int (*)(RedisModuleCommandFilterCtx *fctx, int pos, RedisModuleString *arg));
TYPE(RedisModule_CommandFilterArgDelete, int (*)(RedisModuleCommandFilterCtx *fctx, int pos));
TYPE(RedisModule_CommandFilterGetClientId,
     unsigned long long (*)(RedisModuleCommandFilterCtx *fctx));
TYPE(RedisModule_MallocSize, size_t (*)(void *ptr));
TYPE(RedisModule_MallocUsableSize, size_t (*)(void *ptr));
TYPE(RedisModule_MallocSizeString, size_t (*)(RedisModuleString *str));
TYPE(RedisModule_MallocSizeDict, size_t (*)(RedisModuleDict *dict));
TYPE(RedisModule_GetUsedMemoryRatio, float (*)(void));
TYPE(RedisModule_ScanCursorCreate, RedisModuleScanCursor *(*)(void));
TYPE(RedisModule_ScanCursorRestart, void (*)(RedisModuleScanCursor *cursor));
TYPE(RedisModule_ScanCursorDestroy, void (*)(RedisModuleScanCursor *cursor));
TYPE(RedisModule_Scan, int (*)(RedisModuleCtx *ctx, RedisModuleScanCursor *cursor,
                               RedisModuleScanCB fn, void *privdata));
TYPE(RedisModule_ScanKey, int (*)(RedisModuleKey *key, RedisModuleScanCursor *cursor,
                                  RedisModuleScanKeyCB fn, void *privdata));
TYPE(RedisModule_Fork, int (*)(RedisModuleForkDoneHandler cb, void *user_data));
TYPE(RedisModule_SendChildHeartbeat, void (*)(double progress));
TYPE(RedisModule_ExitFromChild, int (*)(int retcode));
TYPE(RedisModule_KillForkChild, int (*)(int child_pid));
TYPE(RedisModule_SubscribeToServerEvent,
     int (*)(RedisModuleCtx *ctx, RedisModuleEvent event, RedisModuleEventCallback callback));
TYPE(RedisModule_IsSubEventSupported, int (*)(RedisModuleEvent event, uint64_t subevent));
TYPE(RedisModule_RegisterStringConfig,
     int (*)(RedisModuleCtx *ctx, const char *name, const char *default_val, unsigned int flags,
             RedisModuleConfigGetStringFunc getfn, RedisModuleConfigSetStringFunc setfn,
             RedisModuleConfigApplyFunc applyfn, void *privdata));
TYPE(RedisModule_RegisterBoolConfig,
     int (*)(RedisModuleCtx *ctx, const char *name, int default_val, unsigned int flags,
             RedisModuleConfigGetBoolFunc getfn, RedisModuleConfigSetBoolFunc setfn,
             RedisModuleConfigApplyFunc applyfn, void *privdata));
TYPE(RedisModule_RegisterEnumConfig,
     int (*)(RedisModuleCtx *ctx, const char *name, int default_val, unsigned int flags,
             const char **enum_values, const int *int_values, int num_enum_vals,
             RedisModuleConfigGetEnumFunc getfn, RedisModuleConfigSetEnumFunc setfn,
             RedisModuleConfigApplyFunc applyfn, void *privdata));
TYPE(RedisModule_RegisterNumericConfig,
     int (*)(RedisModuleCtx *ctx, const char *name, long long default_val, unsigned int flags,
             long long min, long long max, RedisModuleConfigGetNumericFunc getfn,
             RedisModuleConfigSetNumericFunc setfn, RedisModuleConfigApplyFunc applyfn,
             void *privdata));
TYPE(RedisModule_LoadConfigs, int (*)(RedisModuleCtx *ctx));
TYPE(RedisModule_RdbStreamCreateFromFile, RedisModuleRdbStream *(*)(const char *filename));
TYPE(RedisModule_RdbStreamFree, void (*)(RedisModuleRdbStream *stream));
TYPE(RedisModule_RdbLoad, int (*)(RedisModuleCtx *ctx, RedisModuleRdbStream *stream, int flags));
TYPE(RedisModule_RdbSave, int (*)(RedisModuleCtx *ctx, RedisModuleRdbStream *stream, int flags));
TYPE(RedisModule_SetLRU, int (*)(RedisModuleKey *key, mstime_t lru_idle));
TYPE(RedisModule_GetLRU, int (*)(RedisModuleKey *key, mstime_t *lru_idle));
TYPE(RedisModule_SetLFU, int (*)(RedisModuleKey *key, long long lfu_freq));
TYPE(RedisModule_GetLFU, int (*)(RedisModuleKey *key, long long *lfu_freq));
TYPE(RedisModule_GetModuleOptionsAll, int (*)(void));
TYPE(RedisModule_GetContextFlagsAll, int (*)(void));
TYPE(RedisModule_GetKeyspaceNotificationFlagsAll, int (*)(void));
TYPE(RedisModule_GetServerVersion, int (*)(void));
TYPE(RedisModule_GetTypeMethodVersion, int (*)(void));
TYPE(RedisModule_ModuleTypeReplaceValue,
     int (*)(RedisModuleKey *key, RedisModuleType *mt, void *new_value, void **old_value));
TYPE(RedisModule_GetCommandKeysWithFlags, int *(*)(RedisModuleCtx *ctx, RedisModuleString **argv,
                                                   int argc, int *num_keys, int **out_flags));
TYPE(RedisModule_GetCommandKeys,
     int *(*)(RedisModuleCtx *ctx, RedisModuleString **argv, int argc, int *num_keys));
TYPE(RedisModule_GetCurrentCommandName, const char *(*)(RedisModuleCtx *ctx));
TYPE(RedisModule_RegisterDefragFunc, int (*)(RedisModuleCtx *ctx, RedisModuleDefragFunc func));
TYPE(RedisModule_RegisterDefragCallbacks,
     int (*)(RedisModuleCtx *ctx, RedisModuleDefragFunc start, RedisModuleDefragFunc end));
TYPE(RedisModule_DefragShouldStop, int (*)(RedisModuleDefragCtx *ctx));
TYPE(RedisModule_DefragCursorSet, int (*)(RedisModuleDefragCtx *ctx, unsigned long cursor));
TYPE(RedisModule_DefragCursorGet, int (*)(RedisModuleDefragCtx *ctx, unsigned long *cursor));
TYPE(RedisModule_DefragAlloc, void *(*)(RedisModuleDefragCtx *ctx, void *ptr));
TYPE(RedisModule_DefragAllocRaw, void *(*)(RedisModuleDefragCtx *ctx, size_t size));
TYPE(RedisModule_DefragFreeRaw, void (*)(RedisModuleDefragCtx *ctx, void *ptr));
TYPE(RedisModule_DefragRedisModuleString,
     RedisModuleString *(*)(RedisModuleDefragCtx *ctx, RedisModuleString *str));
TYPE(RedisModule_GetKeyNameFromDefragCtx, const RedisModuleString *(*)(RedisModuleDefragCtx *ctx));
TYPE(RedisModule_GetDbIdFromDefragCtx, int (*)(RedisModuleDefragCtx *ctx));
TYPE(RedisModule_RegisterDefragFunc2, int (*)(RedisModuleCtx *ctx, RedisModuleDefragFunc2 func));
TYPE(RedisModule_DefragRedisModuleDict,
     RedisModuleDict *(*)(RedisModuleDefragCtx *ctx, RedisModuleDict *dict,
                          RedisModuleDefragDictValueCallback valueCB, RedisModuleString **seekTo));
TYPE(RedisModule_ACLCheckKeyPrefixPermissions,
     int (*)(RedisModuleUser *user, RedisModuleString *prefix, int flags));
TYPE(RedisModule_HashFieldMinExpire, mstime_t (*)(RedisModuleKey *key));
TYPE(RedisModule_GetInternalSecret, const char *(*)(RedisModuleCtx *ctx, size_t *len));
TYPE(RedisModule_LoadDefaultConfigs, int (*)(RedisModuleCtx *ctx));

/* ---- Events ---- */

struct event {
    RedisModuleEvent event;
    uint64_t id;
};

static int events_right(void) {
    const struct event events[] = {
        {RedisModuleEvent_ReplicationRoleChanged, 0},
        {RedisModuleEvent_Persistence, 1},
        {RedisModuleEvent_FlushDB, 2},
        {RedisModuleEvent_Loading, 3},
        {RedisModuleEvent_ClientChange, 4},
        {RedisModuleEvent_Shutdown, 5},
        {RedisModuleEvent_ReplicaChange, 6},
        {RedisModuleEvent_CronLoop, 8},
        {RedisModuleEvent_MasterLinkChange, 7},
        {RedisModuleEvent_ModuleChange, 9},
        {RedisModuleEvent_LoadingProgress, 10},
        {RedisModuleEvent_SwapDB, 11},
        {RedisModuleEvent_ReplBackup, 12},
        {RedisModuleEvent_ReplAsyncLoad, 14},
        {RedisModuleEvent_ForkChild, 13},
        {RedisModuleEvent_EventLoop, 15},
        {RedisModuleEvent_Config, 16},
        {RedisModuleEvent_Key, 17},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        if (events[i].event.id != events[i].id || events[i].event.dataver != 1)
            return 0;
    }
    return 1;
}

/* ---- Which functions does this server have? ---- */

struct function {
    const char *name;
    void *pointer; /* filled by GetApi, NULL when it is not there */
};

#define FUNCTION(name)                                                                             \
    { #name, (void *)RedisModule_##name }

/* ABI.MISSING: the names of redismodule.h that the server does not have. */
static int missing(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    if (argc != 1)
        return RedisModule_WrongArity(ctx);
    const struct function functions[] = {
        FUNCTION(Alloc),
        FUNCTION(TryAlloc),
        FUNCTION(Calloc),
        FUNCTION(TryCalloc),
        FUNCTION(Realloc),
        FUNCTION(TryRealloc),
        FUNCTION(Free),
        FUNCTION(Strdup),
        FUNCTION(PoolAlloc),
        FUNCTION(GetApi),
        FUNCTION(IsKeysPositionRequest),
        FUNCTION(KeyAtPosWithFlags),
        FUNCTION(KeyAtPos),
        FUNCTION(IsChannelsPositionRequest),
        FUNCTION(ChannelAtPosWithFlags),
        FUNCTION(CreateCommand),
        FUNCTION(GetCommand),
        FUNCTION(CreateSubcommand),
        FUNCTION(AddACLCategory),
        FUNCTION(SetCommandACLCategories),
        FUNCTION(SetCommandInfo),
        FUNCTION(SetModuleAttribs),
        FUNCTION(IsModuleNameBusy),
        FUNCTION(Milliseconds),
        FUNCTION(MonotonicMicroseconds),
        FUNCTION(Microseconds),
        FUNCTION(CachedMicroseconds),
        FUNCTION(BlockedClientMeasureTimeStart),
        FUNCTION(BlockedClientMeasureTimeEnd),
        FUNCTION(Yield),
        FUNCTION(SetModuleOptions),
        FUNCTION(SignalModifiedKey),
        FUNCTION(AutoMemory),
        FUNCTION(CreateString),
        FUNCTION(CreateStringPrintf),
        FUNCTION(CreateStringFromLongLong),
        FUNCTION(CreateStringFromULongLong),
        FUNCTION(CreateStringFromDouble),
        FUNCTION(CreateStringFromLongDouble),
        FUNCTION(CreateStringFromString),
        FUNCTION(CreateStringFromStreamID),
        FUNCTION(FreeString),
        FUNCTION(RetainString),
        FUNCTION(HoldString),
        FUNCTION(StringPtrLen),
        FUNCTION(StringToLongLong),
        FUNCTION(StringToULongLong),
        FUNCTION(StringToDouble),
        FUNCTION(StringToLongDouble),
        FUNCTION(StringToStreamID),
        FUNCTION(StringCompare),
        FUNCTION(StringAppendBuffer),
        FUNCTION(TrimStringAllocation),
        FUNCTION(ReplySetPushLength),
        FUNCTION(WrongArity),
        FUNCTION(ReplyWithLongLong),
        FUNCTION(ReplyWithError),
        FUNCTION(ReplyWithErrorFormat),
        FUNCTION(ReplyWithSimpleString),
        FUNCTION(ReplyWithArray),
        FUNCTION(ReplyWithMap),
        FUNCTION(ReplyWithSet),
        FUNCTION(ReplyWithAttribute),
        FUNCTION(ReplyWithNullArray),
        FUNCTION(ReplyWithEmptyArray),
        FUNCTION(ReplySetArrayLength),
        FUNCTION(ReplySetMapLength),
        FUNCTION(ReplySetSetLength),
        FUNCTION(ReplySetAttributeLength),
        FUNCTION(ReplyWithStringBuffer),
        FUNCTION(ReplyWithCString),
        FUNCTION(ReplyWithString),
        FUNCTION(ReplyWithEmptyString),
        FUNCTION(ReplyWithVerbatimStringType),
        FUNCTION(ReplyWithVerbatimString),
        FUNCTION(ReplyWithNull),
        FUNCTION(ReplyWithBool),
        FUNCTION(ReplyWithCallReply),
        FUNCTION(ReplyWithDouble),
        FUNCTION(ReplyWithBigNumber),
        FUNCTION(ReplyWithLongDouble),
        FUNCTION(Replicate),
        FUNCTION(ReplicateVerbatim),
        FUNCTION(GetClientId),
        FUNCTION(GetClientUserNameById),
        FUNCTION(GetClientInfoById),
        FUNCTION(GetClientNameById),
        FUNCTION(SetClientNameById),
        FUNCTION(PublishMessage),
        FUNCTION(PublishMessageShard),
        FUNCTION(GetSelectedDb),
        FUNCTION(GetContextFlags),
        FUNCTION(AvoidReplicaTraffic),
        FUNCTION(SelectDb),
        FUNCTION(KeyExists),
        FUNCTION(OpenKey),
        FUNCTION(GetOpenKeyModesAll),
        FUNCTION(CloseKey),
        FUNCTION(KeyType),
        FUNCTION(ValueLength),
        FUNCTION(DeleteKey),
        FUNCTION(UnlinkKey),
        FUNCTION(GetExpire),
        FUNCTION(SetExpire),
        FUNCTION(GetAbsExpire),
        FUNCTION(SetAbsExpire),
        FUNCTION(ResetDataset),
        FUNCTION(DbSize),
        FUNCTION(RandomKey),
        FUNCTION(GetKeyNameFromOptCtx),
        FUNCTION(GetToKeyNameFromOptCtx),
        FUNCTION(GetDbIdFromOptCtx),
        FUNCTION(GetToDbIdFromOptCtx),
        FUNCTION(StringSet),
        FUNCTION(StringDMA),
        FUNCTION(StringTruncate),
        FUNCTION(ListPush),
        FUNCTION(ListPop),
        FUNCTION(ListGet),
        FUNCTION(ListSet),
        FUNCTION(ListInsert),
        FUNCTION(ListDelete),
        FUNCTION(ZsetAdd),
        FUNCTION(ZsetIncrby),
        FUNCTION(ZsetRem),
        FUNCTION(ZsetScore),
        FUNCTION(ZsetRangeStop),
        FUNCTION(ZsetRangeEndReached),
        FUNCTION(ZsetFirstInScoreRange),
        FUNCTION(ZsetLastInScoreRange),
        FUNCTION(ZsetFirstInLexRange),
        FUNCTION(ZsetLastInLexRange),
        FUNCTION(ZsetRangeCurrentElement),
        FUNCTION(ZsetRangeNext),
        FUNCTION(ZsetRangePrev),
        FUNCTION(HashSet),
        FUNCTION(HashGet),
        FUNCTION(StreamAdd),
        FUNCTION(StreamDelete),
        FUNCTION(StreamIteratorStart),
        FUNCTION(StreamIteratorStop),
        FUNCTION(StreamIteratorNextID),
        FUNCTION(StreamIteratorNextField),
        FUNCTION(StreamIteratorDelete),
        FUNCTION(StreamTrimByLength),
        FUNCTION(StreamTrimByID),
        FUNCTION(FreeCallReply),
        FUNCTION(CallReplyType),
        FUNCTION(CallReplyLength),
        FUNCTION(CallReplyArrayElement),
        FUNCTION(CallReplyInteger),
        FUNCTION(CallReplyDouble),
        FUNCTION(CallReplyBigNumber),
        FUNCTION(CallReplyVerbatim),
        FUNCTION(CallReplyBool),
        FUNCTION(CallReplySetElement),
        FUNCTION(CallReplyMapElement),
        FUNCTION(CallReplyAttribute),
        FUNCTION(CallReplyAttributeElement),
        FUNCTION(CallReplyPromiseSetUnblockHandler),
        FUNCTION(CallReplyPromiseAbort),
        FUNCTION(CallReplyStringPtr),
        FUNCTION(CreateStringFromCallReply),
        FUNCTION(SetContextUser),
        FUNCTION(Call),
        FUNCTION(CallReplyProto),
        FUNCTION(CreateDataType),
        FUNCTION(ModuleTypeSetValue),
        FUNCTION(ModuleTypeGetType),
        FUNCTION(ModuleTypeGetValue),
        FUNCTION(IsIOError),
        FUNCTION(SaveUnsigned),
        FUNCTION(LoadUnsigned),
        FUNCTION(SaveSigned),
        FUNCTION(LoadSigned),
        FUNCTION(SaveString),
        FUNCTION(SaveStringBuffer),
        FUNCTION(LoadString),
        FUNCTION(LoadStringBuffer),
        FUNCTION(SaveDouble),
        FUNCTION(LoadDouble),
        FUNCTION(SaveFloat),
        FUNCTION(LoadFloat),
        FUNCTION(SaveLongDouble),
        FUNCTION(LoadLongDouble),
        FUNCTION(DigestAddStringBuffer),
        FUNCTION(DigestAddLongLong),
        FUNCTION(DigestEndSequence),
        FUNCTION(LoadDataTypeFromStringEncver),
        FUNCTION(LoadDataTypeFromString),
        FUNCTION(SaveDataTypeToString),
        FUNCTION(GetKeyNameFromDigest),
        FUNCTION(GetDbIdFromDigest),
        FUNCTION(EmitAOF),
        FUNCTION(GetContextFromIO),
        FUNCTION(GetKeyNameFromIO),
        FUNCTION(GetKeyNameFromModuleKey),
        FUNCTION(GetDbIdFromModuleKey),
        FUNCTION(GetDbIdFromIO),
        FUNCTION(Log),
        FUNCTION(LogIOError),
        FUNCTION(_Assert),
        FUNCTION(LatencyAddSample),
        FUNCTION(RegisterAuthCallback),
        FUNCTION(BlockClient),
        FUNCTION(BlockClientOnAuth),
        FUNCTION(BlockClientGetPrivateData),
        FUNCTION(BlockClientSetPrivateData),
        FUNCTION(BlockClientOnKeys),
        FUNCTION(BlockClientOnKeysWithFlags),
        FUNCTION(SignalKeyAsReady),
        FUNCTION(UnblockClient),
        FUNCTION(AbortBlock),
        FUNCTION(SetDisconnectCallback),
        FUNCTION(IsBlockedReplyRequest),
        FUNCTION(IsBlockedTimeoutRequest),
        FUNCTION(GetBlockedClientPrivateData),
        FUNCTION(GetBlockedClientReadyKey),
        FUNCTION(GetBlockedClientHandle),
        FUNCTION(BlockedClientDisconnected),
        FUNCTION(GetThreadSafeContext),
        FUNCTION(GetDetachedThreadSafeContext),
        FUNCTION(FreeThreadSafeContext),
        FUNCTION(ThreadSafeContextLock),
        FUNCTION(ThreadSafeContextTryLock),
        FUNCTION(ThreadSafeContextUnlock),
        FUNCTION(SubscribeToKeyspaceEvents),
        FUNCTION(AddPostNotificationJob),
        FUNCTION(GetNotifyKeyspaceEvents),
        FUNCTION(NotifyKeyspaceEvent),
        FUNCTION(RegisterClusterMessageReceiver),
        FUNCTION(SendClusterMessage),
        FUNCTION(GetClusterNodesList),
        FUNCTION(FreeClusterNodesList),
        FUNCTION(GetMyClusterID),
        FUNCTION(GetClusterSize),
        FUNCTION(GetClusterNodeInfo),
        FUNCTION(SetClusterFlags),
        FUNCTION(ClusterKeySlot),
        FUNCTION(ClusterCanonicalKeyNameInSlot),
        FUNCTION(CreateTimer),
        FUNCTION(StopTimer),
        FUNCTION(GetTimerInfo),
        FUNCTION(EventLoopAdd),
        FUNCTION(EventLoopDel),
        FUNCTION(EventLoopAddOneShot),
        FUNCTION(CreateModuleUser),
        FUNCTION(FreeModuleUser),
        FUNCTION(SetModuleUserACL),
        FUNCTION(SetModuleUserACLString),
        FUNCTION(GetModuleUserACLString),
        FUNCTION(GetCurrentUserName),
        FUNCTION(GetModuleUserFromUserName),
        FUNCTION(ACLCheckCommandPermissions),
        FUNCTION(ACLCheckKeyPermissions),
        FUNCTION(ACLCheckChannelPermissions),
        FUNCTION(ACLAddLogEntry),
        FUNCTION(ACLAddLogEntryByUserName),
        FUNCTION(AuthenticateClientWithUser),
        FUNCTION(AuthenticateClientWithACLUser),
        FUNCTION(DeauthenticateAndCloseClient),
        FUNCTION(RedactClientCommandArgument),
        FUNCTION(GetClientCertificate),
        FUNCTION(CreateDict),
        FUNCTION(FreeDict),
        FUNCTION(DictSize),
        FUNCTION(DictSetC),
        FUNCTION(DictReplaceC),
        FUNCTION(DictSet),
        FUNCTION(DictReplace),
        FUNCTION(DictGetC),
        FUNCTION(DictGet),
        FUNCTION(DictDelC),
        FUNCTION(DictDel),
        FUNCTION(DictIteratorStartC),
        FUNCTION(DictIteratorStart),
        FUNCTION(DictIteratorStop),
        FUNCTION(DictIteratorReseekC),
        FUNCTION(DictIteratorReseek),
        FUNCTION(DictNextC),
        FUNCTION(DictPrevC),
        FUNCTION(DictNext),
        FUNCTION(DictPrev),
        FUNCTION(DictCompareC),
        FUNCTION(DictCompare),
        FUNCTION(InfoAddSection),
        FUNCTION(InfoBeginDictField),
        FUNCTION(InfoEndDictField),
        FUNCTION(InfoAddFieldString),
        FUNCTION(InfoAddFieldCString),
        FUNCTION(InfoAddFieldDouble),
        FUNCTION(InfoAddFieldLongLong),
        FUNCTION(InfoAddFieldULongLong),
        FUNCTION(RegisterInfoFunc),
        FUNCTION(GetServerInfo),
        FUNCTION(FreeServerInfo),
        FUNCTION(ServerInfoGetField),
        FUNCTION(ServerInfoGetFieldC),
        FUNCTION(ServerInfoGetFieldSigned),
        FUNCTION(ServerInfoGetFieldUnsigned),
        FUNCTION(ServerInfoGetFieldDouble),
        FUNCTION(GetRandomBytes),
        FUNCTION(GetRandomHexChars),
        FUNCTION(ExportSharedAPI),
        FUNCTION(GetSharedAPI),
        FUNCTION(RegisterCommandFilter),
        FUNCTION(UnregisterCommandFilter),
        FUNCTION(CommandFilterArgsCount),
        FUNCTION(CommandFilterArgGet),
        FUNCTION(CommandFilterArgInsert),
        FUNCTION(CommandFilterArgReplace),
        FUNCTION(CommandFilterArgDelete),
        FUNCTION(CommandFilterGetClientId),
        FUNCTION(MallocSize),
        FUNCTION(MallocUsableSize),
        FUNCTION(MallocSizeString),
        FUNCTION(MallocSizeDict),
        FUNCTION(GetUsedMemoryRatio),
        FUNCTION(ScanCursorCreate),
        FUNCTION(ScanCursorRestart),
        FUNCTION(ScanCursorDestroy),
        FUNCTION(Scan),
        FUNCTION(ScanKey),
        FUNCTION(Fork),
        FUNCTION(SendChildHeartbeat),
        FUNCTION(ExitFromChild),
        FUNCTION(KillForkChild),
        FUNCTION(SubscribeToServerEvent),
        FUNCTION(IsSubEventSupported),
        FUNCTION(RegisterStringConfig),
        FUNCTION(RegisterBoolConfig),
        FUNCTION(RegisterEnumConfig),
        FUNCTION(RegisterNumericConfig),
        FUNCTION(LoadConfigs),
        FUNCTION(RdbStreamCreateFromFile),
        FUNCTION(RdbStreamFree),
        FUNCTION(RdbLoad),
        FUNCTION(RdbSave),
        FUNCTION(SetLRU),
        FUNCTION(GetLRU),
        FUNCTION(SetLFU),
        FUNCTION(GetLFU),
        FUNCTION(GetModuleOptionsAll),
        FUNCTION(GetContextFlagsAll),
        FUNCTION(GetKeyspaceNotificationFlagsAll),
        FUNCTION(GetServerVersion),
        FUNCTION(GetTypeMethodVersion),
        FUNCTION(ModuleTypeReplaceValue),
        FUNCTION(GetCommandKeysWithFlags),
        FUNCTION(GetCommandKeys),
        FUNCTION(GetCurrentCommandName),
        FUNCTION(RegisterDefragFunc),
        FUNCTION(RegisterDefragCallbacks),
        FUNCTION(DefragShouldStop),
        FUNCTION(DefragCursorSet),
        FUNCTION(DefragCursorGet),
        FUNCTION(DefragAlloc),
        FUNCTION(DefragAllocRaw),
        FUNCTION(DefragFreeRaw),
        FUNCTION(DefragRedisModuleString),
        FUNCTION(GetKeyNameFromDefragCtx),
        FUNCTION(GetDbIdFromDefragCtx),
        FUNCTION(RegisterDefragFunc2),
        FUNCTION(DefragRedisModuleDict),
        FUNCTION(ACLCheckKeyPrefixPermissions),
        FUNCTION(HashFieldMinExpire),
        FUNCTION(GetInternalSecret),
        FUNCTION(LoadDefaultConfigs),
    };
    long count = 0;
    RedisModule_ReplyWithArray(ctx, REDISMODULE_POSTPONED_ARRAY_LEN);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (functions[i].pointer != NULL)
            continue;
        RedisModule_ReplyWithSimpleString(ctx, functions[i].name);
        count++;
    }
    RedisModule_ReplySetArrayLength(ctx, count);
    return REDISMODULE_OK;
}

int RedisModule_OnLoad(RedisModuleCtx *ctx, RedisModuleString **argv, int argc) {
    REDISMODULE_NOT_USED(argv);
    REDISMODULE_NOT_USED(argc);
    if (RedisModule_Init(ctx, "abi", 1, REDISMODULE_APIVER_1) == REDISMODULE_ERR)
        return REDISMODULE_ERR;
    if (!events_right())
        return REDISMODULE_ERR;
    return RedisModule_CreateCommand(ctx, "abi.missing", missing, "readonly", 0, 0, 0);
}
