/* module.c: the table of loaded modules, and loading and unloading of their code. What a module
 * registered is Go's business (load.go). */

#include "capi_internal.h"

#include "_cgo_export.h"

#include "loader.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>

rm_module *rm_modules[RM_MAX_MODULES];
uint32_t rm_text_epoch;

/* Code ranges of all modules. Readers take no lock: an entry is written before the count that
 * covers it, and emptied, never moved, when its module goes. */
#define MAX_RANGES (RM_MAX_MODULES * RM_MAX_TEXT)
static struct {
    rm_range r;
    rm_module *m;
} ranges[MAX_RANGES];
static uint32_t nranges;

rm_module *rm_module_range(const void *pc, rm_range *range) {
    uintptr_t a = (uintptr_t)pc;
    uint32_t n = __atomic_load_n(&nranges, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < n; i++) {
        if (a >= ranges[i].r.lo && a < ranges[i].r.hi) {
            if (range != NULL)
                *range = ranges[i].r;
            return ranges[i].m;
        }
    }
    return NULL;
}

rm_module *rm_module_at(const void *pc) { return rm_module_range(pc, NULL); }

const char *rm_module_name(const rm_module *m) {
    return m != NULL && m->name != NULL ? m->name : "module";
}

static void add_range(rm_module *m, uintptr_t lo, uintptr_t hi) {
    if (m->ntext == RM_MAX_TEXT)
        return;
    m->text[m->ntext++] = (rm_range){lo, hi};
    uint32_t at = 0;
    while (at < nranges && ranges[at].m != NULL)
        at++;
    if (at == MAX_RANGES)
        return;
    ranges[at].m = m;
    ranges[at].r = (rm_range){lo, hi};
    if (at == nranges)
        __atomic_store_n(&nranges, nranges + 1, __ATOMIC_RELEASE);
}

static void drop_ranges(rm_module *m) {
    for (uint32_t i = 0; i < nranges; i++) {
        if (ranges[i].m == m) {
            ranges[i].r = (rm_range){0, 0};
            ranges[i].m = NULL;
        }
    }
    m->ntext = 0;
    __atomic_add_fetch(&rm_text_epoch, 1, __ATOMIC_ACQ_REL);
}

struct phdr_search {
    rm_module *m;
    uintptr_t base;
};

static int note_segments(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    struct phdr_search *s = data;
    if (info->dlpi_addr != s->base)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type == PT_LOAD && p->p_flags & PF_X)
            add_range(s->m, info->dlpi_addr + p->p_vaddr,
                      info->dlpi_addr + p->p_vaddr + p->p_memsz);
    }
    return 1;
}

/* Modules that were closed. A thread that outlived its module may hold a context of it, so the
 * struct is kept, for the next module of that path. */
static rm_module *retired;

static rm_module *make_module(const char *path) {
    for (rm_module **at = &retired; *at != NULL; at = &(*at)->next_retired) {
        rm_module *m = *at;
        if (strcmp(m->path, path) != 0)
            continue;
        *at = m->next_retired;
        free(m->name);
        *m = (rm_module){.path = m->path};
        return m;
    }
    rm_module *m = rm_zalloc(NULL, sizeof(*m));
    m->path = strdup(path);
    return m;
}

rm_module *rm_module_open(const char *path, const char *file, char **error) {
    uint32_t slot = 1;
    while (slot < RM_MAX_MODULES && rm_modules[slot] != NULL)
        slot++;
    if (slot == RM_MAX_MODULES) {
        *error = strdup("too many modules are loaded");
        return NULL;
    }
    /* RTLD_LOCAL keeps the modules' symbols apart; RTLD_NOW makes a missing one an error here
     * instead of a crash later. */
    void *dl = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (dl == NULL) {
        const char *text = dlerror();
        *error = strdup(text != NULL ? text : "unknown error");
        return NULL;
    }
    rm_module *m = make_module(path);
    m->slot = slot;
    m->dl = dl;
    struct link_map *map = NULL;
    if (dlinfo(dl, RTLD_DI_LINKMAP, &map) == 0 && map != NULL) {
        struct phdr_search s = {m, map->l_addr};
        dl_iterate_phdr(note_segments, &s);
    }
    rm_modules[slot] = m;
    return m;
}

bool rm_module_has(rm_module *m, const char *symbol) { return dlsym(m->dl, symbol) != NULL; }

typedef int (*load_func)(RedisModuleCtx *ctx, RedisModuleString **argv, int argc);
typedef int (*unload_func)(RedisModuleCtx *ctx);

