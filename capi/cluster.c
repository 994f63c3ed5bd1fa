/* cluster.c: hash slots, and the cluster as a server sees it that is in none. berth has no cluster
 * yet, so the functions that ask about it answer what Redis answers with cluster-enabled no. */

#include "capi_internal.h"

#include <pthread.h>

#define SLOTS 16384

static uint16_t crc16(const char *p, size_t n) {
    uint16_t c = 0;
    for (size_t i = 0; i < n; i++) {
        c = (uint16_t)(c ^ (uint16_t)((unsigned char)p[i] << 8));
        for (int bit = 0; bit < 8; bit++)
            c = (uint16_t)(c & 0x8000 ? c << 1 ^ 0x1021 : c << 1);
    }
    return c;
}

/* RM_ClusterKeySlotC: ClusterKeySlot of bytes that are no string object. Any thread.
 * Since: 8.4.0, Valkey 9.1.0. */
unsigned int RM_ClusterKeySlotC(const char *key, size_t keylen) {
    const char *open = memchr(key, '{', keylen);
    if (open != NULL) {
        const char *from = open + 1;
        const char *close = memchr(from, '}', keylen - (size_t)(from - key));
        if (close != NULL && close != from) {
            key = from;
            keylen = (size_t)(close - from);
        }
    }
    return crc16(key, keylen) & (SLOTS - 1);
}

/* RM_ClusterKeySlot: the hash slot of a key, 0 to 16383; what stands between the first '{' and the
 * next '}' alone decides, if it is not empty. Any thread. Since: 7.4.0. */
unsigned int RM_ClusterKeySlot(RedisModuleString *key) {
    return RM_ClusterKeySlotC(key->ptr, key->len);
}

static char names[SLOTS][4];

static bool note(const char *name, size_t n, int *left) {
    char *at = names[crc16(name, n) & (SLOTS - 1)];
    if (at[0] == '\0') {
        memcpy(at, name, n);
        at[n] = '\0';
        (*left)--;
    }
    return *left > 0;
}

/* The canonical name of a slot is the first that hashes to it when all names of one, two and three
 * of these characters are gone through in order. */
static void find_names(void) {
    static const char set[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const int n = sizeof(set) - 1;
    int left = SLOTS;
    char s[3];
    for (int len = 1; len <= 3; len++) {
        int total = len == 1 ? n : len == 2 ? n * n : n * n * n;
        for (int i = 0; i < total; i++) {
            for (int k = len - 1, v = i; k >= 0; k--, v /= n)
                s[k] = set[v % n];
            if (!note(s, (size_t)len, &left))
                return;
        }
    }
}

/* RM_ClusterCanonicalKeyNameInSlot: a short name that hashes to a slot, to be used between braces;
 * NULL for a number that is no slot. It is constant. Any thread. Since: 7.4.0. */
const char *RM_ClusterCanonicalKeyNameInSlot(unsigned int slot) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (slot >= SLOTS)
        return NULL;
    pthread_once(&once, find_names);
    return names[slot];
}

/* RM_GetMyClusterID: the node's own id; NULL outside of a cluster. Since: 5.0.0. */
const char *RM_GetMyClusterID(void) { return NULL; }

/* RM_GetClusterSize: the number of nodes known; 0 outside of a cluster. Since: 5.0.0. */
size_t RM_GetClusterSize(void) { return 0; }

/* RM_GetClusterNodesList: the ids of the nodes known, to be freed with FreeClusterNodesList; NULL,
 * and numnodes untouched, outside of a cluster. Since: 5.0.0. */
char **RM_GetClusterNodesList(RedisModuleCtx *ctx, size_t *numnodes) {
    (void)ctx;
    (void)numnodes;
    return NULL;
}

/* RM_FreeClusterNodesList: frees what GetClusterNodesList gave. Since: 5.0.0. */
void RM_FreeClusterNodesList(char **ids) { (void)ids; }

/* RM_GetClusterNodeInfo: address and role of a node.
 * Return REDISMODULE_ERR for an unknown id, as every id is outside of a cluster. Since: 5.0.0. */
int RM_GetClusterNodeInfo(RedisModuleCtx *ctx, const char *id, char *ip, char *master_id, int *port,
                          int *flags) {
    (void)ctx, (void)id, (void)ip, (void)master_id, (void)port, (void)flags;
    return REDISMODULE_ERR;
}

