/* moduleconf.h: a parameter that a module has registered, as moduleconf.c and moduleconf.go share
 * it. */

#ifndef BERTH_CAPI_MODULECONF_H
#define BERTH_CAPI_MODULECONF_H

#include "capi_internal.h"

#pragma GCC visibility push(hidden)

typedef enum {
    RM_CONFIG_BOOL,
    RM_CONFIG_NUMERIC,
    RM_CONFIG_UNSIGNED,
    RM_CONFIG_STRING,
    RM_CONFIG_ENUM
} rm_config_kind;

typedef struct rm_config {
    rm_module *module;
    rm_config_kind kind;
    unsigned int flags;
    char *full; /* as CONFIG GET has it */
    char *name; /* in full: without the module's name; what the callbacks are told */
    union {
        RedisModuleConfigGetBoolFunc boolean;
        RedisModuleConfigGetNumericFunc numeric;
        RedisModuleConfigGetUnsignedNumericFunc natural;
        RedisModuleConfigGetStringFunc string;
        RedisModuleConfigGetEnumFunc choice;
    } get;
    union {
        RedisModuleConfigSetBoolFunc boolean;
        RedisModuleConfigSetNumericFunc numeric;
        RedisModuleConfigSetUnsignedNumericFunc natural;
        RedisModuleConfigSetStringFunc string;
        RedisModuleConfigSetEnumFunc choice;
    } set;
    RedisModuleConfigApplyFunc apply;
    void *privdata;
} rm_config;

/* What registering a parameter says beyond rm_config. */
typedef struct rm_config_spec {
    const char *name;
    long long def, min, max; /* of an unsigned number: cast */
    const char *def_string;  /* may be NULL */
    const char **names;      /* of an enum */
    const int *values;
    int nvalues;
} rm_config_spec;

void rm_config_free(rm_config *c);
long long rm_config_get(const rm_config *c);
/* NULL: nothing to show. It belongs to the module. */
RedisModuleString *rm_config_get_string(const rm_config *c);
/* These report success; on failure *error is a string of ours, or NULL without a reason. */
bool rm_config_set(const rm_config *c, long long v, RedisModuleString **error);
bool rm_config_set_string(const rm_config *c, const char *p, size_t n, RedisModuleString **error);
bool rm_config_apply(const rm_config *c, int64_t call, RedisModuleString **error);

#pragma GCC visibility pop

#endif
