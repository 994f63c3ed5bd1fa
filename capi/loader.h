/* loader.h: what load.go calls. */

#ifndef BERTH_CAPI_LOADER_H
#define BERTH_CAPI_LOADER_H

#include "capi_internal.h"

#pragma GCC visibility push(hidden)

/* Opens a module's shared object and gives it a slot. On failure NULL, and *error is malloc'd. */
rm_module *rm_module_open(const char *path, const char *file, char **error);
bool rm_module_has(rm_module *m, const char *symbol);
/* Calls OnLoad; call is Go's call record. REDISMODULE_OK or REDISMODULE_ERR. */
int rm_module_onload(rm_module *m, const rm_slice *args, int argc, int64_t call);
/* Calls OnUnload, if there is one. */
int rm_module_onunload(rm_module *m, int64_t call);
/* Closes the shared object; everything registered must be gone. A malloc'd error or NULL. */
char *rm_module_close(rm_module *m);

#pragma GCC visibility pop

#endif
