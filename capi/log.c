/* log.c: logging, assertions, clocks and random bytes. */

#include "capi_internal.h"

#include "_cgo_export.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

rm_shared rm_state = {.loglevel = RM_LOG_NOTICE};

#define LINE 1024 /* longer lines are cut, as in Redis */

static void log_line(const rm_module *m, int level, const char *line, size_t n) {
    if (rm_state.in_child) {
        rm_child_log(level, line);
        return;
    }
    RM_CROSS();
    goLog(m != NULL ? m->slot : 0, level, (char *)line, n);
}

void rm_vlog(const rm_module *m, int level, const char *fmt, va_list ap) {
    if (level < rm_state.loglevel)
        return;
    char line[LINE];
    int n = snprintf(line, sizeof(line), "<%s> ", rm_module_name(m));
    if (n >= 0 && (size_t)n < sizeof(line)) {
        int more = vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
        n += more < 0 ? 0 : more;
    }
    if ((size_t)n >= sizeof(line))
        n = sizeof(line) - 1;
    log_line(m, level, line, (size_t)n);
}

void rm_log(const rm_module *m, int level, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    rm_vlog(m, level, fmt, ap);
    va_end(ap);
}

void rm_server_log(const rm_module *m, int level, const char *fmt, ...) {
    if (level < rm_state.loglevel)
        return;
    char line[LINE];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    if (n >= 0)
        log_line(m, level, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

int rm_log_level(const char *name) {
    if (strcasecmp(name, REDISMODULE_LOGLEVEL_DEBUG) == 0)
        return RM_LOG_DEBUG;
    if (strcasecmp(name, REDISMODULE_LOGLEVEL_NOTICE) == 0)
        return RM_LOG_NOTICE;
    if (strcasecmp(name, REDISMODULE_LOGLEVEL_WARNING) == 0)
        return RM_LOG_WARNING;
    return RM_LOG_VERBOSE;
}

/* RM_Log: writes a line "<module> text" to the server's log.
 * ctx: NULL where there is none; the module is then found by the caller's address.
 * level: "debug", "verbose", "notice" or "warning"; anything else is verbose. fmt: as for printf;
 * the line is cut at 1024 bytes. Any thread. Since: 4.0.0. */
void RM_Log(RedisModuleCtx *ctx, const char *level, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    rm_vlog(ctx != NULL ? ctx->module : rm_module_at(__builtin_return_address(0)), rm_log_level(level),
            fmt, ap);
    va_end(ap);
}

/* RM__Assert: ends the process with a crash report; RedisModule_Assert calls it.
 * Does not return. Since: 6.0.0. */
void RM__Assert(const char *estr, const char *file, int line) {
    rm_assert_failed(estr, file, line);
}

/* RM_LatencyAddSample: adds a sample to the latency monitor, when it is on and the sample reaches
 * its threshold. event: the name under LATENCY. latency: milliseconds. Since: 6.0.0. */
void RM_LatencyAddSample(const char *event, mstime_t latency) {
    RM_CROSS_READ();
    rm_module *m = rm_module_at(__builtin_return_address(0));
    goLatencyAddSample(m != NULL ? m->slot : 0, (char *)event, latency);
}

static int64_t clock_us(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* RM_Milliseconds: the time now, milliseconds since the epoch. Any thread. Since: 4.0.0. */
mstime_t RM_Milliseconds(void) { return clock_us(CLOCK_REALTIME) / 1000; }

/* RM_Microseconds: the time now, microseconds since the epoch. Any thread. Since: 7.2.0. */
ustime_t RM_Microseconds(void) { return clock_us(CLOCK_REALTIME); }

/* RM_CachedMicroseconds: the time at which the running command or callback began, microseconds
 * since the epoch: the same however often it is asked for. Thread: server lock held.
 * Since: 7.2.0. */
ustime_t RM_CachedMicroseconds(void) {
    return rm_state.cached_us != 0 ? rm_state.cached_us : clock_us(CLOCK_REALTIME);
}

/* RM_MonotonicMicroseconds: a clock that is never set back, microseconds from an unknown start.
 * Any thread. Since: 7.0.0. */
uint64_t RM_MonotonicMicroseconds(void) { return (uint64_t)clock_us(CLOCK_MONOTONIC); }

/* RM_GetRandomBytes: fills dst with random bytes fit for seeds and identifiers. Any thread.
 * Since: 5.0.0. */
void RM_GetRandomBytes(unsigned char *dst, size_t len) {
    while (len > 0) {
        ssize_t n = getrandom(dst, len, 0);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            abort();
        }
        dst += n;
        len -= (size_t)n;
    }
}

/* RM_GetRandomHexChars: fills dst with random digits of 0-9a-f, without a NUL. Any thread.
 * Since: 5.0.0. */
void RM_GetRandomHexChars(char *dst, size_t len) {
    static const char digits[] = "0123456789abcdef";
    RM_GetRandomBytes((unsigned char *)dst, len);
    for (size_t i = 0; i < len; i++)
        dst[i] = digits[dst[i] & 15];
}
