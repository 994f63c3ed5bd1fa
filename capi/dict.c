/* dict.c: dictionaries of a module: keys are bytes in memcmp order, values are pointers.
 *
 * A skip list whose nodes carry the first eight bytes of their key as a number, so that most
 * comparisons touch nothing else. Iterators survive every change of the dictionary: each keeps a
 * copy of its key and finds its place again when the dictionary has changed under it. */

#include "defrag.h"

#include <stdlib.h>

#define MAX_LEVEL 24

typedef struct node node;
struct node {
    void *value;
    char *key;
    uint64_t prefix;
    uint32_t keylen;
    uint32_t level;
    node *prev;
    node *next[]; /* level of them; the key's bytes follow */
};

struct RedisModuleDict {
    uint32_t magic;
    uint32_t level;
    uint64_t size;
    uint64_t version; /* changes when a key comes or goes */
    uint64_t random;
    size_t bytes; /* of nodes */
    rm_module *module;
    node *tail;
    node *head[MAX_LEVEL];
};

struct RedisModuleDictIter {
    uint32_t magic;
    bool eof;
    bool just_seeked; /* the next step stays where the seek arrived */
    RedisModuleDict *d;
    node *at; /* valid while version equals the dictionary's */
    uint64_t version;
    char *key; /* copy of the current key; what NextC and PrevC return */
    size_t keylen, keycap;
    void *data;
};

static uint64_t prefix_of(const unsigned char *key, size_t len) {
    uint64_t p = 0;
    size_t n = len < 8 ? len : 8;
    memcpy(&p, key, n);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    p = __builtin_bswap64(p);
#endif
    return p;
}

static int compare_bytes(const void *a, size_t alen, const void *b, size_t blen) {
    int c = memcmp(a, b, alen < blen ? alen : blen);
    return c != 0 ? c : alen < blen ? -1 : alen > blen;
}

static inline int compare(const node *n, uint64_t prefix, const void *key, size_t len) {
    if (n->prefix != prefix)
        return n->prefix < prefix ? -1 : 1;
    return compare_bytes(n->key, n->keylen, key, len);
}

/* The links that lead to the first node not less than key; returns that node, or NULL. */
static node *find(RedisModuleDict *d, const void *key, size_t len, node ***links) {
    uint64_t prefix = prefix_of(key, len);
    node **from = d->head;
    node *n = NULL;
    for (uint32_t i = d->level; i-- > 0;) {
        while ((n = from[i]) != NULL && compare(n, prefix, key, len) < 0)
            from = n->next;
        if (links != NULL)
            links[i] = &from[i];
    }
    return n;
}

static bool is_key(const node *n, const void *key, size_t len) {
    return n != NULL && n->keylen == len && memcmp(n->key, key, len) == 0;
}

static uint32_t random_level(RedisModuleDict *d) {
    d->random ^= d->random << 13;
    d->random ^= d->random >> 7;
    d->random ^= d->random << 17;
    uint32_t level = 1 + (uint32_t)__builtin_ctzll(d->random | UINT64_C(1) << 62) / 2;
    return level > MAX_LEVEL ? MAX_LEVEL : level;
}

static node *insert(RedisModuleDict *d, const void *key, size_t len, void *value) {
    node **links[MAX_LEVEL];
    node *n = find(d, key, len, links);
    if (is_key(n, key, len))
        return n;
    uint32_t level = random_level(d);
    for (; d->level < level; d->level++)
        links[d->level] = &d->head[d->level];
    size_t bytes = sizeof(node) + level * sizeof(node *) + len;
    node *fresh = rm_malloc(d->module, bytes);
    *fresh = (node){.value = value,
                    .key = (char *)&fresh->next[level],
                    .prefix = prefix_of(key, len),
                    .keylen = (uint32_t)len,
                    .level = level};
    memcpy(fresh->key, key, len);
    fresh->prev = n != NULL ? n->prev : d->tail;
    for (uint32_t i = 0; i < level; i++) {
        fresh->next[i] = *links[i];
        *links[i] = fresh;
    }
    if (fresh->next[0] != NULL)
        fresh->next[0]->prev = fresh;
    else
        d->tail = fresh;
    d->size++;
    d->version++;
    d->bytes += bytes;
    return NULL;
}

