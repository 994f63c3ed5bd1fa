/* childview.c: OpenKey in a forked child. A module that saves a value of its own in a child opens it
 * there. The memory of the data set is as it was at the fork; what is missing is Go, whose other
 * threads are gone. So the key is looked for here, in the tables as keyspace and keyspace/dict lay
 * them out, by going through all of them: their hash function is Go's. */

#include "childview.h"

rm_view rm_child_view;

static uint64_t word_at(uintptr_t at) {
    uint64_t v;
    memcpy(&v, (const void *)at, sizeof(v));
    return v;
}

/* The bytes of a key, and how many the header and they take. */
static const char *key_at(const rm_view *v, const unsigned char *p, size_t *len, size_t *taken) {
    *len = p[0];
    *taken = 1;
    if (p[0] >= v->short_key) {
        uint32_t n;
        memcpy(&n, p + 1, sizeof(n));
        *len = n;
        *taken = (size_t)v->long_header;
    }
    const char *key = (const char *)p + *taken;
    *taken += *len;
    return key;
}

/* Where an element is: the bucket, and the bit of its first word that says that the slot is taken. */
typedef struct place {
    const unsigned char *e; /* NULL: nowhere */
    uintptr_t bucket;
    int bit;
} place;

static place find_in(const rm_view *v, uintptr_t bucket, const char *name, size_t len) {
    while (bucket != 0) {
        uint64_t word = word_at(bucket);
        bool chained = word >> v->chained_bit & 1;
        int slots = chained ? v->bucket_slots - 1 : v->bucket_slots;
        for (int i = 0; i < slots; i++) {
            int bit = v->chained_bit - v->bucket_slots + i;
            if (!(word >> bit & 1))
                continue;
            const unsigned char *e = (const unsigned char *)word_at(bucket + 8 + 8 * (uintptr_t)i);
            size_t n, taken;
            const char *key = key_at(v, e + v->key_offset, &n, &taken);
            if (n == len && memcmp(key, name, n) == 0)
                return (place){e, bucket, bit};
        }
        bucket = chained ? word_at(bucket + 8 + 8 * (uintptr_t)slots) : 0;
    }
    return (place){0};
}

static place find(const rm_view *v, int dbid, const char *name, size_t len) {
    if (dbid < 0 || dbid >= v->ndbs)
        return (place){0};
    const rm_view_db *db = &v->dbs[dbid];
    for (int t = 0; t < 2; t++) {
        for (size_t i = t == 0 ? db->moved : 0; i < db->size[t]; i++) {
            place p = find_in(v, db->buckets[t] + i * (size_t)v->bucket_size, name, len);
            if (p.e != NULL)
                return p;
        }
    }
    return (place){0};
}

void rm_child_delete(RedisModuleKey *key) {
    place p = find(&rm_child_view, key->dbid, key->name->ptr, key->name->len);
    if (p.e != NULL) {
        uint64_t word = word_at(p.bucket) & ~(1ull << p.bit);
        memcpy((void *)p.bucket, &word, sizeof(word));
    }
    rm_child_open(key);
}

void rm_child_open(RedisModuleKey *key) {
    const rm_view *v = &rm_child_view;
    const unsigned char *e = find(v, key->dbid, key->name->ptr, key->name->len).e;
    key->epoch = rm_state.epoch;
    key->entry = NULL;
    key->type = REDISMODULE_KEYTYPE_EMPTY;
    key->length = 0;
    if (e == NULL)
        return;
    uint32_t meta, aux;
    memcpy(&meta, e, sizeof(meta));
    memcpy(&aux, e + sizeof(meta), sizeof(aux));
    key->entry = (void *)(uintptr_t)e;
    key->type = v->key_types[meta & v->type_mask];
    if ((meta & v->type_mask) != v->module_type)
        return;
    size_t n, taken;
    key_at(v, e + v->key_offset, &n, &taken);
    uintptr_t value = (uintptr_t)e + (uintptr_t)v->key_offset + taken;
    if (meta & v->expire_bit)
        value += 8;
    uint32_t id = aux & v->type_id_mask;
    key->mt = id < (uint32_t)v->ntypes ? v->types[id] : NULL;
    key->mv = (void *)word_at(value);
}
