/* crash.h: the crash handler's interface to Go (crash.go) and to the dispatcher. */

#ifndef BERTH_CAPI_CRASH_H
#define BERTH_CAPI_CRASH_H

#include "capi_internal.h"

#pragma GCC visibility push(hidden)

/* Installs the handlers, once per process, after Go's runtime has installed its own. Faults at
 * addresses in [go_lo, go_hi) are left to Go. */
void rm_crash_install(uintptr_t go_lo, uintptr_t go_hi);
/* crash-log-enabled: without it a fatal signal ends the process and no more. */
void rm_crash_enable(bool on);
/* Where reports and log lines of a child go; NULL or "": standard output. utc_offset: seconds
 * that local time is ahead of UTC. */
void rm_crash_log_to(const char *path, long utc_offset, char role);
void rm_crash_write(const char *p, size_t n);

#pragma GCC visibility pop

#endif
