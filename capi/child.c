/* child.c: forked processes: the one that saves modules' values as they are at one instant, and
 * those that modules make for themselves. No Go runs in either: its threads are not there. */

#include "child.h"

#include "_cgo_export.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENDED_IN_ORDER 255 /* the exit status after SIGUSR1, which is no failure */

static rm_child_report *report;

rm_child_report *rm_child_reports(void) {
    if (report == NULL) {
        void *p =
            mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            return NULL;
        report = p;
    }
    return report;
}

/* ---- Forking ---- */

static int output = -1; /* of the child that saves */

static void told_to_end(int sig) {
    (void)sig;
    rm_child_log(RM_LOG_WARNING, "Received SIGUSR1 in child, exiting now.");
    _exit(ENDED_IN_ORDER);
}

/* Descriptors that must not live on here: all but the standard ones and the pipe where the child
 * does nothing but save; where it is a module's own, sockets that listen. */
static void close_descriptors(bool all) {
    DIR *d = opendir("/proc/self/fd");
    if (d == NULL)
        return;
    struct dirent *e;
    while ((e = readdir(d)) != NULL) {
        int fd = atoi(e->d_name), listens = 0;
        socklen_t len = sizeof(listens);
        if (fd <= STDERR_FILENO || fd == dirfd(d) || fd == output)
            continue;
        if (all || (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens))
            close(fd);
    }
    closedir(d);
}

/* fork, with what Go has set up undone in the child before a signal can reach it. */
static pid_t fork_child(bool saves, const char *title) {
    rm_child_reports();
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pid_t pid = fork();
    if (pid != 0) {
        int err = errno;
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        errno = err;
        return pid;
    }
    rm_state.in_child = 1;
    struct sigaction end = {.sa_handler = told_to_end, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &end, NULL);
    static const int ignored[] = {SIGINT, SIGHUP, SIGPIPE, SIGURG, SIGPROF, SIGALRM, SIGWINCH};
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    prctl(PR_SET_NAME, title);
    close_descriptors(saves);
    sigemptyset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    return 0;
}

void rm_child_cannot(const char *function) {
    char text[200];
    if (strncmp(function, "RM_", 3) == 0)
        function += 3;
    snprintf(text, sizeof(text), "%s is not possible in a forked child, which ends now", function);
    rm_child_log(RM_LOG_WARNING, text);
    _exit(1);
}

/* ---- Saving ---- */

enum {
    OP_SPLICED = 231,
    OP_MODULE_AUX = 247,
    OP_IDLE = 248,
    OP_FREQ = 249,
    OP_EXPIRE_MS = 252,
    OP_SELECTDB = 254
};
enum { TYPE_MODULE = 7, FIELD_EOF = 0, FIELD_UINT = 2 };

static uint64_t flushes;

void rm_child_put(rm_reply *out) {
    const char *p = out->buf;
    size_t n = out->len;
    while (n > 0) {
        ssize_t did = write(output, p, n);
        if (did < 0) {
            if (errno == EINTR)
                continue;
            _exit(1); /* the writer is gone, and has said why */
        }
        p += did;
        n -= (size_t)did;
    }
    out->len = 0;
    flushes++;
}

static void put(rm_reply *out, const void *p, size_t n) { rm_reply_raw(NULL, out, p, n); }
static void put_byte(rm_reply *out, int c) {
    char b = (char)c;
    put(out, &b, 1);
}
static void put_number(rm_reply *out, uint64_t n) {
    char b[9];
    put(out, b, (size_t)(rm_put_length(b, n) - b));
}

/* Runs a callback that saves, with out as the place for its fields. */
static void save_into(rm_reply *out, RedisModuleType *t, const char *key, size_t len, int dbid,
                      void *value, int when) {
    RedisModuleIO io;
    rm_io_begin(&io, t, key, len, dbid, 0);
    io.out = *out;
    if (when == 0)
        t->m.rdb_save(&io, value);
    else if (t->m.aux_save2 != NULL)
        t->m.aux_save2(&io, when);
    else
        t->m.aux_save(&io, when);
    *out = io.out;
    rm_io_end(&io);
}

/* ---- Rewriting ---- */

