/* eventloop.c: file descriptors and one-shot functions on the server's event loop. */

#include "background.h"
#include "blocked.h"

#include "_cgo_export.h"

static rm_module *module_of(const void *func, const void *caller) {
    rm_module *m = rm_module_at(func);
    return m != NULL ? m : rm_module_at(caller);
}

/* RM_EventLoopAdd: has func called when a descriptor is readable or writable.
 * mask: REDISMODULE_EVENTLOOP_*. func and user_data: replace what was added for the same event;
 * user_data is one for both events of a descriptor.
 * Return REDISMODULE_ERR. errno: ERANGE for a descriptor that is too large or negative, EINVAL for
 * another mask or NULL, otherwise what epoll says; 0 on success. Since: 7.0.0. */
int RM_EventLoopAdd(int fd, int mask, RedisModuleEventLoopFunc func, void *user_data) {
    rm_module *m = module_of((const void *)func, __builtin_return_address(0));
    RM_CROSS_READ();
    int e = goEventLoopAdd(m != NULL ? m->slot : 0, fd, mask, (uintptr_t)func, (uintptr_t)user_data);
    errno = e;
    return e == 0 ? REDISMODULE_OK : REDISMODULE_ERR;
}

/* RM_EventLoopDel: takes the events of mask back; those that were not added do no harm.
 * Return and errno as EventLoopAdd. Since: 7.0.0. */
int RM_EventLoopDel(int fd, int mask) {
    rm_module *m = rm_module_at(__builtin_return_address(0));
    RM_CROSS_READ();
    int e = goEventLoopDel(m != NULL ? m->slot : 0, fd, mask);
    errno = e;
    return e == 0 ? REDISMODULE_OK : REDISMODULE_ERR;
}

static rm_runtime *any_runtime(void) {
    for (int i = 1; i < RM_MAX_MODULES; i++)
        if (rm_modules[i] != NULL)
            return rm_modules[i]->rt;
    return NULL;
}

/* RM_EventLoopAddOneShot: has the loop call func once, soon, with the server lock held.
 * Return REDISMODULE_ERR for NULL. errno: EINVAL; 0 on success. Any thread, without the lock.
 * Since: 7.0.0. */
int RM_EventLoopAddOneShot(RedisModuleEventLoopOneShotFunc func, void *user_data) {
    rm_module *m = module_of((const void *)func, __builtin_return_address(0));
    rm_runtime *rt = m != NULL ? m->rt : any_runtime();
    if (func == NULL || rt == NULL) {
        errno = EINVAL;
        return REDISMODULE_ERR;
    }
    rm_oneshot *s = rm_malloc(NULL, sizeof(*s));
    *s = (rm_oneshot){func, user_data, NULL};
    pthread_mutex_lock(&rt->mu);
    *rt->shots_end = s;
    rt->shots_end = &s->next;
    rm_runtime_queued(rt);
    pthread_mutex_unlock(&rt->mu);
    errno = 0;
    return REDISMODULE_OK;
}

bool rm_oneshot_run(rm_runtime *rt) {
    pthread_mutex_lock(&rt->mu);
    rm_oneshot *s = rt->shots;
    if (s != NULL) {
        rt->shots = s->next;
        if (rt->shots == NULL)
            rt->shots_end = &rt->shots;
    }
    pthread_mutex_unlock(&rt->mu);
    if (s == NULL)
        return false;
    rm_touch();
    s->func(s->data);
    rm_free(NULL, s);
    return true;
}

void rm_oneshot_drop(rm_runtime *rt, rm_module *m) {
    pthread_mutex_lock(&rt->mu);
    rm_oneshot **at = &rt->shots;
    while (*at != NULL) {
        rm_oneshot *s = *at;
        if (rm_module_at((const void *)s->func) == m) {
            *at = s->next;
            rm_free(NULL, s);
        } else {
            at = &s->next;
        }
    }
    rt->shots_end = at;
    pthread_mutex_unlock(&rt->mu);
}

void rm_fire_file(uintptr_t callback, int fd, uintptr_t data, int mask) {
    rm_touch();
    ((RedisModuleEventLoopFunc)callback)(fd, (void *)data, mask);
}