static bool take(RedisModuleDict *d, const void *key, size_t len, void **old) {
    node **links[MAX_LEVEL];
    node *n = find(d, key, len, links);
    if (!is_key(n, key, len))
        return false;
    for (uint32_t i = 0; i < n->level; i++)
        *links[i] = n->next[i];
    if (n->next[0] != NULL)
        n->next[0]->prev = n->prev;
    else
        d->tail = n->prev;
    if (old != NULL)
        *old = n->value;
    d->size--;
    d->version++;
    d->bytes -= sizeof(node) + n->level * sizeof(node *) + n->keylen;
    rm_free(d->module, n);
    return true;
}

void rm_dict_free(RedisModuleDict *d) {
    for (node *n = d->head[0], *next; n != NULL; n = next) {
        next = n->next[0];
        rm_free(d->module, n);
    }
    d->magic = RM_DEAD;
    rm_free(d->module, d);
}

/* RM_CreateDict: an empty dictionary.
 * ctx: may be NULL; with automatic memory the dictionary goes with the context. Otherwise to be
 * freed with FreeDict. Thread: a dictionary may be used by one thread at a time, without the
 * server lock. Since: 5.0.0. */
RedisModuleDict *RM_CreateDict(RedisModuleCtx *ctx) {
    rm_module *m = ctx != NULL ? ctx->module : rm_module_at(__builtin_return_address(0));
    RedisModuleDict *d = rm_zalloc(m, sizeof(*d));
    d->magic = RM_MAGIC_DICT;
    d->module = m;
    d->random = ((uint64_t)(uintptr_t)d >> 4) * 0x9e3779b97f4a7c15u | 1;
    rm_am_add(ctx, RM_AM_DICT, d);
    return d;
}

/* RM_FreeDict: frees a dictionary and its keys; the values stay the module's.
 * ctx: the one it was created with, or NULL. Its iterators must be stopped. Since: 5.0.0. */
void RM_FreeDict(RedisModuleCtx *ctx, RedisModuleDict *d) {
    RM_CHECK(d, RM_MAGIC_DICT);
    rm_am_remove(ctx, RM_AM_DICT, d);
    rm_dict_free(d);
}

/* RM_DictSize: how many keys a dictionary holds. Since: 5.0.0. */
uint64_t RM_DictSize(RedisModuleDict *d) { return d->size; }

/* RM_MallocSizeDict: bytes that a dictionary takes, values not counted. Since: 7.0.0. */
size_t RM_MallocSizeDict(RedisModuleDict *dict) {
    return sizeof(*dict) + dict->bytes + dict->size * 2 * sizeof(void *);
}

/* RM_DictSetC: adds a key, which is copied.
 * Return REDISMODULE_OK; REDISMODULE_ERR, with nothing changed, when it is there. Since: 5.0.0. */
