/* capi_internal.h: the structs behind the API's opaque types, and what the families share.
 *
 * Naming: RM_X is the API function X; rm_x is ours; goX is a Go export (prototypes in
 * _cgo_export.h, which only files that cross include). No Go pointer is ever stored in these
 * structs: Go state is reached through the integer fields named `go` (see handle.go).
 *
 * Threads: a module's own thread may, without the server lock, allocate, create and free strings
 * that it alone uses, reply on its thread-safe context, walk call replies and use its own
 * dictionaries. All else here is guarded by the server lock. */

#ifndef BERTH_CAPI_INTERNAL_H
#define BERTH_CAPI_INTERNAL_H

#include "api.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC visibility push(hidden)

/* ---- Debugging aids ---------------------------------------------------------------------- */

/* Every handle that a module holds starts its private part with one of these, and has RM_DEAD
 * written over it when freed, so that most uses of a stale handle are seen. Freeing twice is
 * checked always, everything else in the debug build (-tags debug). */
#define RM_MAGIC_STRING 0x53747231u
#define RM_MAGIC_KEY 0x4b657931u
#define RM_MAGIC_CTX 0x43747831u
#define RM_MAGIC_REPLY 0x52706c31u
#define RM_MAGIC_DICT 0x44696331u
#define RM_MAGIC_ITER 0x49746531u
#define RM_MAGIC_CMD 0x436d6431u
#define RM_MAGIC_BC 0x42636c31u
#define RM_MAGIC_IO 0x496f2031u
#define RM_MAGIC_USER 0x55736531u
#define RM_MAGIC_CURSOR 0x43757231u
#define RM_DEAD 0xdeadbeefu

#ifdef BERTH_DEBUG
#define RM_CHECK(p, m)                                                                             \
    do {                                                                                           \
        if ((p) != NULL && (p)->magic != (m))                                                      \
            rm_misuse(__func__, "stale or foreign handle", (p));                                   \
    } while (0)
#else
#define RM_CHECK(p, m) ((void)0)
#endif

/* Reports an API misuse that cannot be carried on from and aborts with a crash report. */
void rm_misuse(const char *func, const char *what, const void *p) __attribute__((noreturn));
/* The same, of the module whose code holds pc. */
void rm_misuse_by(const void *pc, const char *func, const char *what, const void *p)
    __attribute__((noreturn));

void rm_assert_failed(const char *expr, const char *file, int at) __attribute__((noreturn));

/* The context of the module command that the loop runs, for crash reports. */
extern RedisModuleCtx *volatile rm_running;

#define RM_LIKELY(x) __builtin_expect(!!(x), 1)
#define RM_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* ---- The table (api.c) ------------------------------------------------------------------ */

/* Whose meaning a module gives to numbers that Redis and Valkey use differently. */
typedef enum { RM_PERSONA_UNKNOWN, RM_PERSONA_REDIS, RM_PERSONA_VALKEY } rm_persona;

int rm_getapi(const char *name, void *target);
/* By the name without a prefix; NULL when that persona has no such function. */
void *rm_api_find(const char *name, rm_persona persona);

/* ---- Modules (module.c) ------------------------------------------------------------------ */

#define RM_MAX_MODULES 256 /* slot 0 stands for the host and for code of no known module */
#define RM_MAX_TEXT 4

typedef struct rm_range {
    uintptr_t lo, hi; /* [lo, hi) */
} rm_range;

/* One loaded module, or one being loaded. Lives until its slot is reused, never freed while its
 * code may run. */
typedef struct rm_module {
    uint32_t slot; /* index in rm_modules; Go's registry uses the same number */
    char *name;    /* the name given to SetModuleAttribs; NULL before */
    char *path;
    int ver, apiver;
    int options;        /* REDISMODULE_OPTIONS_* */
    rm_persona persona; /* decided by the prefix of the first name it asks for */
    int databases;      /* of its server */
    bool in_onload;     /* registrations are allowed */
    bool unloading;
    void *dl;
    rm_range text[RM_MAX_TEXT];
    int ntext;
    uint64_t in_calls;  /* callbacks of this module on the stack now */
    uint64_t crossings; /* C to Go calls made from its callbacks on the loop's thread */
    RedisModuleInfoFunc info_cb;
    RedisModuleDefragFunc defrag_cb, defrag_start_cb, defrag_end_cb;
    RedisModuleDefragFunc2 defrag_cb2;
    struct rm_runtime *rt; /* of its server (blocked.h) */
    struct rm_module *next_retired;
} rm_module;