int rm_module_onload(rm_module *m, const rm_slice *args, int argc, int64_t call) {
    /* Both may be there, in a module that supports both servers: its Redis side is the one that
     * we are. */
    load_func f = (load_func)dlsym(m->dl, "RedisModule_OnLoad");
    if (f == NULL)
        f = (load_func)dlsym(m->dl, "ValkeyModule_OnLoad");
    RedisModuleCtx *ctx = rm_temp_begin(m, call, 0);
    ctx->flags |= RMC_ONLOAD;
    rm_argblock *b = rm_args_new(m, args, argc);
    RedisModuleString **argv = rm_malloc(NULL, ((size_t)argc + 1) * sizeof(*argv));
    for (int i = 0; i < argc; i++)
        argv[i] = &b->s[i];
    argv[argc] = NULL;
    m->in_onload = true;
    int r = f(ctx, argv, argc);
    m->in_onload = false;
    rm_free(NULL, argv);
    rm_temp_end(ctx);
    rm_args_release(b);
    return r;
}

int rm_module_onunload(rm_module *m, int64_t call) {
    unload_func f = (unload_func)dlsym(m->dl, "RedisModule_OnUnload");
    if (f == NULL)
        f = (unload_func)dlsym(m->dl, "ValkeyModule_OnUnload");
    if (f == NULL)
        return REDISMODULE_OK;
    RedisModuleCtx *ctx = rm_temp_begin(m, call, 0);
    int r = f(ctx);
    rm_temp_end(ctx);
    return r;
}

char *rm_module_close(rm_module *m) {
    char *error = NULL;
    if (dlclose(m->dl) != 0) {
        const char *text = dlerror();
        error = strdup(text != NULL ? text : "unknown error");
    }
    drop_ranges(m);
    rm_modules[m->slot] = NULL;
    m->dl = NULL;
    m->next_retired = retired;
    retired = m;
    return error;
}

/* RM_SetModuleAttribs: tells the server the module's name and version; RedisModule_Init calls it.
 * Only the first call counts. Since: 4.0.0. */
void RM_SetModuleAttribs(RedisModuleCtx *ctx, const char *name, int ver, int apiver) {
    rm_module *m = ctx->module;
    if (m->name != NULL)
        return;
    m->name = strdup(name);
    m->ver = ver;
    m->apiver = apiver;
}

/* RM_IsModuleNameBusy: 1 when a module of that name is loaded. Since: 4.0.3. */
int RM_IsModuleNameBusy(const char *name) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    RM_CROSS();
    return goIsModuleNameBusy(m != NULL ? m->slot : 0, (char *)name);
}

/* RM_SetModuleOptions: REDISMODULE_OPTIONS_* that the module wants; a later call replaces an
 * earlier one. Since: 6.0.0. */
void RM_SetModuleOptions(RedisModuleCtx *ctx, int options) { ctx->module->options = options; }

/* RM_GetModuleOptionsAll: every option that SetModuleOptions knows. Since: 7.2.0. */
int RM_GetModuleOptionsAll(void) {
    if (rm_valkey(rm_module_at(__builtin_return_address(0))))
        return _VALKEYMODULE_OPTIONS_FLAGS_NEXT - 1;
    return _REDISMODULE_OPTIONS_FLAGS_NEXT - 1;
}

/* RM_GetContextFlagsAll: every flag that GetContextFlags may report. Since: 6.0.9. */
int RM_GetContextFlagsAll(void) {
    if (rm_valkey(rm_module_at(__builtin_return_address(0))))
        return _VALKEYMODULE_CTX_FLAGS_NEXT - 1;
    return _REDISMODULE_CTX_FLAGS_NEXT - 1;
}

/* RM_GetKeyspaceNotificationFlagsAll: every class of keyspace notifications. Since: 6.0.9. */
int RM_GetKeyspaceNotificationFlagsAll(void) { return _REDISMODULE_NOTIFY_NEXT - 1; }

/* RM_GetOpenKeyModesAll: every mode that OpenKey knows. Since: 7.2.0. */
int RM_GetOpenKeyModesAll(void) {
    int all = _REDISMODULE_OPEN_KEY_ALL;
    if (rm_valkey(rm_module_at(__builtin_return_address(0))))
        all &= ~REDISMODULE_OPEN_KEY_ACCESS_EXPIRED;
    return all;
}

/* The newest release of Valkey whose functions are there. */
#define VALKEY_VERSION 0x00090100

/* RM_GetServerVersion: the version of Redis that the server speaks, 0x00MMmmpp; for a module of
 * Valkey the release of Valkey whose API it has. Since: 6.0.9. */
int RM_GetServerVersion(void) {
    if (rm_valkey(rm_module_at(__builtin_return_address(0))))
        return VALKEY_VERSION;
    return (int)rm_state.server_version;
}

/* RM_GetTypeMethodVersion: the newest version of RedisModuleTypeMethods that the server reads.
 * Since: 6.2.0. */
int RM_GetTypeMethodVersion(void) { return REDISMODULE_TYPE_METHOD_VERSION; }
