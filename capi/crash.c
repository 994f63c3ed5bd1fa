/* crash.c: the report of a fatal signal in C code.
 *
 * Go's runtime wants SIGSEGV and its like for itself, to turn faults of Go code into panics. Our
 * handlers are put in front of Go's and decide by the program counter: a fault in Go code is
 * passed on; one in C code, ours or a module's, ends the process with the report that operators
 * of Redis know.
 *
 * The report has two halves. What a signal handler may do is written from the handler: signal,
 * address, stack, modules. INFO and the modules' own sections need Go and the modules' callbacks,
 * so the handler returns into crash_continue, on the stack of the code that crashed, as if that
 * code had called it. Should that fault again, or hang, a shorter ending is written. */

#include "crash.h"

#include "_cgo_export.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define NSIGNALS ((int)(sizeof(signals) / sizeof(signals[0])))

static struct sigaction previous[NSIGNALS];
static uintptr_t go_lo, go_hi;
static char log_path[4096];
static long utc_offset;
static char role = 'M';

static volatile sig_atomic_t crashing; /* the half of the report under way: 0, 1 or 2 */
static volatile sig_atomic_t crash_signal;
static pthread_t crash_thread;
static bool header_written;
static volatile sig_atomic_t enabled; /* crash-log-enabled */

void rm_crash_enable(bool on) { enabled = on; }

void rm_crash_log_to(const char *path, long offset, char r) {
    snprintf(log_path, sizeof(log_path), "%s", path == NULL ? "" : path);
    utc_offset = offset;
    role = r;
}

void rm_crash_write(const char *p, size_t n) {
    int fd = log_path[0] == '\0' ? STDOUT_FILENO
                                 : open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        fd = STDERR_FILENO;
    while (n > 0) {
        ssize_t w = write(fd, p, n);
        if (w <= 0)
            break;
        p += w;
        n -= (size_t)w;
    }
    if (fd > STDERR_FILENO)
        close(fd);
}

static void raw(const char *s) { rm_crash_write(s, strlen(s)); }

/* A line with the log's usual head, made without the C library's time zone lock. */
static void __attribute__((format(printf, 2, 3))) line(char mark, const char *fmt, ...) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    long t = ts.tv_sec + utc_offset;
    long days = t / 86400, secs = t % 86400;
    long z = days + 719468, era = z / 146097, doe = z - era * 146097;
    long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    long doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    long day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
    long year = yoe + era * 400 + (month <= 2);
    char buf[1200];
    int n = snprintf(buf, sizeof(buf), "%d:%c %02ld %.3s %ld %02ld:%02ld:%02ld.%03ld %c ",
                     (int)getpid(), rm_state.in_child ? 'C' : role, day, months + 3 * (month - 1),
                     year, secs / 3600, secs / 60 % 60, secs % 60, ts.tv_nsec / 1000000, mark);
    va_list ap;
    va_start(ap, fmt);
    int m = vsnprintf(buf + n, sizeof(buf) - (size_t)n - 1, fmt, ap);
    va_end(ap);
    n += m < 0 ? 0 : m;
    if (n > (int)sizeof(buf) - 2)
        n = (int)sizeof(buf) - 2;
    buf[n++] = '\n';
    rm_crash_write(buf, (size_t)n);
}

void rm_child_log(int level, const char *text) { line(".-*#"[level & 3], "%s", text); }

static void begin(void) {
    if (header_written)
        return;
    header_written = true;
    raw("\n\n=== REDIS BUG REPORT START: Cut & paste starting from here ===\n");
}

static void end(void) {
    raw("\n=== REDIS BUG REPORT END. Make sure to include from START to END. ===\n\n"
        "       berth hosts modules written by others: when a module is named above, its authors\n"
        "       are the first to ask.\n\n");
}