/* RM_SendClusterMessage: sends a message to the same module on other nodes.
 * Return REDISMODULE_ERR outside of a cluster. Since: 5.0.0. */
int RM_SendClusterMessage(RedisModuleCtx *ctx, const char *target_id, uint8_t type, const char *msg,
                          uint32_t len) {
    (void)ctx, (void)target_id, (void)type, (void)msg, (void)len;
    return REDISMODULE_ERR;
}

/* RM_RegisterClusterMessageReceiver: has messages of a type delivered; none come outside of a
 * cluster. Since: 5.0.0. */
void RM_RegisterClusterMessageReceiver(RedisModuleCtx *ctx, uint8_t type,
                                       RedisModuleClusterMessageReceiver callback) {
    (void)ctx, (void)type, (void)callback;
}

/* RM_SetClusterFlags: changes how the cluster works; without effect outside of one. Since: 5.0.0.
 */
void RM_SetClusterFlags(RedisModuleCtx *ctx, uint64_t flags) { (void)ctx, (void)flags; }

/* RM_GetInternalSecret: the secret that the nodes of a cluster share.
 * len: out. Return NULL outside of a cluster. Since: 8.0.0. */
const char *RM_GetInternalSecret(RedisModuleCtx *ctx, size_t *len) {
    (void)ctx;
    *len = 0;
    return NULL;
}

/* RM_ClusterCanAccessKeysInSlot: 1 when this node may serve the keys of a slot, as it may all of
 * them outside of a cluster; 0 for a number that is no slot. Any thread. Since: 8.4.0. */
int RM_ClusterCanAccessKeysInSlot(int slot) { return slot >= 0 && slot < SLOTS; }

static RedisModuleSlotRangeArray *ranges_new(int32_t n) {
    RedisModuleSlotRangeArray *a =
        rm_malloc(NULL, sizeof(*a) + (size_t)n * sizeof(RedisModuleSlotRange));
    a->num_ranges = n;
    return a;
}

/* RM_ClusterGetLocalSlotRanges: the slots of this node: outside of a cluster one range with all of
 * them. To be freed with ClusterFreeSlotRanges; automatic memory does it at the end of ctx, which
 * may be NULL. Since: 8.4.0. */
RedisModuleSlotRangeArray *RM_ClusterGetLocalSlotRanges(RedisModuleCtx *ctx) {
    RedisModuleSlotRangeArray *a = ranges_new(1);
    a->ranges[0] = (RedisModuleSlotRange){0, SLOTS - 1};
    if (ctx != NULL)
        rm_am_add(ctx, RM_AM_PLAIN, a);
    return a;
}

/* RM_GetClusterNodeSlotRanges: the slots of a node: none for an unknown id, as every id is outside
 * of a cluster. Ownership as with ClusterGetLocalSlotRanges. Since: 8.10.0. */
RedisModuleSlotRangeArray *RM_GetClusterNodeSlotRanges(RedisModuleCtx *ctx, const char *nodeid) {
    (void)nodeid;
    RedisModuleSlotRangeArray *a = ranges_new(0);
    if (ctx != NULL)
        rm_am_add(ctx, RM_AM_PLAIN, a);
    return a;
}

/* RM_ClusterFreeSlotRanges: frees what the two above gave; slots may be NULL. ctx: the context it
 * was got with. Since: 8.4.0. */
void RM_ClusterFreeSlotRanges(RedisModuleCtx *ctx, RedisModuleSlotRangeArray *slots) {
    if (ctx != NULL && slots != NULL)
        rm_am_remove(ctx, RM_AM_PLAIN, slots);
    rm_free(NULL, slots);
}

/* VM_GetClusterNodeInfoForClient: GetClusterNodeInfo with the address that the client is to use.
 * Return REDISMODULE_ERR for an unknown id, as every id is outside of a cluster.
 * Since: Valkey 8.0.0. */
int VM_GetClusterNodeInfoForClient(RedisModuleCtx *ctx, uint64_t client_id, const char *node_id,
                                   char *ip, char *primary_id, int *port, int *flags) {
    (void)client_id;
    return RM_GetClusterNodeInfo(ctx, node_id, ip, primary_id, port, flags);
}
