/* threadcheck.h: the debug build's check that a thread has the server lock where it needs it. */

#ifndef BERTH_CAPI_THREADCHECK_H
#define BERTH_CAPI_THREADCHECK_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

#ifdef BERTH_DEBUG
/* What a module is given in the place of fn, row number i of the table: code that checks the caller
 * and goes on to fn. */
void *rm_thread_checked(size_t i, void *fn, const char *name);
/* The calling thread has taken the server lock, or gives it back. */
void rm_thread_locks(bool on);
/* The calling thread is the loop's, on which modules only ever run with the lock held. */
void rm_thread_is_loop(void);
#else
static inline void *rm_thread_checked(size_t i, void *fn, const char *name) {
    (void)i, (void)name;
    return fn;
}
static inline void rm_thread_locks(bool on) { (void)on; }
static inline void rm_thread_is_loop(void) {}
#endif

#pragma GCC visibility pop

#endif