static void stack(void *pc) {
    void *frames[100];
    int n = backtrace(frames, 100);
    raw("\n------ STACK TRACE ------\n");
    char buf[600];
    /* The frames of the handler itself come first; the trace proper begins at pc. */
    int from = 0;
    for (int i = 0; i < n; i++)
        if (frames[i] == pc)
            from = i;
    for (int i = from; i < n; i++) {
        Dl_info d;
        rm_module *m = rm_module_at(frames[i]);
        int k;
        if (dladdr(frames[i], &d) != 0 && d.dli_sname != NULL)
            k = snprintf(buf, sizeof(buf), "%s(%s+0x%zx)[%p]", d.dli_fname, d.dli_sname,
                         (size_t)((char *)frames[i] - (char *)d.dli_saddr), frames[i]);
        else if (dladdr(frames[i], &d) != 0 && d.dli_fname != NULL)
            k = snprintf(buf, sizeof(buf), "%s(+0x%zx)[%p]", d.dli_fname,
                         (size_t)((char *)frames[i] - (char *)d.dli_fbase), frames[i]);
        else
            k = snprintf(buf, sizeof(buf), "[%p]", frames[i]);
        if (k < 0)
            continue;
        if (k > 500)
            k = 500;
        k += snprintf(buf + k, sizeof(buf) - (size_t)k, "%s%s%s\n", m ? " (module " : "",
                      m ? rm_module_name(m) : "", m ? ")" : "");
        rm_crash_write(buf, (size_t)k);
    }
}

static void who(void *pc) {
    rm_module *m = rm_module_at(pc);
    RedisModuleCtx *ctx = rm_running;
    if (m == NULL && ctx != NULL)
        m = ctx->module;
    if (m != NULL)
        line('#', "Module: %s (%s)", rm_module_name(m), m->path);
    if (ctx != NULL && ctx->cmd != NULL)
        line('#', "Command: %s", ctx->cmd->fullname);
}

static void modules(void) {
    raw("\n------ MODULES ------\n");
    char buf[600];
    for (int i = 1; i < RM_MAX_MODULES; i++) {
        rm_module *m = rm_modules[i];
        if (m == NULL)
            continue;
        int k = snprintf(buf, sizeof(buf), "module:name=%s,ver=%d,api=%d,path=%.400s\n",
                         rm_module_name(m), m->ver, m->apiver, m->path);
        rm_crash_write(buf, (size_t)k);
    }
}

static void die(int sig) __attribute__((noreturn));
static void die(int sig) {
    struct sigaction def;
    memset(&def, 0, sizeof(def));
    def.sa_handler = SIG_DFL;
    sigaction(sig, &def, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(sig);
    _exit(128 + sig);
}

/* The second half; runs on the stack of the code that crashed, in whose place it stands. */
static void crash_continue(void) __attribute__((noreturn));
static void crash_continue(void) {
    if (!rm_state.in_child)
        goCrashInfo();
    end();
    die(crash_signal);
}

/* Makes a handler's return go to crash_continue instead of back to the fault. Whether the stack
 * is fit for that. */
static bool redirect(ucontext_t *uc, const siginfo_t *info) {
#if defined(__x86_64__)
    uintptr_t sp = (uintptr_t)uc->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    uintptr_t sp = uc->uc_mcontext.sp;
#endif
    uintptr_t at = (uintptr_t)info->si_addr;
    /* A fault near the stack pointer means that the stack itself ran out. */
    if (info->si_signo == SIGSEGV && info->si_code > 0 && at + 65536 > sp && at < sp + 65536)
        return false;
    sp = (sp - 1024) & ~(uintptr_t)15; /* below the red zone */
#if defined(__x86_64__)
    uc->uc_mcontext.gregs[REG_RSP] = (greg_t)(sp - 8); /* as after a call */
    uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)crash_continue;
#elif defined(__aarch64__)
    uc->uc_mcontext.sp = sp;
    uc->uc_mcontext.pc = (uintptr_t)crash_continue;
#endif
    return true;
}

static void *pc_of(const ucontext_t *uc) {
#if defined(__x86_64__)
    return (void *)uc->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (void *)uc->uc_mcontext.pc;
#endif
}

/* Whether pc is nowhere: a call through a bad pointer, mostly NULL. Then the context is made to be
 * that of the caller, which is where the trace, and the blame, begin. */
