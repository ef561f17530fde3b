#include "media/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)                            \
    || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { NICENESS = 10, DESCRIPTORS_MAX = 32, ALLOC_ARENAS = 2 };

bool sandbox_limits_memory(void)
{
    return !SANITIZED;
}

/* Never above what the system allows already. */
static void set_soft_limit(pid_t process, __rlimit_resource_t resource, int64_t value)
{
    struct rlimit limit;
    if (prlimit(process, resource, NULL, &limit) != 0)
        return;
    limit.rlim_cur = (rlim_t)value < limit.rlim_max ? (rlim_t)value : limit.rlim_max;
    (void)prlimit(process, resource, &limit, NULL);
}

static void set_limits(pid_t process, const struct sandbox_limits *limits)
{
    if (limits->memory_bytes > 0 && !SANITIZED)
        set_soft_limit(process, RLIMIT_AS, limits->memory_bytes);
    set_soft_limit(process, RLIMIT_CPU, limits->cpu_seconds);
    set_soft_limit(process, RLIMIT_FSIZE, limits->file_bytes);
}

void sandbox_raise(pid_t process, const struct sandbox_limits *limits)
{
    if (limits->memory_bytes == 0 && !SANITIZED) {
        struct rlimit limit;
        if (prlimit(process, RLIMIT_AS, NULL, &limit) == 0) {
            limit.rlim_cur = limit.rlim_max;
            (void)prlimit(process, RLIMIT_AS, &limit, NULL);
        }
    }
    set_limits(process, limits);
}

/* What is refused by the system here is held by the list of system calls as well. */
static void leave_network(void)
{
    if (unshare(CLONE_NEWNET | CLONE_NEWIPC) != 0)
        (void)unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC);
}

static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { 0 };
    for (int capability = 0; capability <= CAP_LAST_CAP; capability++)
        (void)prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    (void)syscall(SYS_capset, &header, none);
}

/* Who stands further back already stays there. */
static void step_back(void)
{
    if (getpriority(PRIO_PROCESS, 0) < NICENESS)
        (void)setpriority(PRIO_PROCESS, 0, NICENESS);
    (void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

/*
 * What is allowed, and nothing that was not seen: strace watched a release build's children in all passes, over the
 * samples and the generated corpus.  tests/system/system_calls_test.py measures it anew, and holds these lists to it.
 */
static const char *const allowed[] = {
    /* Descriptors that are open: the input, the files to be written, the report, the parent's word. */
    "read",
    "pread64",
    "write",
    "lseek",
    /* Memory for malloc, and for stacks of threads; mmap and mprotect are below. */
    "brk",
    "munmap",
    "madvise",
    /* Threads of decoders, x264 and libavfilter: locks, their beginning (clone is below), their end. */
    "futex",
    "set_robust_list",
    "rseq",
    "rt_sigprocmask",
    "rt_sigaction",      /* glibc's first thread makes ready to cancel others */
    "sched_getaffinity", /* how many cores are there to be used */
    "exit",
    "exit_group",
    "sysinfo", /* glibc's qsort of something large asks how much memory there is */
#if SANITIZED
    /* The sanitizers' runtime catches signals and waits in its own ways. */
    "close",
    "sigaltstack",
    "rt_sigreturn",
    "sched_yield",
    "nanosleep",
    "clock_nanosleep",
#endif
};

/* Asked by libraries in passing, which live with a no: glibc for the time zone and for how memory may be overcommitted,
 * dav1d for names of its threads. */
static const char *const answered[] = {
    "openat",
    "prctl",
};

/* Not seen, and needed where a measurement does not come: in glibc's ways out of trouble, and on other machines. */
static const char *const spare[] = {
    "mremap",          /* realloc() of what is too large for the heap */
    "restart_syscall", /* a wait with a limit goes on after the process was stopped */
    "clock_gettime", /* where the kernel's clock cannot be read without a call (some virtual machines) */
    "gettimeofday",
    "futex_time64", /* futex, where time was of 32 bits */
    "getpid",       /* raise() and abort(): who falls, falls by its own signal; see tgkill below */
    "gettid",
};

/* A name that this architecture does not have is not needed here. */
static bool add_rules(
    scmp_filter_ctx filter, uint32_t action, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);
        if (number >= 0 && seccomp_rule_add(filter, action, number, 0) != 0)
            return false;
    }
    return true;
}

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

/* Threads but no processes, and no signal to anybody else; memory but none that can be run.  clone3() hides its flags behind a pointer: "not here"
 * makes glibc take clone(). */
static bool add_rules_with_conditions(scmp_filter_ctx filter)
{
    const scmp_datum_t thread = CLONE_THREAD | CLONE_VM | CLONE_SIGHAND;
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
               SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread))
               == 0
           && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0
           && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()))
                  == 0
           && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0))
                  == 0
           && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0))
                  == 0;
}

static bool limit_system_calls(void)
{
    uint32_t other = SANITIZED ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS;
    scmp_filter_ctx filter = seccomp_init(other);
    bool limited = filter && add_rules(filter, SCMP_ACT_ALLOW, allowed, COUNT_OF(allowed))
                   && add_rules(filter, SCMP_ACT_ALLOW, spare, COUNT_OF(spare))
                   && add_rules(filter, SCMP_ACT_ERRNO(EACCES), answered, COUNT_OF(answered))
                   && add_rules_with_conditions(filter) && seccomp_load(filter) == 0;
    if (filter)
        seccomp_release(filter);
    return limited;
}

bool sandbox_enter(
    const struct sandbox_limits *limits, int descriptors_kept, struct problem *problem)
{
    struct rlimit no_core = { 0, 0 };
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)close_range((unsigned)descriptors_kept, ~0U, 0);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    set_soft_limit(0, RLIMIT_NOFILE, DESCRIPTORS_MAX);
    set_limits(0, limits);
    /* Each further arena reserves 64 MB of the address space that is limited here. */
    (void)mallopt(M_ARENA_MAX, ALLOC_ARENAS);
    step_back();
    leave_network();
    drop_capabilities();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return problem_set(problem, PROBLEM_INTERNAL, "this system cannot give up privileges");
    return limit_system_calls()
           || problem_set(
               problem, PROBLEM_INTERNAL, "this system cannot limit system calls (seccomp)");
}
