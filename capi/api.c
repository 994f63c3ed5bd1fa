/* api.c: the API table and GetApi. */

#include "capi_internal.h"

#include "threadcheck.h"

#define SAME(ours, header)                                                                         \
    _Static_assert(__builtin_types_compatible_p(__typeof__(&ours), __typeof__(header)),            \
                   #ours " differs from " #header " in redismodule.h");
#define API(name, since, family, home) SAME(RM_##name, RedisModule_##name)
#define REDIS API
#define VALKEY(name, since, family, home) SAME(VM_##name, ValkeyModule_##name)
#include "api.def"

typedef struct rm_row {
    const char *name;
    void *fn;
    unsigned int personas; /* that find it, a bit each */
} rm_row;

#define OF_REDIS (1u << RM_PERSONA_REDIS)
#define OF_VALKEY (1u << RM_PERSONA_VALKEY)

static const rm_row rows[] = {
#define API(name, since, family, home) {#name, (void *)RM_##name, OF_REDIS | OF_VALKEY},
#define REDIS(name, since, family, home) {#name, (void *)RM_##name, OF_REDIS},
#define VALKEY(name, since, family, home) {#name, (void *)VM_##name, OF_VALKEY},
#include "api.def"
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))
#define TABLE 1024

_Static_assert(NROWS < TABLE / 2, "enlarge the lookup table");

static uint16_t lookup[TABLE]; /* row number + 1 */

static uint32_t hash_name(const char *s) {
    uint32_t h = 2166136261u;
    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h ^ h >> 15;
}

/* Runs before main, so that the table is ready and constant whatever thread looks first. */
__attribute__((constructor)) static void build_lookup(void) {
    for (size_t i = 0; i < NROWS; i++) {
        uint32_t h = hash_name(rows[i].name);
        while (lookup[h % TABLE] != 0)
            h++;
        lookup[h % TABLE] = (uint16_t)(i + 1);
    }
}

void *rm_api_find(const char *name, rm_persona persona) {
    for (uint32_t h = hash_name(name);; h++) {
        uint16_t at = lookup[h % TABLE];
        if (at == 0)
            return NULL;
        const rm_row *row = &rows[at - 1];
        if (row->personas & 1u << persona && strcmp(row->name, name) == 0)
            return rm_thread_checked(at - 1u, row->fn, row->name);
    }
}

/* GetApi: finds the function of a name, with either prefix.
 * name: "RedisModule_X" or "ValkeyModule_X". target: out, a pointer to a function pointer; it is
 * left alone when there is no such function, so that a module's pointer stays NULL.
 * Return REDISMODULE_OK or REDISMODULE_ERR. Any thread.
 * A function that only one of Redis and Valkey has is found under its prefix alone. The first name
 * that a module asks for decides which of the two it is taken to be made for (rm_module.persona),
 * for they have given some numbers different meanings. Since: 4.0.0. */
int rm_getapi(const char *name, void *target) {
    static const char redis[] = "RedisModule_", valkey[] = "ValkeyModule_";
    rm_persona persona;
    if (strncmp(name, redis, sizeof(redis) - 1) == 0) {
        persona = RM_PERSONA_REDIS;
        name += sizeof(redis) - 1;
    } else if (strncmp(name, valkey, sizeof(valkey) - 1) == 0) {
        persona = RM_PERSONA_VALKEY;
        name += sizeof(valkey) - 1;
    } else {
        return REDISMODULE_ERR;
    }
    rm_module *m = rm_module_at(__builtin_return_address(0));
    if (m != NULL && m->persona == RM_PERSONA_UNKNOWN)
        m->persona = persona;
    void *fn = rm_api_find(name, persona);
    if (fn == NULL)
        return REDISMODULE_ERR;
    *(void **)target = fn;
    return REDISMODULE_OK;
}