static const rm_save_plan *rewriting; /* in the child that does it */

static int by_name(const void *name, const void *element) {
    return strcasecmp(name, *(char *const *)element);
}

bool rm_child_emits(const char *command) {
    return rewriting != NULL && bsearch(command, rewriting->names, (size_t)rewriting->nnames,
                                        sizeof(char *), by_name) != NULL;
}

static void put_line(rm_reply *out, char kind, size_t n) {
    char line[32];
    put(out, line, (size_t)snprintf(line, sizeof(line), "%c%zu\r\n", kind, n));
}

void rm_child_count(rm_reply *out, int n) { put_line(out, '*', (size_t)n); }

void rm_child_arg(rm_reply *out, const char *p, size_t len) {
    put_line(out, '$', len);
    put(out, p, len);
    put(out, "\r\n", 2);
}

static void put_text(rm_reply *out, const char *s) { rm_child_arg(out, s, strlen(s)); }

static void rewrite_entry(rm_reply *out, RedisModuleType *t, const char *key, size_t len, int db,
                          int *selected, const int64_t *expire, void *value) {
    char number[24];
    if (t->m.aof_rewrite == NULL) {
        char text[160];
        snprintf(text, sizeof(text),
                 "The module type '%s' cannot be rewritten to an append only file", t->name);
        rm_child_log(RM_LOG_WARNING, text);
        _exit(1);
    }
    if (*selected != db) {
        snprintf(number, sizeof(number), "%d", db);
        rm_child_count(out, 2);
        put_text(out, "SELECT");
        put_text(out, number);
        *selected = db;
    }
    RedisModuleIO io;
    rm_io_begin(&io, t, key, len, db, 0);
    io.out = *out;
    t->m.aof_rewrite(&io, io.key, value);
    *out = io.out;
    bool failed = io.error;
    rm_io_end(&io);
    if (failed)
        _exit(1); /* the log has why */
    if (expire != NULL) {
        snprintf(number, sizeof(number), "%lld", (long long)*expire);
        rm_child_count(out, 3);
        put_text(out, "PEXPIREAT");
        rm_child_arg(out, key, len);
        put_text(out, number);
    }
    if (out->len > 1 << 16)
        rm_child_put(out);
}

static bool saves_aux(const RedisModuleType *t, int when) {
    return (t->m.aux_save != NULL || t->m.aux_save2 != NULL) && (t->m.aux_save_triggers & when);
}

static void save_aux(const rm_save_plan *plan, rm_reply *out, int when) {
    for (int i = 0; i < plan->ntypes; i++) {
        RedisModuleType *t = (RedisModuleType *)plan->types[i];
        if (t == NULL || !saves_aux(t, when))
            continue;
        size_t before = out->len;
        put_byte(out, OP_MODULE_AUX);
        put_number(out, t->id);
        put_byte(out, FIELD_UINT);
        put_number(out, (uint64_t)when);
        size_t head = out->len;
        uint64_t had = flushes;
        save_into(out, t, NULL, 0, -1, NULL, when);
        if (t->m.aux_save2 != NULL && flushes == had && out->len == head)
            out->len = before; /* nothing to keep */
        else
            put_byte(out, FIELD_EOF);
    }
}

/* The parts of an entry that matter here; see keyspace/entry.go. */
enum {
    META_TYPE = 7,
    META_EXPIRE = 1 << 7,
    META_LRU_SHIFT = 8,
    AUX_TYPE = 0xffff,
    ENTRY_MODULE = 5
};
#define LRU_MAX ((1u << 24) - 1)

static void put_use(const rm_save_plan *plan, rm_reply *out, uint32_t lru) {
    if (plan->use == 1) {
        put_byte(out, OP_IDLE);
        put_number(out,
                   plan->lru_secs >= lru ? plan->lru_secs - lru : plan->lru_secs + (LRU_MAX - lru));
    } else if (plan->use == 2) {
        uint32_t count = lru & 0xff, since = lru >> 8;
        if (plan->lfu_decay > 0) {
            uint32_t elapsed = since > plan->lfu_minutes ? 0xffff - since + plan->lfu_minutes
                                                         : plan->lfu_minutes - since;
            uint32_t periods = elapsed / plan->lfu_decay;
            count -= periods < count ? periods : count;
        }
        put_byte(out, OP_FREQ);
        put_byte(out, (int)count);
    }
}