int RM_DictSetC(RedisModuleDict *d, void *key, size_t keylen, void *ptr) {
    return insert(d, key, keylen, ptr) == NULL ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_DictReplaceC: sets the value of a key, adding it where needed.
 * Return REDISMODULE_OK when it was added, REDISMODULE_ERR when an old value was replaced, as
 * Redis does. Since: 5.0.0. */
int RM_DictReplaceC(RedisModuleDict *d, void *key, size_t keylen, void *ptr) {
    node *n = insert(d, key, keylen, ptr);
    if (n == NULL)
        return REDISMODULE_OK;
    n->value = ptr;
    return REDISMODULE_ERR;
}

/* RM_DictSet: DictSetC with a string object as key. Since: 5.0.0. */
int RM_DictSet(RedisModuleDict *d, RedisModuleString *key, void *ptr) {
    return RM_DictSetC(d, key->ptr, key->len, ptr);
}

/* RM_DictReplace: DictReplaceC with a string object as key. Since: 5.0.0. */
int RM_DictReplace(RedisModuleDict *d, RedisModuleString *key, void *ptr) {
    return RM_DictReplaceC(d, key->ptr, key->len, ptr);
}

/* RM_DictGetC: the value of a key.
 * nokey: out, 1 when there is no such key; may be NULL. Return NULL then, too. Since: 5.0.0. */
void *RM_DictGetC(RedisModuleDict *d, void *key, size_t keylen, int *nokey) {
    node *n = find(d, key, keylen, NULL);
    bool found = is_key(n, key, keylen);
    if (nokey != NULL)
        *nokey = !found;
    return found ? n->value : NULL;
}

/* RM_DictGet: DictGetC with a string object as key. Since: 5.0.0. */
void *RM_DictGet(RedisModuleDict *d, RedisModuleString *key, int *nokey) {
    return RM_DictGetC(d, key->ptr, key->len, nokey);
}

/* RM_DictDelC: removes a key.
 * oldval: a pointer to where its value is stored, or NULL.
 * Return REDISMODULE_OK; REDISMODULE_ERR when there is no such key. Since: 5.0.0. */
int RM_DictDelC(RedisModuleDict *d, void *key, size_t keylen, void *oldval) {
    return take(d, key, keylen, oldval) ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_DictDel: DictDelC with a string object as key. Since: 5.0.0. */
int RM_DictDel(RedisModuleDict *d, RedisModuleString *key, void *oldval) {
    return RM_DictDelC(d, key->ptr, key->len, oldval);
}

/* Moves an iterator to a node, or to the end. */
static void arrive(RedisModuleDictIter *it, node *n) {
    it->version = it->d->version;
    it->at = n;
    it->eof = n == NULL;
    if (n == NULL)
        return;
    if (n->keylen >= it->keycap) {
        it->keycap = n->keylen < 64 ? 128 : (size_t)n->keylen * 2;
        it->key = rm_realloc(it->d->module, it->key, it->keycap);
    }
    memcpy(it->key, n->key, n->keylen);
    it->key[n->keylen] = '\0';
    it->keylen = n->keylen;
    it->data = n->value;
}

/* Whether an operator is one of < <= == >= > ^ $. */
static bool seek(RedisModuleDictIter *it, const char *op, const void *key, size_t len) {
    RedisModuleDict *d = it->d;
    bool eq = op[0] != '\0' && op[1] == '=';
    node *n;
    it->just_seeked = true;
    switch (op[0]) {
    case '^':
        arrive(it, d->head[0]);
        return true;
    case '$':
        arrive(it, d->tail);
        return true;
    case '>':
        n = find(d, key, len, NULL);
        if (!eq && is_key(n, key, len))
            n = n->next[0];
        arrive(it, n);
        return true;
    case '<':
        n = find(d, key, len, NULL);
        if (!(eq && is_key(n, key, len)))
            n = n != NULL ? n->prev : d->tail;
        arrive(it, n);
        return true;
    case '=':
        n = find(d, key, len, NULL);
        arrive(it, is_key(n, key, len) ? n : NULL);
        return true;
    }
    arrive(it, NULL);
    return false;
}

/* The node one step from the iterator's key, whatever became of the node it was at. */
static node *step(RedisModuleDictIter *it, bool forward) {
    RedisModuleDict *d = it->d;
    node *n = it->at;
    if (RM_UNLIKELY(it->version != d->version)) {
        n = find(d, it->key, it->keylen, NULL);
        if (!is_key(n, it->key, it->keylen))
            return forward ? n : n != NULL ? n->prev : d->tail;
    }
    return forward ? n->next[0] : n->prev;
}

static void *move(RedisModuleDictIter *it, size_t *keylen, void **dataptr, bool forward) {
    RM_CHECK(it, RM_MAGIC_ITER);
    if (it->eof)
        return NULL;
    if (it->just_seeked && (it->version == it->d->version ||
                            is_key(find(it->d, it->key, it->keylen, NULL), it->key, it->keylen)))
        it->just_seeked = false;
    else {
        it->just_seeked = false;
        arrive(it, step(it, forward));
    }
    if (it->eof)
        return NULL;
    if (keylen != NULL)
        *keylen = it->keylen;
    if (dataptr != NULL) {
        if (it->version == it->d->version)
            it->data = it->at->value;
        *dataptr = it->data;
    }
    return it->key;
}

/* RM_DictIteratorStartC: an iterator placed at a key.
 * op: "^" the first key, "$" the last, both ignoring key; "==", ">", ">=", "<", "<=" the nearest
 * key so related to the given one. Any other op gives an iterator at the end.
 * To be freed with DictIteratorStop. The dictionary may change meanwhile. Since: 5.0.0. */
RedisModuleDictIter *RM_DictIteratorStartC(RedisModuleDict *d, const char *op, void *key,
                                           size_t keylen) {
    RM_CHECK(d, RM_MAGIC_DICT);
    RedisModuleDictIter *it = rm_zalloc(d->module, sizeof(*it));
    it->magic = RM_MAGIC_ITER;
    it->d = d;
    seek(it, op, key, keylen);
    return it;
}

/* RM_DictIteratorStart: DictIteratorStartC with a string object as key, which may be NULL for
 * "^" and "$". Since: 5.0.0. */
RedisModuleDictIter *RM_DictIteratorStart(RedisModuleDict *d, const char *op,
                                          RedisModuleString *key) {
    return RM_DictIteratorStartC(d, op, key == NULL ? "" : key->ptr, key == NULL ? 0 : key->len);
}

/* RM_DictIteratorStop: frees an iterator. Since: 5.0.0. */
void RM_DictIteratorStop(RedisModuleDictIter *di) {
    RM_CHECK(di, RM_MAGIC_ITER);
    rm_module *m = di->d->module;
    rm_free(m, di->key);
    di->magic = RM_DEAD;
    rm_free(m, di);
}

/* RM_DictIteratorReseekC: places an iterator anew.
 * Return 1 for a known op and 0 for another, as Redis does; so the documented REDISMODULE_OK is
 * what a bad op gives. Since: 5.0.0. */
int RM_DictIteratorReseekC(RedisModuleDictIter *di, const char *op, void *key, size_t keylen) {
    RM_CHECK(di, RM_MAGIC_ITER);
    return seek(di, op, key, keylen) ? 1 : 0;
}

/* RM_DictIteratorReseek: DictIteratorReseekC with a string object as key. Since: 5.0.0. */
int RM_DictIteratorReseek(RedisModuleDictIter *di, const char *op, RedisModuleString *key) {
    return RM_DictIteratorReseekC(di, op, key == NULL ? "" : key->ptr, key == NULL ? 0 : key->len);
}

/* RM_DictNextC: the key that an iterator is at after a seek, later the next one.
 * keylen, dataptr: out, may be NULL. Return the key, NUL terminated and valid until the iterator
 * is moved or stopped; NULL at the end, from where only a seek leads back. Since: 5.0.0. */
void *RM_DictNextC(RedisModuleDictIter *di, size_t *keylen, void **dataptr) {
    return move(di, keylen, dataptr, true);
}

/* RM_DictPrevC: DictNextC in the other direction. Since: 5.0.0. */
void *RM_DictPrevC(RedisModuleDictIter *di, size_t *keylen, void **dataptr) {
    return move(di, keylen, dataptr, false);
}

static RedisModuleString *key_string(RedisModuleCtx *ctx, RedisModuleDictIter *di, void *key,
                                     size_t len) {
    if (key == NULL)
        return NULL;
    RedisModuleString *s = rm_str_new(ctx != NULL ? ctx->module : di->d->module, key, len);
    rm_am_add(ctx, RM_AM_STRING, s);
    return s;
}

/* RM_DictNext: DictNextC that returns the key as a string object of the caller's.
 * Ownership as with CreateString. Since: 5.0.0. */
RedisModuleString *RM_DictNext(RedisModuleCtx *ctx, RedisModuleDictIter *di, void **dataptr) {
    size_t len = 0;
    void *key = move(di, &len, dataptr, true);
    return key_string(ctx, di, key, len);
}

/* RM_DictPrev: DictNext in the other direction. Since: 5.0.0. */
RedisModuleString *RM_DictPrev(RedisModuleCtx *ctx, RedisModuleDictIter *di, void **dataptr) {
    size_t len = 0;
    void *key = move(di, &len, dataptr, false);
    return key_string(ctx, di, key, len);
}

/* RM_DictCompareC: compares the key that an iterator is at with a given one.
 * op: "<", "<=", "==", ">=" or ">". Return REDISMODULE_OK when the relation holds,
 * REDISMODULE_ERR when it does not or the iterator is at the end. Since: 5.0.0. */
int RM_DictCompareC(RedisModuleDictIter *di, const char *op, void *key, size_t keylen) {
    RM_CHECK(di, RM_MAGIC_ITER);
    if (di->eof)
        return REDISMODULE_ERR;
    int c = compare_bytes(di->key, di->keylen, key, keylen);
    bool eq = op[0] == '=' || (op[0] != '\0' && op[1] == '=');
    bool holds = (eq && c == 0) || (op[0] == '<' && c < 0) || (op[0] == '>' && c > 0);
    return holds ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_DictCompare: DictCompareC with a string object. Since: 5.0.0. */
int RM_DictCompare(RedisModuleDictIter *di, const char *op, RedisModuleString *key) {
    return RM_DictCompareC(di, op, key->ptr, key->len);
}

/* Where the links lead that would be followed to reach n's successor. */
static void pass(node ***links, node *n) {
    for (uint32_t i = 0; i < n->level; i++)
        links[i] = &n->next[i];
}

/* Moves a node to which links lead, and returns where it is. */
static node *move_node(RedisModuleDefragCtx *ctx, RedisModuleDict *d, node *n, node ***links) {
    node *q = rm_defrag_move(ctx, n);
    if (q == NULL)
        return n;
    q->key = (char *)&q->next[q->level];
    for (uint32_t i = 0; i < q->level; i++)
        *links[i] = q;
    if (q->next[0] != NULL)
        q->next[0]->prev = q;
    else
        d->tail = q;
    d->version++;
    return q;
}

/* RM_DefragRedisModuleDict: moves a dictionary, key by key.
 * value_cb: called with each value and key; may move the value, and returns where it is then, or
 * NULL. It may not change the dictionary. seek_to: NULL at first; holds the place to go on from
 * when there is more to do, since DefragShouldStop said so, and NULL when all is done.
 * Return where the dictionary is now, or NULL when it is where it was. Since: 8.0.0. */
RedisModuleDict *RM_DefragRedisModuleDict(RedisModuleDefragCtx *ctx, RedisModuleDict *dict,
                                          RedisModuleDefragDictValueCallback value_cb,
                                          RedisModuleString **seek_to) {
    RM_CHECK(dict, RM_MAGIC_DICT);
    RedisModuleDict *moved = NULL, *d = dict;
    node **links[MAX_LEVEL];
    node *n = NULL;
    if (*seek_to == NULL) {
        moved = rm_defrag_move(ctx, d);
        if (moved != NULL)
            d = moved;
        for (uint32_t i = 0; i < MAX_LEVEL; i++)
            links[i] = &d->head[i];
        n = d->head[0];
    } else {
        n = find(d, (*seek_to)->ptr, (*seek_to)->len, links);
        if (is_key(n, (*seek_to)->ptr, (*seek_to)->len)) {
            pass(links, n);
            n = n->next[0];
        }
    }
    RedisModuleString *stop = NULL;
    while (n != NULL && stop == NULL) {
        n = move_node(ctx, d, n, links);
        void *value = value_cb(ctx, n->value, (unsigned char *)n->key, n->keylen);
        if (value != NULL)
            n->value = value;
        if (RM_DefragShouldStop(ctx))
            stop = rm_str_new(ctx->module, n->key, n->keylen);
        pass(links, n);
        n = n->next[0];
    }
    if (*seek_to != NULL)
        rm_str_decr(*seek_to);
    *seek_to = stop;
    return moved;
}
