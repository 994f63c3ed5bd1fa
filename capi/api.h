/* api.h: declares RM_X for every implemented row of api.def, VM_X for those of Valkey alone, with
 * the type that redismodule.h gives the pointer of that name. A definition that differs does not
 * compile. */

#ifndef BERTH_CAPI_API_H
#define BERTH_CAPI_API_H

/* The server's view of the header: types, and the pointers as extern declarations for __typeof__.
 * They are never defined here: a symbol RedisModule_X in this program would take over the pointer
 * of that name in every module. */
#define REDISMODULE_CORE
#define REDISMODULE_DECLARE_API
#include "redismodule.h"

/* Only Go's exports leave this program's C part. */
#pragma GCC visibility push(hidden)

#define API(name, since, family, home) extern __typeof__(*RedisModule_##name) RM_##name;
#define REDIS API
#define VALKEY(name, since, family, home) extern __typeof__(*ValkeyModule_##name) VM_##name;
#include "api.def"

#pragma GCC visibility pop

#endif