extern rm_module *rm_modules[RM_MAX_MODULES];

/* The module whose code holds pc, or NULL. Any thread; takes no lock. */
rm_module *rm_module_at(const void *pc);
rm_module *rm_module_range(const void *pc, rm_range *range); /* and the range that pc lies in */
extern uint32_t rm_text_epoch;                  /* changes whenever a module comes or goes */
const char *rm_module_name(const rm_module *m); /* "module" for NULL, as Redis logs it */

static inline bool rm_valkey(const rm_module *m) {
    return m != NULL && m->persona == RM_PERSONA_VALKEY;
}

/* ---- State shared with Go (shared.c) ------------------------------------------------------ */

/* One struct in C memory that Go writes directly, so that reading it from C costs no crossing. */
typedef struct rm_shared {
    int64_t cached_us;   /* the loop's cached clock, microseconds since the epoch */
    int64_t loglevel;    /* rm_log_* below which lines are dropped */
    int64_t data_memory; /* bytes of the data set outside C malloc */
    int64_t maxmemory;
    int64_t server_flags; /* REDISMODULE_CTX_FLAGS_* that do not depend on a client */
    int64_t crossings;    /* C to Go calls, all of them; written with the lock held */
    int64_t epoch;        /* changes whenever the data set may have changed */
    int64_t dispatches;   /* Go to C calls that ran a module command */
    int64_t in_child;     /* this process is a forked child: never enter Go */
    int64_t server_version;
} rm_shared;

extern rm_shared rm_state;

/* What is cached about the data set is stale from now on. The number belongs to the process, and
 * another server's thread, which holds another lock, must not turn it back. */
static inline void rm_touch(void) { __atomic_add_fetch(&rm_state.epoch, 1, __ATOMIC_RELAXED); }

enum { RM_LOG_DEBUG, RM_LOG_VERBOSE, RM_LOG_NOTICE, RM_LOG_WARNING };

