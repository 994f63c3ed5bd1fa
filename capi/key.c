#include "capi_internal.h"
void rm_key_close(RedisModuleKey *key) { (void)key; }
void rm_serverinfo_free(RedisModuleServerInfoData *d) { (void)d; }