static void *caller_of_nowhere(ucontext_t *uc, void *pc) {
    Dl_info d;
    if (dladdr(pc, &d) != 0)
        return pc;
#if defined(__x86_64__)
    uintptr_t sp = (uintptr_t)uc->uc_mcontext.gregs[REG_RSP];
    uc->uc_mcontext.gregs[REG_RIP] = *(greg_t *)sp;
    uc->uc_mcontext.gregs[REG_RSP] = (greg_t)(sp + sizeof(void *));
#elif defined(__aarch64__)
    uc->uc_mcontext.pc = uc->uc_mcontext.regs[30];
#endif
    return pc_of(uc);
}

static void pass_on(int sig, siginfo_t *info, void *uc) {
    for (int i = 0; i < NSIGNALS; i++) {
        if (signals[i] != sig)
            continue;
        if (previous[i].sa_flags & SA_SIGINFO) {
            previous[i].sa_sigaction(sig, info, uc);
            return;
        }
        if (previous[i].sa_handler != SIG_DFL && previous[i].sa_handler != SIG_IGN) {
            previous[i].sa_handler(sig);
            return;
        }
    }
    die(sig);
}

static void handler(int sig, siginfo_t *info, void *context) {
    ucontext_t *uc = context;
    uintptr_t pc = (uintptr_t)pc_of(uc);
    bool sent = info->si_code == SI_USER;
    if (pc >= go_lo && pc < go_hi && !sent && !crashing) {
        pass_on(sig, info, context);
        return;
    }
    if (!enabled && !crashing)
        die(sig);
    if (crashing) {
        if (!pthread_equal(crash_thread, pthread_self()))
            for (;;) /* another thread's report is under way and will end the process */
                pause();
        raw("\n------ Crashed running signal handler. Providing reduced version of recursive crash "
            "report. ------\n");
        stack((void *)pc);
        end();
        die(crash_signal);
    }
    crash_thread = pthread_self();
    crashing = 1;
    crash_signal = sig;
    /* A report that hangs, on a lock that the crashed code held, must not outlive this. */
    struct sigaction def;
    memset(&def, 0, sizeof(def));
    def.sa_handler = SIG_DFL;
    sigaction(SIGALRM, &def, NULL);
    alarm(15);

    begin();
    line('#', "Redis %s crashed by signal: %d, si_code: %d", "8.0.2", sig, info->si_code);
    if (sent)
        line('#', "Killed by PID: %ld, UID: %d", (long)info->si_pid, (int)info->si_uid);
    else if (sig != SIGABRT)
        line('#', "Accessing address: %p", info->si_addr);
    line('#', "Crashed running the instruction at: %p", (void *)pc);
    void *from = caller_of_nowhere(uc, (void *)pc);
    who(from);
    stack(from);
    modules();
    if (sent && pc >= go_lo && pc < go_hi) {
        end();
        die(sig);
    }
    if (redirect(uc, info))
        return;
    end();
    die(sig);
}

void rm_crash_install(uintptr_t lo, uintptr_t hi) {
    void *frames[4];
    backtrace(frames, 4); /* has libgcc loaded now rather than in a handler */
    go_lo = lo;
    go_hi = hi;
    struct sigaction sa;
    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = handler;
    sa.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigfillset(&sa.sa_mask);
    for (int i = 0; i < NSIGNALS; i++)
        sigdelset(&sa.sa_mask, signals[i]);
    for (int i = 0; i < NSIGNALS; i++)
        sigaction(signals[i], &sa, &previous[i]);
}

void rm_assert_failed(const char *expr, const char *file, int at) {
    begin();
    line('#', "=== ASSERTION FAILED ===");
    line('#', "==> %s:%d '%s' is not true", file, at, expr);
    abort();
}

void rm_misuse(const char *func, const char *what, const void *p) {
    rm_misuse_by(__builtin_return_address(0), func, what, p);
}

void rm_misuse_by(const void *pc, const char *func, const char *what, const void *p) {
    rm_module *m = rm_module_at(pc);
    if (m == NULL && rm_running != NULL)
        m = rm_running->module;
    begin();
    line('#', "=== ASSERTION FAILED ===");
    line('#', "==> module %s: %s: %s (%p)", rm_module_name(m), func, what, p);
    abort();
}
