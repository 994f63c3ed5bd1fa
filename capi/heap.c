/* heap.c: memory for modules, and the accounting of it.
 *
 * Everything comes from C's malloc, so that memory may be passed between modules, libc and the
 * API. What is counted is malloc_usable_size. Each thread counts into a block of its own, one
 * counter per module slot; a sum over all blocks is the truth. No atomic read-modify-write is
 * needed, and a thread that ends leaves its block for the next.
 *
 * RM_Alloc and its like take no context: the module is found by the return address. */

#include "defrag.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

typedef struct counters {
    struct counters *next;      /* all blocks ever made, newest first */
    struct counters *next_free; /* blocks whose thread has ended */
    int64_t used[RM_MAX_MODULES];
} counters;

static counters *all;
static counters *spare;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* leaf: guards all and spare */
static pthread_key_t key;
static __thread counters *mine;

static void thread_ended(void *p) {
    counters *c = p;
    pthread_mutex_lock(&lock);
    c->next_free = spare;
    spare = c;
    pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void heap_init(void) { pthread_key_create(&key, thread_ended); }

static counters *make_counters(void) {
    pthread_mutex_lock(&lock);
    counters *c = spare;
    if (c != NULL) {
        spare = c->next_free;
    } else {
        c = calloc(1, sizeof(*c));
        if (c == NULL)
            abort();
        c->next = all;
        __atomic_store_n(&all, c, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
    mine = c;
    pthread_setspecific(key, c);
    return c;
}

static inline void count(uint32_t slot, int64_t n) {
    counters *c = mine;
    if (RM_UNLIKELY(c == NULL))
        c = make_counters();
    __atomic_store_n(&c->used[slot], c->used[slot] + n, __ATOMIC_RELAXED);
}

int64_t rm_heap_used(void) {
    int64_t sum = 0;
    for (counters *c = __atomic_load_n(&all, __ATOMIC_ACQUIRE); c != NULL; c = c->next)
        for (int i = 0; i < RM_MAX_MODULES; i++)
            sum += __atomic_load_n(&c->used[i], __ATOMIC_RELAXED);
    return sum;
}

/* The slot of the module that called an API function, by the address it returns to. The newest
 * answer is kept per thread: a thread mostly runs one module. */
static inline uint32_t slot_at(const void *pc) {
    static __thread rm_range last;
    static __thread uint32_t last_slot;
    static __thread uint32_t last_epoch;
    uintptr_t a = (uintptr_t)pc;
    uint32_t epoch = __atomic_load_n(&rm_text_epoch, __ATOMIC_ACQUIRE);
    if (RM_LIKELY(a >= last.lo && a < last.hi && epoch == last_epoch))
        return last_slot;
    rm_range r;
    rm_module *m = rm_module_range(pc, &r);
    if (m == NULL)
        return 0;
    last = r;
    last_slot = m->slot;
    last_epoch = epoch;
    return m->slot;
}

static void out_of_memory(size_t n) __attribute__((noreturn));
static void out_of_memory(size_t n) {
    rm_log(NULL, RM_LOG_WARNING, "Out Of Memory allocating %zu bytes!", n);
    rm_misuse("Alloc", "out of memory", NULL);
}

static inline void *take(uint32_t slot, size_t n) {
    void *p = malloc(n);
    if (RM_LIKELY(p != NULL))
        count(slot, (int64_t)malloc_usable_size(p));
    return p;
}

static inline void *take_zeroed(uint32_t slot, size_t nmemb, size_t size) {
    void *p = calloc(nmemb, size);
    if (RM_LIKELY(p != NULL))
        count(slot, (int64_t)malloc_usable_size(p));
    return p;
}

static inline void give(uint32_t slot, void *p) {
    if (p == NULL)
        return;
    count(slot, -(int64_t)malloc_usable_size(p));
    free(p);
}

/* NULL means failure, except for n == 0, which frees. */
static inline void *change(uint32_t slot, void *p, size_t n) {
    if (p == NULL)
        return take(slot, n);
    if (n == 0) {
        give(slot, p);
        return NULL;
    }
    int64_t before = (int64_t)malloc_usable_size(p);
    void *q = realloc(p, n);
    if (RM_LIKELY(q != NULL))
        count(slot, (int64_t)malloc_usable_size(q) - before);
    return q;
}

static inline uint32_t slot_of(const rm_module *m) { return m == NULL ? 0 : m->slot; }

void *rm_malloc(const rm_module *m, size_t n) {
    void *p = take(slot_of(m), n);
    if (RM_UNLIKELY(p == NULL))
        out_of_memory(n);
    return p;
}

void *rm_zalloc(const rm_module *m, size_t n) {
    void *p = take_zeroed(slot_of(m), 1, n);
    if (RM_UNLIKELY(p == NULL))
        out_of_memory(n);
    return p;
}

void *rm_realloc(const rm_module *m, void *p, size_t n) {
    void *q = change(slot_of(m), p, n == 0 ? 1 : n);
    if (RM_UNLIKELY(q == NULL))
        out_of_memory(n);
    return q;
}

void rm_free(const rm_module *m, void *p) { give(slot_of(m), p); }

void rm_free_slot(uint32_t slot, void *p) { give(slot, p); }

int64_t rm_heap_waste(void) {
    struct mallinfo2 mi = mallinfo2();
    return (int64_t)(mi.fordblks - mi.keepcost);
}

void *rm_heap_lower(const rm_module *m, void *p, size_t max) {
    size_t n = malloc_usable_size(p);
    if (n == 0 || n > max)
        return NULL;
    void *q = malloc(n);
    if ((uintptr_t)q >= (uintptr_t)p) {
        free(q);
        return NULL;
    }
    if (q == NULL)
        return NULL;
    memcpy(q, p, n);
    count(slot_of(m), (int64_t)malloc_usable_size(q) - (int64_t)n);
    free(p);
    return q;
}

int rm_heap_trim(void) { return malloc_trim(0); }

/* RM_Alloc: memory that counts as the server's.
 * bytes: 0 gives a pointer that can be freed. To be freed with Free.
 * Return the memory, not zeroed; when there is none the process ends. Any thread. Since: 4.0.0. */
void *RM_Alloc(size_t bytes) {
    void *p = take(slot_at(__builtin_return_address(0)), bytes);
    if (RM_UNLIKELY(p == NULL))
        out_of_memory(bytes);
    return p;
}

/* RM_TryAlloc: like Alloc, but NULL when there is no memory. Any thread. Since: 7.0.0. */
void *RM_TryAlloc(size_t bytes) { return take(slot_at(__builtin_return_address(0)), bytes); }

/* RM_Calloc: like Alloc for an array of nmemb elements of size bytes, zeroed.
 * A product that overflows counts as no memory. Any thread. Since: 4.0.0. */
void *RM_Calloc(size_t nmemb, size_t size) {
    void *p = take_zeroed(slot_at(__builtin_return_address(0)), nmemb, size);
    if (RM_UNLIKELY(p == NULL))
        out_of_memory(nmemb * size);
    return p;
}

/* RM_TryCalloc: like Calloc, but NULL when there is no memory. Any thread. Since: 7.4.0. */
void *RM_TryCalloc(size_t nmemb, size_t size) {
    return take_zeroed(slot_at(__builtin_return_address(0)), nmemb, size);
}

/* RM_Realloc: makes memory larger or smaller, perhaps elsewhere; ptr is then no longer valid.
 * ptr: from this family, or NULL to allocate. bytes: 0 frees ptr and returns NULL.
 * When there is no memory the process ends. Any thread. Since: 4.0.0. */
void *RM_Realloc(void *ptr, size_t bytes) {
    void *p = change(slot_at(__builtin_return_address(0)), ptr, bytes);
    if (RM_UNLIKELY(p == NULL && (bytes != 0 || ptr == NULL)))
        out_of_memory(bytes);
    return p;
}

/* RM_TryRealloc: like Realloc, but NULL when there is no memory; ptr then stays valid.
 * Any thread. Since: 7.4.0. */
void *RM_TryRealloc(void *ptr, size_t bytes) {
    return change(slot_at(__builtin_return_address(0)), ptr, bytes);
}

/* RM_Free: frees what this family allocated; NULL is allowed. Any thread. Since: 4.0.0. */
void RM_Free(void *ptr) { give(slot_at(__builtin_return_address(0)), ptr); }

/* RM_Strdup: a copy of a C string, to be freed with Free. Any thread. Since: 4.0.0. */
char *RM_Strdup(const char *str) {
    size_t n = strlen(str) + 1;
    char *p = take(slot_at(__builtin_return_address(0)), n);
    if (RM_UNLIKELY(p == NULL))
        out_of_memory(n);
    return memcpy(p, str, n);
}

/* RM_MallocSize: bytes that an allocation of this family really takes. Any thread. Since: 6.0.0. */
size_t RM_MallocSize(void *ptr) { return malloc_usable_size(ptr); }

/* RM_MallocUsableSize: bytes of an allocation that may be used. Any thread. Since: 7.0.1. */
size_t RM_MallocUsableSize(void *ptr) { return malloc_usable_size(ptr); }
