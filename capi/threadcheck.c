/* threadcheck.c: in the debug build, every function that a module gets is entered by way of a few
 * instructions of its own, which see to it that the thread may call it (threads.def). They keep all
 * registers and the stack as they are, so that the function cannot tell the difference: variadic
 * arguments, long doubles and the return address, by which modules are told apart, included. */

#include "threadcheck.h"

#ifdef BERTH_DEBUG

#include "capi_internal.h"

#include <stdio.h>

enum { NEEDS_LOCK, NEEDS_OWN, NEEDS_NOTHING };

/* The table's slots are made here so that the assembler knows how many entries to write. */
#define ENTRIES 512

static __thread bool is_loop, locked;

static struct {
    const char *name;
    int needs;
} entries[ENTRIES];

/* Read by the code below. */
void *rm_checked_target[ENTRIES];

static int needs(const char *name) {
    static const struct {
        const char *name;
        int needs;
    } table[] = {
#define ANY(name) {#name, NEEDS_NOTHING},
#define OWN(name) {#name, NEEDS_OWN},
#include "threads.def"
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].needs;
    return NEEDS_LOCK;
}

void rm_thread_locks(bool on) { locked = on; }

void rm_thread_is_loop(void) { is_loop = true; }

static bool is(const char *name, const char *what) { return strcmp(name, what) == 0; }

/* Called by the code below with the number of the entry and where the module goes on. */
void rm_check_thread(size_t i, const void *caller) {
    const char *name = entries[i].name;
    if (rm_state.in_child) /* a process of one thread, with nobody to lock out */
        return;
    if (entries[i].needs == NEEDS_LOCK && !is_loop && !locked)
        rm_misuse_by(caller, name, "called without the server lock", NULL);
    if (is(name, "ThreadSafeContextLock") && (is_loop || locked))
        rm_misuse_by(caller, name, "the thread has the lock already and would wait for itself",
                     NULL);
    if (is(name, "ThreadSafeContextUnlock") && is_loop)
        rm_misuse_by(caller, name, "the lock was not taken by the module", NULL);
}

extern char rm_checked_entry[], rm_checked_entry_next[];

#if defined(__x86_64__)
__asm__(".text\n"
        ".hidden rm_checked_entry, rm_checked_entry_next, rm_check_thread, rm_checked_target\n"
        ".globl rm_checked_entry, rm_checked_entry_next\n"
        ".p2align 4\n"
        "rm_checked_entry:\n"
        ".set i, 0\n"
        ".rept 512\n"
        "  .p2align 4\n"
        "  movl $i, %r11d\n"
        "  jmp rm_checked_common\n"
        "  .if i == 0\n"
        "  .p2align 4\n"
        "rm_checked_entry_next:\n"
        "  .endif\n"
        "  .set i, i + 1\n"
        ".endr\n"
        "rm_checked_common:\n"
        "  pushq %rbp\n"
        "  movq %rsp, %rbp\n"
        "  pushq %rdi\n pushq %rsi\n pushq %rdx\n pushq %rcx\n pushq %r8\n pushq %r9\n"
        "  pushq %rax\n pushq %r11\n pushq %r10\n"
        "  subq $136, %rsp\n"
        "  andq $-16, %rsp\n"
        "  movups %xmm0, (%rsp)\n movups %xmm1, 16(%rsp)\n movups %xmm2, 32(%rsp)\n"
        "  movups %xmm3, 48(%rsp)\n movups %xmm4, 64(%rsp)\n movups %xmm5, 80(%rsp)\n"
        "  movups %xmm6, 96(%rsp)\n movups %xmm7, 112(%rsp)\n"
        "  movq %r11, %rdi\n"
        "  movq 8(%rbp), %rsi\n"
        "  call rm_check_thread\n"
        "  movups (%rsp), %xmm0\n movups 16(%rsp), %xmm1\n movups 32(%rsp), %xmm2\n"
        "  movups 48(%rsp), %xmm3\n movups 64(%rsp), %xmm4\n movups 80(%rsp), %xmm5\n"
        "  movups 96(%rsp), %xmm6\n movups 112(%rsp), %xmm7\n"
        "  leaq -72(%rbp), %rsp\n"
        "  popq %r10\n popq %r11\n popq %rax\n"
        "  popq %r9\n popq %r8\n popq %rcx\n popq %rdx\n popq %rsi\n popq %rdi\n"
        "  popq %rbp\n"
        "  pushq %rax\n"
        "  leaq rm_checked_target(%rip), %rax\n"
        "  movq (%rax,%r11,8), %r11\n"
        "  popq %rax\n"
        "  jmp *%r11\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".hidden rm_checked_entry, rm_checked_entry_next, rm_check_thread, rm_checked_target\n"
        ".globl rm_checked_entry, rm_checked_entry_next\n"
        ".p2align 4\n"
        "rm_checked_entry:\n"
        ".set i, 0\n"
        ".rept 512\n"
        "  mov x16, #i\n"
        "  b rm_checked_common\n"
        "  .if i == 0\n"
        "rm_checked_entry_next:\n"
        "  .endif\n"
        "  .set i, i + 1\n"
        ".endr\n"
        "rm_checked_common:\n"
        "  stp x29, x30, [sp, #-224]!\n"
        "  mov x29, sp\n"
        "  stp x0, x1, [sp, #16]\n stp x2, x3, [sp, #32]\n stp x4, x5, [sp, #48]\n"
        "  stp x6, x7, [sp, #64]\n stp x8, x16, [sp, #80]\n"
        "  stp q0, q1, [sp, #96]\n stp q2, q3, [sp, #128]\n stp q4, q5, [sp, #160]\n"
        "  stp q6, q7, [sp, #192]\n"
        "  mov x0, x16\n"
        "  mov x1, x30\n"
        "  bl rm_check_thread\n"
        "  ldp q6, q7, [sp, #192]\n ldp q4, q5, [sp, #160]\n ldp q2, q3, [sp, #128]\n"
        "  ldp q0, q1, [sp, #96]\n"
        "  ldp x8, x16, [sp, #80]\n ldp x6, x7, [sp, #64]\n ldp x4, x5, [sp, #48]\n"
        "  ldp x2, x3, [sp, #32]\n ldp x0, x1, [sp, #16]\n"
        "  ldp x29, x30, [sp], #224\n"
        "  adrp x17, rm_checked_target\n"
        "  add x17, x17, :lo12:rm_checked_target\n"
        "  ldr x16, [x17, x16, lsl #3]\n"
        "  br x16\n");
#else
#error "threadcheck.c does not know this processor"
#endif

void *rm_thread_checked(size_t i, void *fn, const char *name) {
    entries[i].name = name;
    entries[i].needs = needs(name);
    rm_checked_target[i] = fn;
    return rm_checked_entry + i * (size_t)(rm_checked_entry_next - rm_checked_entry);
}

#endif