/* Ends a forked child in which a module called what needs Go. */
void rm_child_cannot(const char *function) __attribute__((noreturn));
void rm_child_log(int level, const char *text); /* in a forked child, without Go */
/* A line that begins with the module's name in angle brackets, and one that does not. */
void rm_log(const rm_module *m, int level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void rm_server_log(const rm_module *m, int level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int rm_log_level(const char *name); /* of a name as modules give it */
void rm_vlog(const rm_module *m, int level, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* ---- Heap (heap.c) ------------------------------------------------------------------------ */

/* Memory of the API's own objects, attributed to the module m (NULL: the host). These abort the
 * process when memory runs out, as Redis does. rm_free accepts NULL. */
void *rm_malloc(const rm_module *m, size_t n);
void *rm_zalloc(const rm_module *m, size_t n);
void *rm_realloc(const rm_module *m, void *p, size_t n);
void rm_free(const rm_module *m, void *p);
void rm_free_slot(uint32_t slot, void *p);

/* Bytes that modules and the API's objects hold now. */
int64_t rm_heap_used(void);

/* ---- Strings (string.c) ------------------------------------------------------------------- */

/* Argument strings of one command: the structs and a small arena for the bytes of those that a
 * module looked at. Reused from command to command unless a string was retained, in which case
 * the block lives until the last of them is freed. */
typedef struct rm_argblock rm_argblock;

enum {
    RMS_BORROWED = 1, /* bytes belong to the caller of the command: valid until the block's
                         command ends, not NUL terminated, not to be handed to a module */
    RMS_INLINE = 2,   /* bytes follow the struct in one allocation */
    RMS_HEAP = 4,     /* bytes are an allocation of their own, cap + 1 long */
    RMS_ARENA = 8,    /* bytes lie in the arena of the string's block */
};

struct RedisModuleString {
    char *ptr;
    size_t len;
    size_t cap; /* room for bytes at ptr, the NUL not counted; 0 when they are not ours */
    uint32_t magic;
    uint32_t refcount;
    uint16_t flags;
    uint16_t slot;      /* the module that the memory is counted for */
    rm_argblock *block; /* where the struct lives when it is an argument */
};

struct rm_argblock {
    uint32_t live; /* strings not yet freed, plus one while its command runs */
    uint32_t n;
    uint32_t room; /* structs that fit */
    char *arena;
    size_t arena_used, arena_cap;
    rm_argblock *next; /* in the free list */
    RedisModuleString s[];
};

/* A Go slice header, as in an array of arguments. */
typedef struct rm_slice {
    const char *ptr;
    size_t len, cap;
} rm_slice;

rm_argblock *rm_args_new(const rm_module *m, const rm_slice *argv, int argc);
void rm_args_release(rm_argblock *b); /* the command ended */

/* A new string with a copy of the bytes; ptr may be NULL to leave them for the caller to fill. */
RedisModuleString *rm_str_new(const rm_module *m, const char *ptr, size_t len);
void rm_str_incr(RedisModuleString *s);
void rm_str_decr(RedisModuleString *s);
/* Makes the bytes ours: NUL terminated, at an address that stays until the string is freed or
 * changed. Needed before a module sees them; not for passing them on to Go. */
void rm_str_own(RedisModuleString *s);

/* Number texts with Redis's rules (number.c). The writers return the length; the readers report
 * success and leave *out alone on failure. */
#define RM_DOUBLE_CHARS 128
#define RM_LONGDOUBLE_CHARS (5 * 1024)
size_t rm_ll2str(char *dst, long long v);
size_t rm_ull2str(char *dst, unsigned long long v);
size_t rm_double2str(char *dst, double d);
size_t rm_longdouble2str(char *dst, long double d, bool human);
bool rm_str2ll(const char *s, size_t len, long long *out);
bool rm_str2ull(const char *s, size_t len, unsigned long long *out);
bool rm_str2double(const char *s, size_t len, double *out);
bool rm_str2longdouble(const char *s, size_t len, long double *out);
bool rm_str2streamid(const char *s, size_t len, RedisModuleStreamID *out);

/* ---- Replies (reply.c) -------------------------------------------------------------------- */

/* An aggregate whose header is inserted when the reply is finished. */
typedef struct rm_postponed {
    size_t off;
    char header[24];
    uint32_t hlen; /* 0: length never set; nothing is inserted, as in Redis */
} rm_postponed;

typedef struct rm_span {
    size_t off, len;
} rm_span;

#define RM_ERRORS 8

/* Encoded replies of one context. */
typedef struct rm_reply {
    char *buf;
    size_t len, cap;
    rm_postponed *post;
    uint32_t npost, postcap;
    uint32_t *open; /* stack of indexes into post whose length is still wanted */
    uint32_t nopen, opencap;
    uint32_t errors; /* error replies among them, without */
    uint32_t quiet;  /* ... those that the statistics of errors leave out */
    uint32_t spans;  /* how many of them error_at tells, '-' and line end included */
    rm_span error_at[RM_ERRORS];
} rm_reply;

void rm_reply_raw(const rm_module *m, rm_reply *r, const char *p, size_t n);
void rm_reply_error(rm_reply *r, size_t off,
                    size_t len);                       /* notes an error reply for the statistics */
void rm_reply_finish(const rm_module *m, rm_reply *r); /* inserts the postponed headers */
void rm_reply_reset(const rm_module *m, rm_reply *r);  /* empties it, keeps a small buffer */
void rm_reply_free(const rm_module *m, rm_reply *r);
/* Where a context's replies go: NULL when nobody will read them. */
rm_reply *rm_reply_target(RedisModuleCtx *ctx);

/* ---- Contexts (ctx.c) --------------------------------------------------------------------- */

enum {
    RMC_COMMAND = 1 << 0,
    RMC_ONLOAD = 1 << 1,
    RMC_AUTOMEM = 1 << 2,
    RMC_KEYS_POS = 1 << 3,     /* the command is asked where its keys are */
    RMC_CHANNELS_POS = 1 << 4, /* ... its channels */
    RMC_BLOCKED_REPLY = 1 << 5,
    RMC_BLOCKED_TIMEOUT = 1 << 6,
    RMC_BLOCKED_DISCONNECTED = 1 << 7,
    RMC_THREAD_SAFE = 1 << 8,
    RMC_DETACHED = 1 << 9, /* thread-safe without a client */
    RMC_TEMP = 1 << 10,    /* a timer's, notification's, event's …: replies go nowhere */
    RMC_NEW_CLIENT = 1 << 11,
};

enum rm_am_type {
    RM_AM_STRING,
    RM_AM_KEY,
    RM_AM_REPLY,
    RM_AM_DICT,
    RM_AM_INFO,
    RM_AM_CONFIGS,
    RM_AM_PLAIN
};

typedef struct rm_am_entry {
    void *ptr;
    enum rm_am_type type;
} rm_am_entry;

typedef struct rm_pool_block rm_pool_block;

struct RedisModuleCtx {
    void *getapi; /* first word: how RedisModule_Init finds GetApi */
    uint32_t magic;
    uint32_t flags; /* RMC_* */
    rm_module *module;
    RedisModuleCommand *cmd;  /* what runs, NULL outside commands */
    int resp;                 /* protocol of the client */
    int dbid;                 /* selected database */
    uint64_t client_id;       /* 0: none */
    bool unwatched;           /* no client watches any key: closing one need not be signalled */
    int64_t go;               /* Go's call record (dispatch.go), 0: none */
    RedisModuleString **argv; /* of the running command */
    int argc;
    rm_reply reply;
    rm_pool_block *pool;
    rm_am_entry *am;
    uint32_t nam, amcap;
    RedisModuleKey *keys; /* open keys */
    RedisModuleBlockedClient *bc;
    void *privdata; /* of the blocked client that is being replied to */
    RedisModuleString *ready_key;
    const RedisModuleUser *user; /* set by SetContextUser */
    int *pos;                    /* keys or channels reported: pairs of position and flags */
    uint32_t npos, poscap;
    RedisModuleCtx *outer; /* what ran before a temporary context began */
    int64_t yield_us;      /* when Yield is to look at events again, 0: it was not called yet */
    RedisModuleCtx *next_free;
};

/* Contexts are reused: taking one costs no allocation after the first. rm_ctx_end closes what the
 * module left open, frees automatic memory and pools and gives the context back. The bytes of a
 * command's reply stay until the thread takes its next context. */
RedisModuleCtx *rm_ctx_new(rm_module *m, uint32_t flags);
void rm_ctx_end(RedisModuleCtx *ctx);

/* A context for a callback that is no command: a timer's, an event's, a notification's. go is the
 * call that Go began with Runtime.enter; ended with rm_temp_end. */
RedisModuleCtx *rm_temp_begin(rm_module *m, int64_t go, int dbid);
void rm_temp_end(RedisModuleCtx *ctx);

/* Adds an object to the automatic memory of ctx, when it is on; ctx may be NULL. */
void rm_am_add(RedisModuleCtx *ctx, enum rm_am_type type, void *ptr);
/* Takes an object back out because the module freed it itself; whether it was there. */
bool rm_am_remove(RedisModuleCtx *ctx, enum rm_am_type type, void *ptr);

/* ---- Commands ----------------------------------------------------------------------------- */

struct RedisModuleCommand {
    uint32_t magic;
    rm_module *module;
    RedisModuleCmdFunc func; /* NULL for a pure container of subcommands */
    char *fullname;          /* "name" or "name|sub" */
    RedisModuleCommand *parent;
    RedisModuleCommand *next; /* all commands of the module */
    int64_t go;               /* index of the command's row in Go */
    bool getkeys_api, getchannels_api;
    uint64_t calls, crossings; /* C to Go calls made while it ran */
};

/* ---- Keys (key.c) ------------------------------------------------------------------------- */

/* An open key. What Go told about its entry is kept here, so that asking for the type, the length
 * or a module value costs no crossing; see rm_key_fresh. */
struct RedisModuleKey {
    uint32_t magic;
    int mode;
    RedisModuleCtx *ctx;
    rm_module *module;
    int dbid;
    RedisModuleString *name; /* one reference is ours */
    int64_t epoch;           /* rm_state.epoch when the rest was true */
    uint64_t gen;            /* DB.Gen when entry was found */
    void *entry;             /* off-heap *keyspace.Entry, NULL: no such key */
    int type;                /* REDISMODULE_KEYTYPE_* */
    size_t length;           /* what ValueLength answers */
    RedisModuleType *mt;     /* module values only */
    void *mv;
    int64_t iter;              /* Go's iterator state (stream.go), 0: none */
    struct rm_swalk *stream;   /* what C knows of it (stream.c) */
    struct rm_zwalk *z;        /* a walk over a range of a sorted set (zset.c) */
    bool list_open, list_back; /* Redis's list iterator (list.c): there is one, its direction */
    long list_index;           /* ... and its place */
    struct rm_ahead *ahead;    /* elements that ListGet fetched */
    long list_last;            /* index of the last that it gave, when the epoch was: */
    int64_t list_epoch;
    RedisModuleKey *prev, *next; /* open keys of ctx */
};

/* Sees to it that the cached part of key is true, crossing only when something may have changed
 * since. Every export that is given a key brings it up to date on its way back (key.go). */
static inline void rm_key_fresh(RedisModuleKey *key);
void rm_key_refresh(RedisModuleKey *key);

/* Whether the key is being iterated, so that no other value may take the place of its own. */
static inline bool rm_key_iterates(RedisModuleKey *key) {
    if (!key->list_open)
        return key->iter != 0;
    rm_key_fresh(key);
    return key->type == REDISMODULE_KEYTYPE_LIST;
}

void rm_list_forget(RedisModuleKey *key);   /* frees what list.c keeps with a key */
void rm_zset_forget(RedisModuleKey *key);   /* ... zset.c */
void rm_stream_forget(RedisModuleKey *key); /* ... stream.c */
void rm_zset_thread_forget(void);

RedisModuleKey *rm_key_new(RedisModuleCtx *ctx, RedisModuleString *name, int dbid, int mode);
extern char *const rm_empty;            /* an address for no bytes */
void rm_key_close(RedisModuleKey *key); /* CloseKey without the automatic-memory bookkeeping */

/* ---- Blocked clients (blocked.c) ---------------------------------------------------------- */

struct RedisModuleBlockedClient {
    uint32_t magic;
    int resp; /* of the client, when it was blocked */
    int dbid;
    rm_module *module;
    RedisModuleCommand *cmd; /* that blocked; NULL for authentication and filters */
    int64_t go;              /* Go's record (blocked.go) */
    uint64_t client_id;
    void *privdata;
    RedisModuleCmdFunc on_reply, on_timeout;
    RedisModuleAuthCallback on_auth; /* BlockClientOnAuth: in place of on_reply */
    RedisModuleDisconnectFunc on_disconnect;
    void (*free_privdata)(RedisModuleCtx *, void *);
    /* Replies of thread-safe contexts; the module sees to it that one thread at a time adds. */
    rm_reply reply;
    bool on_keys;
    bool unblocked;      /* UnblockClient or AbortBlock was called; guarded by the queue's lock */
    bool by_module;      /* ... for keys: the timeout callback is to reply */
    int64_t measured_us; /* background time so far */
    int64_t started_us;  /* BlockedClientMeasureTimeStart, 0: not measuring */
    RedisModuleBlockedClient *next; /* in the queue of those to be finished */
};

/* ---- Call replies (callreply.c) ----------------------------------------------------------- */

/* A root reply that owns proto (from rm_malloc for m), or, for NULL proto, a promise. ctx, which
 * may be NULL, is where strings made from it are registered. */
RedisModuleCallReply *rm_callreply_new(RedisModuleCtx *ctx, rm_module *m, char *proto, size_t len,
                                       uint32_t errors);
void rm_callreply_free(RedisModuleCallReply *r);
int64_t rm_callreply_go(const RedisModuleCallReply *r); /* a promise's record in Go */
rm_module *rm_callreply_module(const RedisModuleCallReply *r);
void rm_callreply_set_go(RedisModuleCallReply *r, int64_t go);

/* ---- Data types: IO and digests ----------------------------------------------------------- */

struct RedisModuleDigest {
    unsigned char o[20]; /* the sequence under way */
    unsigned char x[20]; /* the value so far */
    RedisModuleString *key;
    int dbid;
};

void rm_sha1(const void *data, size_t len, unsigned char out[20]);
void rm_digest_xor(unsigned char digest[20], const void *data, size_t len);
void rm_digest_mix(unsigned char digest[20], const void *data, size_t len);

/* ---- Dictionaries ------------------------------------------------------------------------- */

void rm_dict_free(RedisModuleDict *d);
void rm_serverinfo_free(RedisModuleServerInfoData *d);
void rm_configs_free(RedisModuleConfigIterator *iter); /* confaccess.c */

/* ---- Threads (thread.c) ------------------------------------------------------------------- */

/* The thread has begun to keep structs for itself: they are freed when it ends. */
void rm_thread_keeps(void);
void rm_ctx_forget(void);
void rm_keys_forget(void);
void rm_args_forget(void);

/* ---- Crossings ---------------------------------------------------------------------------- */

/* To be written in front of every goX call: counts it, for the tests and the benchmark, and marks
 * what C has cached about the data set as stale. RM_CROSS_READ is for calls that change nothing in
 * the data set. The count alone is a plain store: of two servers at once one may be forgotten. */
#define RM_CROSS() (RM_CROSS_READ(), rm_touch())
#define RM_CROSS_READ()                                                                            \
    ((void)(rm_state.crossings++), RM_UNLIKELY(rm_state.in_child) ? rm_child_cannot(__func__) : (void)0)

static inline void rm_key_fresh(RedisModuleKey *key) {
    if (RM_UNLIKELY(key->epoch != rm_state.epoch))
        rm_key_refresh(key);
}

#pragma GCC visibility pop

#endif
