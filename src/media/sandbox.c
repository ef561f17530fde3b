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
 * What is allowed.  Measured by strace over the samples and all passes (docs/media.md): what was seen, and what glibc
 * needs in corners that a measurement does not meet, each with its reason.
 */
static const char *const allowed[] = {
    /* Descriptors that are open: the input, the files to be written, the report, the parent's word. */
    "read",
    "pread64",
    "write",
    "lseek",
    "close",
    /* Memory for malloc, and for stacks of threads; none that can be run (see below). */
    "brk",
    "munmap",
    "mremap",
    "madvise",
    /* Threads of x264 and libavfilter: locks, their beginning, their end. */
    "futex",
    "futex_time64", /* the same, where time was of 32 bits */
    "set_robust_list",
    "rseq",
    "rt_sigprocmask",
    "rt_sigaction",      /* glibc's first thread makes ready to cancel others */
    "sched_getaffinity", /* how many cores are there to be used */
    "exit",
    "exit_group",
    "restart_syscall", /* a wait with a limit goes on after the process was stopped */
    /* Clocks, where the kernel's cannot be read without a call (some virtual machines). */
    "clock_gettime",
    "gettimeofday",
    /* glibc: how much memory there is (qsort), and salt of hashes. */
    "sysinfo",
    "getrandom",
    /* raise() and abort(): who falls, falls by its own signal; see tgkill below. */
    "getpid",
    "gettid",
#if SANITIZED
    /* The sanitizers' runtime catches signals and waits in its own ways. */
    "sigaltstack",
    "rt_sigreturn",
    "sched_yield",
    "nanosleep",
    "clock_nanosleep",
#endif
};

/* Asked by libraries in passing, which live with a no: glibc for the time zone and for how memory may be overcommitted,
 * libavutil for random numbers of /dev/urandom, stdio for terminals, x264 for names and priorities of its threads. */
static const char *const answered[] = {
    "open",
    "openat",
    "openat2",
    "stat",
    "lstat",
    "fstat",
    "newfstatat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "getcwd",
    "ioctl",
    "fcntl",
    "uname",
    "prlimit64",
    "getrlimit",
    "setrlimit",
    "getrusage",
    "prctl",
    "sched_setaffinity",
    "sched_setscheduler",
    "sched_getparam",
    "sched_getscheduler",
    "setpriority",
    "getpriority",
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