static void save_entry(const rm_save_plan *plan, rm_reply *out, const unsigned char *e, int db,
                       int *selected) {
    uint32_t meta, aux;
    memcpy(&meta, e, sizeof(meta));
    memcpy(&aux, e + 4, sizeof(aux));
    if ((meta & META_TYPE) != ENTRY_MODULE || (int)(aux & AUX_TYPE) >= plan->ntypes)
        return;
    RedisModuleType *t = (RedisModuleType *)plan->types[aux & AUX_TYPE];
    if (t == NULL || (t->m.rdb_save == NULL && !plan->commands))
        return;
    const unsigned char *key = e + plan->key_off;
    uint32_t len = *key++;
    if (len >= 128) {
        memcpy(&len, key, sizeof(len));
        key += sizeof(len);
    }
    const unsigned char *rest = key + len;
    if (plan->commands) {
        int64_t expire;
        void *value;
        bool timed = (meta & META_EXPIRE) != 0;
        if (timed) {
            memcpy(&expire, rest, sizeof(expire));
            rest += sizeof(expire);
        }
        memcpy(&value, rest, sizeof(value));
        rewrite_entry(out, t, (const char *)key, len, db, selected, timed ? &expire : NULL, value);
        return;
    }
    if (*selected != db) {
        put_byte(out, OP_SELECTDB);
        put_number(out, (uint64_t)db);
        *selected = db;
    }
    if (meta & META_EXPIRE) {
        put_byte(out, OP_EXPIRE_MS);
        put(out, rest, 8);
        rest += 8;
    }
    put_use(plan, out, meta >> META_LRU_SHIFT);
    put_byte(out, TYPE_MODULE);
    put_number(out, len);
    put(out, key, len);
    put_number(out, t->id);
    void *value;
    memcpy(&value, rest, sizeof(value));
    save_into(out, t, (const char *)key, len, db, value, 0);
    put_byte(out, FIELD_EOF);
}

/* The entries of a chain of buckets; see keyspace/dict/dict.go. */
static void save_chain(const rm_save_plan *plan, rm_reply *out, const uint64_t *b, int db,
                       int *selected) {
    for (;;) {
        unsigned meta = (unsigned)(b[0] >> 56);
        for (int i = 0; i < 7; i++)
            if (meta >> i & 1)
                save_entry(plan, out, (const unsigned char *)b[1 + i], db, selected);
        if (!(meta >> 7))
            return;
        b = (const uint64_t *)b[7];
    }
}

static void save_all(const rm_save_plan *plan) {
    rm_reply out = {0};
    if (plan->commands) {
        rewriting = plan;
    } else {
        save_aux(plan, &out, REDISMODULE_AUX_BEFORE_RDB);
        put_byte(&out, OP_SPLICED);
        rm_child_put(&out);
    }
    int selected = -1;
    for (int db = 0; db < plan->ndbs; db++) {
        const rm_save_table *t = &plan->dbs[db];
        for (int i = 0; i < 2; i++)
            for (int64_t k = 0; t->buckets[i] != 0 && k < t->size[i]; k++)
                save_chain(plan, &out, (const uint64_t *)t->buckets[i] + 8 * k, db, &selected);
    }
    if (plan->commands) {
        put(&out, plan->mark, plan->mark_len);
    } else {
        save_aux(plan, &out, REDISMODULE_AUX_AFTER_RDB);
        put_byte(&out, OP_SPLICED);
    }
    rm_child_put(&out);
}

int rm_save_fork(const rm_save_plan *plan, int *fd) {
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return -1;
    output = pipe_fds[1];
    pid_t pid = fork_child(true, "redis-rdb-mods");
    if (pid == 0) {
        save_all(plan);
        _exit(0);
    }
    int err = errno;
    output = -1;
    close(pipe_fds[1]);
    if (pid < 0) {
        close(pipe_fds[0]);
        errno = err;
        return -1;
    }
    *fd = pipe_fds[0];
    return (int)pid;
}

