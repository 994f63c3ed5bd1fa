/* child.h: processes that are a copy of this one. */

#ifndef BERTH_CAPI_CHILD_H
#define BERTH_CAPI_CHILD_H

#include "types.h"

#pragma GCC visibility push(hidden)

/* The data set's memory, as a child that saves modules' values finds it: the arrays of the
 * databases' tables (package dict), and entries (package keyspace) whose value is a module's. */
typedef struct rm_save_table {
    uintptr_t buckets[2]; /* 0: none */
    int64_t size[2];
} rm_save_table;

typedef struct rm_save_plan {
    int key_off; /* of the key header in an entry */
    int ndbs, ntypes;
    rm_save_table *dbs;
    uintptr_t *types; /* RedisModuleType, by number in the keyspace; 0 for others */
    int use;          /* what of a key's use is noted: 0 nothing, 1 idle seconds, 2 LFU's counter */
    uint32_t lru_secs, lfu_minutes, lfu_decay;
    /* For an append only file: values are said in commands, by aof_rewrite. */
    bool commands;
    char **names; /* of the commands there are, in lower case and sorted */
    int nnames;
    const char *mark; /* ends the stream */
    size_t mark_len;
} rm_save_plan;

/* Forks a child that saves what the plan says to a pipe. Return its pid and the pipe's other end in
 * fd; -1 with errno. */
int rm_save_fork(const rm_save_plan *plan, int *fd);

/* What types save beside their values; true if there is anything to be kept. */
bool rm_aux_save(RedisModuleType *t, int when, int64_t go, rm_reply *out);
int rm_aux_load(RedisModuleType *t, int encver, int when, int64_t go, const char *in, size_t in_len,
                size_t *off);

/* In the child that rewrites: whether there is a command. In any other process there is none. */
bool rm_child_emits(const char *command);
/* A command's beginning and an argument, as clients send them. */
void rm_child_count(rm_reply *out, int n);
void rm_child_arg(rm_reply *out, const char *p, size_t len);
/* Where the functions that save put their fields, in the child. */
void rm_child_put(rm_reply *out);
void rm_fork_done(uintptr_t callback, int status, int signal, uintptr_t data);

/* What a child tells its parent, in memory that they share. */
typedef struct rm_child_report {
    double progress; /* of 1; negative: not known */
} rm_child_report;
rm_child_report *rm_child_reports(void);

#pragma GCC visibility pop

#endif