bool rm_aux_save(RedisModuleType *t, int when, int64_t go, rm_reply *out) {
    if (!saves_aux(t, when))
        return false;
    RedisModuleIO io;
    rm_io_begin(&io, t, NULL, 0, -1, go);
    if (t->m.aux_save2 != NULL)
        t->m.aux_save2(&io, when);
    else
        t->m.aux_save(&io, when);
    rm_io_end(&io);
    *out = io.out;
    return true;
}

int rm_aux_load(RedisModuleType *t, int encver, int when, int64_t go, const char *in, size_t in_len,
                size_t *off) {
    RedisModuleIO io;
    rm_io_begin(&io, t, NULL, 0, -1, go);
    io.in = in;
    io.len = in_len;
    int status = t->m.aux_load(&io, encver, when);
    if (io.error)
        status = REDISMODULE_ERR;
    rm_io_end(&io);
    *off = io.off;
    return status;
}

/* ---- Forks of modules ---- */

/* RM_Fork: makes a copy of the process for the module to work in, on the data as they are now.
 * There is one child of the server at a time, whatever for. cb: called in the parent when the child
 * has ended, with its exit status, or the signal that ended it, and user_data; may be NULL. Return
 * the child's pid in the parent, 0 in the child, -1 when there is a child already (errno EEXIST) or
 * fork failed. The child ends with ExitFromChild; there it may use the functions that are written
 * in C and need nothing of the data set: memory, strings, dictionaries, logging, and opening
 * keys that hold a value of a module's type. Others end the child with a line in the log. Since: 6.0.0. */
int RM_Fork(RedisModuleForkDoneHandler cb, void *user_data) {
    RM_CROSS();
    rm_module *m = rm_module_at(__builtin_return_address(0));
    if (m == NULL)
        return -1;
    int err = goForkBegin(m->slot);
    pid_t pid = -1;
    int64_t began = 0, took = 0;
    if (err == 0) {
        began = (int64_t)RM_MonotonicMicroseconds();
        if (rm_child_reports() != NULL)
            report->progress = -1;
        pid = fork_child(false, "redis-mod-fork");
        if (pid == 0)
            return 0;
        err = pid < 0 ? errno : 0;
        took = (int64_t)RM_MonotonicMicroseconds() - began;
    }
    goForkMade(m->slot, (int)pid, err, took, (uintptr_t)cb, (uintptr_t)user_data);
    errno = err;
    return (int)pid;
}

/* RM_SendChildHeartbeat: tells the parent how far the child has come, for INFO current_fork_perc.
 * progress: of 1. Thread: in the child. Since: 6.2.0. */
void RM_SendChildHeartbeat(double progress) {
    if (report != NULL)
        report->progress = progress;
}

/* The bytes of memory that this process has for itself. */
static size_t copied_pages(void) {
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    size_t kb = 0;
    char line[200];
    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        if (sscanf(line, "Private_Dirty: %zu kB", &kb) == 1)
            break;
    if (f != NULL)
        fclose(f);
    return kb << 10;
}

/* RM_ExitFromChild: ends the child, with an exit status. Does not return. Since: 6.0.0. */
int RM_ExitFromChild(int retcode) {
    if (!rm_state.in_child)
        return REDISMODULE_ERR;
    char text[160];
    size_t mb = copied_pages() >> 20;
    snprintf(text, sizeof(text),
             "Fork CoW for Module fork: current %zu MB, peak %zu MB, average %zu MB", mb, mb, mb);
    if (RM_LOG_NOTICE >= rm_state.loglevel)
        rm_child_log(RM_LOG_NOTICE, text);
    _exit(retcode);
}

/* RM_KillForkChild: ends the child of Fork from the parent; its handler is not called.
 * Return REDISMODULE_ERR when there is no such child. Since: 6.0.0. */
int RM_KillForkChild(int child_pid) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    RM_CROSS();
    return m != NULL && goKillFork(m->slot, child_pid) ? REDISMODULE_OK : REDISMODULE_ERR;
}

void rm_fork_done(uintptr_t callback, int status, int signal, uintptr_t data) {
    ((RedisModuleForkDoneHandler)callback)(status, signal, (void *)data);
}
