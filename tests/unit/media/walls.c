/*
 * The walls around the child: files that begin with "TEST-" make this program's own child misbehave behind the real
 * sandbox, and the parent must end each with a sentence.  Such children exist here only.
 */
#include "job_world.h"

#include "base/clock.h"
#include "media/job_limits.h"
#include "media/job_protocol.h"
#include "media/sandbox.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static struct job_world world;

/* --- the child ------------------------------------------------------------------------------------------ */

static void say(const char *line)
{
    (void)!write(JOB_REPORT_FD, line, strlen(line));
}

/* A refusal is what the parent can tell apart from all other ends. */
_Noreturn static void tell(bool as_it_should_be)
{
    say(as_it_should_be ? "{\"end\":\"refused\",\"reason\":\"holds\"}\n"
                        : "{\"end\":\"refused\",\"reason\":\"broken\"}\n");
    _exit(2);
}

static void *add_one(void *data)
{
    *(int *)data += 1;
    return data;
}

/* For a word that nobody gives. */
static void hang(void)
{
    char word;
    for (;;)
        (void)!read(JOB_GO_FD, &word, 1);
}

static void spin(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

static void eat_memory(void)
{
    for (;;)
        memset(memory_alloc(16 << 20), 1, 16 << 20);
}

static void write_much(void)
{
    static char bytes[1 << 16];
    for (;;)
        (void)!write(JOB_OUTPUT_FD, bytes, sizeof bytes);
}

static void open_a_file(void)
{
    tell(open("/etc/passwd", O_RDONLY) < 0);
}

static void open_a_socket(void)
{
    (void)!socket(AF_INET, SOCK_STREAM, 0);
    tell(false);
}

static void start_a_program(void)
{
    char name[] = "true", *arguments[] = { name, NULL };
    (void)execve("/bin/true", arguments, NULL);
    tell(false);
}

static void start_a_process(void)
{
    (void)fork();
    tell(false);
}

static void trace_the_parent(void)
{
    (void)syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
    tell(false);
}

/* Another thread of another process: in the server's place, this is the way to end it. */
static void signal_the_parent(void)
{
    (void)syscall(SYS_tgkill, getppid(), getppid(), 0);
    tell(false);
}

static void raise_a_limit(void)
{
    struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
    (void)setrlimit(RLIMIT_AS, &limit);
    tell(false);
}

static void start_a_thread(void)
{
    pthread_t thread;
    int count = 0;
    tell(pthread_create(&thread, NULL, add_one, &count) == 0 && pthread_join(thread, NULL) == 0
         && count == 1);
}

/* Memory that can be written and then run. */
static void map_code(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell(false);
}

static void fall_over(void)
{
    /* without a sanitizer's own report of it */
    (void)signal(SIGSEGV, SIG_DFL);
    (void)raise(SIGSEGV);
}

static void talk_nonsense(void)
{
    say("good morning\n");
    hang();
}

static void talk_without_end(void)
{
    for (int i = 0; i < 1000; i++)
        say("{\"report\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    hang();
}

static void skip_the_report(void)
{
    say("{\"table\":{\"segments\":[]}}\n");
    hang();
}

static void leave_without_a_word(void)
{
    _exit(0);
}

static void claim_to_be_done(void)
{
    say("{\"end\":\"done\"}\n");
    _exit(0);
}

static void give_a_dirty_reason(void)
{
    say("{\"end\":\"refused\",\"reason\":\"two\\nlines\"}\n");
    _exit(2);
}

static const struct act {
    const char *name;
    void (*run)(void);
} acts[] = {
    { "TEST-HANG", hang },
    { "TEST-SPIN", spin },
    { "TEST-EAT", eat_memory },
    { "TEST-WRITE", write_much },
    { "TEST-OPEN", open_a_file },
    { "TEST-SOCKET", open_a_socket },
    { "TEST-EXEC", start_a_program },
    { "TEST-FORK", start_a_process },
    { "TEST-TRACE", trace_the_parent },
    { "TEST-SIGNAL", signal_the_parent },
    { "TEST-RAISE", raise_a_limit },
    { "TEST-THREAD", start_a_thread },
    { "TEST-FALL", fall_over },
    { "TEST-NONSENSE", talk_nonsense },
    { "TEST-ENDLESS", talk_without_end },
    { "TEST-SKIP", skip_the_report },
    { "TEST-SILENT", leave_without_a_word },
    { "TEST-DONE", claim_to_be_done },
    { "TEST-DIRTY", give_a_dirty_reason },
    { "TEST-CODE", map_code },
};

/* What was inherited, before the sandbox hides it. */
static void check_inheritance(void)
{
    bool closed = true;
    for (int fd = JOB_FDS_END; fd < 100; fd++)
        closed = closed && fcntl(fd, F_GETFD) < 0;
    bool clean = true;
    for (char **at = environ; *at; at++)
        clean = clean && strstr(*at, "SAN_OPTIONS=");
    sigset_t blocked;
    (void)sigprocmask(SIG_SETMASK, NULL, &blocked);
    tell(closed && clean && sigismember(&blocked, SIGTERM) == 0
         && lseek(JOB_INPUT_FD, 0, SEEK_SET) == 0 && write(JOB_INPUT_FD, "x", 1) < 0);
}

/* "TEST-CALL 425": one system call without arguments that make sense; where it comes back, it was not stopped. */
static void make_a_call(const char *name)
{
    (void)syscall(strtol(name + strlen("TEST-CALL "), NULL, 10), 0, 0, 0, 0, 0, 0);
    tell(false);
}

static void misbehave(const char *name)
{
    struct settings settings;
    struct problem problem = { 0 };
    if (strcmp(name, "TEST-INHERIT") == 0)
        check_inheritance();
    settings_init(&settings);
    settings.probe_cpu_seconds = 1;
    if (!media_job_enter_sandbox(&settings, &problem))
        tell(false);
    if (strncmp(name, "TEST-CALL ", 10) == 0)
        make_a_call(name);
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (strcmp(acts[i].name, name) == 0)
            acts[i].run();
    tell(false);
}

static int child(int argc, char **argv)
{
    char name[32] = "";
    (void)!pread(JOB_INPUT_FD, name, sizeof name - 1, 0);
    if (strncmp(name, "TEST-", 5) == 0)
        misbehave(name);
    return media_job_child(argc, argv);
}

/* --- the parent ----------------------------------------------------------------------------------------- */

static void prepare(const char *name)
{
    char path[200];
    world_write(&world, "act", name, strlen(name));
    world_path(&world, "act", path);
    world_prepare(&world, path);
}

static void a_child_that_misbehaves_is_ended_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum media_outcome outcome;
        const char *word;
        bool not_sanitized; /* what sanitizer builds cannot bear */
    } cases[] = {
        { "TEST-HANG", MEDIA_FAILED, "took longer than this server allows", false },
        { "TEST-SPIN", MEDIA_FAILED, "more processor time", false },
        { "TEST-EAT", MEDIA_FAILED, "needs more memory than this server gives", true },
        { "TEST-WRITE", MEDIA_FAILED, "wrote more than its length explains", false },
        { "TEST-OPEN", MEDIA_REFUSED, "holds", false },
        { "TEST-SOCKET", MEDIA_FAILED, "not allowed", true },
        { "TEST-EXEC", MEDIA_FAILED, "not allowed", true },
        { "TEST-FORK", MEDIA_FAILED, "not allowed", true },
        { "TEST-TRACE", MEDIA_FAILED, "not allowed", true },
        { "TEST-SIGNAL", MEDIA_FAILED, "not allowed", true },
        { "TEST-CODE", MEDIA_FAILED, "not allowed", true },
        { "TEST-RAISE", MEDIA_FAILED, "not allowed", true },
        { "TEST-THREAD", MEDIA_REFUSED, "holds", false },
        { "TEST-INHERIT", MEDIA_REFUSED, "holds", false },
        { "TEST-FALL", MEDIA_FAILED, "brought its reader down", false },
        { "TEST-NONSENSE", MEDIA_FAILED, "answered nonsense", false },
        { "TEST-ENDLESS", MEDIA_FAILED, "answered nonsense", false },
        { "TEST-SKIP", MEDIA_FAILED, "answered nonsense", false },
        { "TEST-SILENT", MEDIA_FAILED, "without a word", false },
        { "TEST-DONE", MEDIA_FAILED, "nothing that can be played", false },
        { "TEST-DIRTY", MEDIA_REFUSED, "could not be read", false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        /* On a busy machine other limits may take longer than this to be met. */
        world.settings.probe_wall_seconds = strcmp(cases[i].name, "TEST-HANG") == 0 ? 3 : 60;
        if (cases[i].not_sanitized && !sandbox_limits_memory()) {
            print_message("skipped: %s, as sanitizers are on\n", cases[i].name);
            continue;
        }
        int64_t begun_ms = clock_steady_ms();
        prepare(cases[i].name);
        print_message("%s: %s\n", cases[i].name, world.result.reason);
        check_not_ready(&world, cases[i].outcome, cases[i].word);
        assert_true(clock_steady_ms() - begun_ms < 60000);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
    world.settings.probe_wall_seconds = 30;
}

/* Each a way that sandboxes were left by, or a network that a namespace alone would leave open. */
static void a_system_call_that_is_not_needed_ends_the_child(void **state)
{
    (void)state;
    static const struct {
        const char *story;
        long number;
    } cases[] = {
        { "a socket", SYS_socket },
        { "a connection over one that is open", SYS_connect },
        { "a message through one that is open", SYS_sendmsg },
        { "a descriptor through one that is open", SYS_recvmsg },
        { "work handed to the kernel past this list", SYS_io_uring_setup },
        { "a namespace of its own", SYS_unshare },
        { "a file system", SYS_mount },
        { "another root", SYS_chroot },
        { "another process's memory", SYS_process_vm_writev },
        { "another process", SYS_ptrace },
        { "another process's descriptors", SYS_pidfd_getfd },
        { "a program in the kernel", SYS_bpf },
        { "the kernel's keys", SYS_keyctl },
        { "faults handled by itself", SYS_userfaultfd },
        { "a file without a name", SYS_memfd_create },
        { "a pipe", SYS_pipe2 },
        { "a copy between files", SYS_copy_file_range },
        { "a file by its handle", SYS_open_by_handle_at },
        { "a name taken away", SYS_unlinkat },
        { "a signal to anybody", SYS_kill },
        { "a program", SYS_execveat },
        { "a duplicate of a descriptor", SYS_dup3 },
        { "a look at who may read a file", SYS_faccessat },
        { "a look at a file", SYS_statx },
        { "where a link leads", SYS_readlinkat },
        { "a word to a device", SYS_ioctl },
        { "a descriptor's flags", SYS_fcntl },
        { "limits of a process", SYS_prlimit64 },
        { "a place in the line for the processor", SYS_setpriority },
    };
    if (!sandbox_limits_memory()) {
        print_message("skipped: sanitizers are on\n");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char name[40];
        (void)snprintf(name, sizeof name, "TEST-CALL %ld", cases[i].number);
        prepare(name);
        print_message("%s: %s\n", cases[i].story, world.result.reason);
        check_not_ready(&world, MEDIA_FAILED, "not allowed");
        assert_int_equal(world.result.report.verdict.code, FINDING_NOT_ALLOWED);
    }
}

static bool cancel_now(void *data)
{
    (void)data;
    return true;
}

static void a_cancelled_child_is_gone_at_once(void **state)
{
    (void)state;
    char path[200];
    struct problem problem = { 0 };
    world_write(&world, "act", "TEST-HANG", 9);
    world_path(&world, "act", path);
    assert_true(
        folder_remove(world.version, &problem) && folder_make(world.version, 0700, &problem));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct media_job job = { .settings = &world.settings,
        .input_fd = fd,
        .folder = world.version,
        .cancelled = cancel_now };
    int64_t begun_ms = clock_steady_ms();
    media_job_run(&job, &world.result);
    assert_int_equal(world.result.outcome, MEDIA_CANCELLED);
    assert_true(clock_steady_ms() - begun_ms < 5000);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    (void)close(fd);
}

static void no_descriptor_is_left_behind(void **state)
{
    (void)state;
    int before = dup(0);
    (void)close(before);
    prepare("TEST-SILENT");
    prepare("TEST-FALL");
    int after = dup(0);
    (void)close(after);
    assert_int_equal(after, before);
}

/* --- small files that want large memory ------------------------------------------------------------------- */

struct bytes {
    uint8_t data[2048];
    size_t count;
};

static void put32(struct bytes *bytes, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes->data[bytes->count++] = (uint8_t)(value >> shift);
}

static void put_zeros(struct bytes *bytes, size_t count)
{
    memset(bytes->data + bytes->count, 0, count);
    bytes->count += count;
}

static size_t begin_box(struct bytes *bytes, const char *type)
{
    size_t at = bytes->count;
    put32(bytes, 0);
    memcpy(bytes->data + bytes->count, type, 4);
    bytes->count += 4;
    return at;
}

static void end_box(struct bytes *bytes, size_t at)
{
    size_t end = bytes->count;
    bytes->count = at;
    put32(bytes, (uint32_t)(end - at));
    bytes->count = end;
}

static void put_sample_table(struct bytes *bytes, uint32_t samples)
{
    size_t stbl = begin_box(bytes, "stbl"), box = begin_box(bytes, "stsd");
    put32(bytes, 0);
    put32(bytes, 1);
    size_t entry = begin_box(bytes, "jpeg");
    put_zeros(bytes, 6);
    bytes->data[bytes->count++] = 0;
    bytes->data[bytes->count++] = 1;
    put_zeros(bytes, 16);
    put32(bytes, 320 << 16 | 180);
    put_zeros(bytes, 50);
    end_box(bytes, entry);
    end_box(bytes, box);
    box = begin_box(bytes, "stts");
    put32(bytes, 0);
    put32(bytes, 1);
    put32(bytes, samples);
    put32(bytes, 1);
    end_box(bytes, box);
    box = begin_box(bytes, "stsc");
    put32(bytes, 0);
    put32(bytes, 1);
    put32(bytes, 1);
    put32(bytes, samples);
    put32(bytes, 1);
    end_box(bytes, box);
    box = begin_box(bytes, "stsz");
    put32(bytes, 0);
    put32(bytes, 1);
    put32(bytes, samples);
    end_box(bytes, box);
    box = begin_box(bytes, "stco");
    put32(bytes, 0);
    put32(bytes, 1);
    put32(bytes, 40);
    end_box(bytes, box);
    end_box(bytes, stbl);
}

/* An MP4 of some hundred bytes that claims so many samples of a byte each. */
static void put_hungry_mp4(struct bytes *bytes, uint32_t samples)
{
    size_t ftyp = begin_box(bytes, "ftyp");
    memcpy(bytes->data + bytes->count, "isom\0\0\2\0isom", 12);
    bytes->count += 12;
    end_box(bytes, ftyp);
    size_t moov = begin_box(bytes, "moov"), box = begin_box(bytes, "mvhd");
    put_zeros(bytes, 12);
    put32(bytes, 1000);
    put32(bytes, samples);
    put_zeros(bytes, 80);
    end_box(bytes, box);
    size_t trak = begin_box(bytes, "trak");
    box = begin_box(bytes, "tkhd");
    put_zeros(bytes, 12);
    put32(bytes, 1);
    put_zeros(bytes, 68);
    end_box(bytes, box);
    size_t mdia = begin_box(bytes, "mdia");
    box = begin_box(bytes, "mdhd");
    put_zeros(bytes, 12);
    put32(bytes, 1000);
    put32(bytes, samples);
    put_zeros(bytes, 4);
    end_box(bytes, box);
    box = begin_box(bytes, "hdlr");
    put_zeros(bytes, 8);
    memcpy(bytes->data + bytes->count, "vide", 4);
    bytes->count += 4;
    put_zeros(bytes, 13);
    end_box(bytes, box);
    size_t minf = begin_box(bytes, "minf");
    put_sample_table(bytes, samples);
    end_box(bytes, minf);
    end_box(bytes, mdia);
    end_box(bytes, trak);
    end_box(bytes, moov);
}

static void a_small_file_cannot_have_large_memory(void **state)
{
    (void)state;
    struct bytes bytes = { .count = 0 };
    char path[200];
    if (!sandbox_limits_memory()) {
        print_message("skipped: sanitizers are on\n");
        return;
    }
    put_hungry_mp4(&bytes, 100000000);
    assert_true(bytes.count < 1024);
    world_write(&world, "hungry.mp4", bytes.data, bytes.count);
    world_path(&world, "hungry.mp4", path);
    world_prepare(&world, path);
    check_not_ready(&world, MEDIA_REFUSED, "claims to hold 100000000 pictures");
    /* As many as are allowed are more than the look may have memory for. */
    world.settings.media_samples_max = 1000000000;
    world_prepare(&world, path);
    world.settings.media_samples_max = 10000000;
    assert_int_not_equal(world.result.outcome, MEDIA_READY);
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
    assert_true(usage.ru_maxrss < 600 * 1024);
}

static void a_claim_without_data_is_refused(void **state)
{
    (void)state;
    struct bytes bytes = { .count = 0 };
    char path[200];
    put_hungry_mp4(&bytes, 100000);
    world_write(&world, "claims.mp4", bytes.data, bytes.count);
    world_path(&world, "claims.mp4", path);
    world_prepare(&world, path);
    check_not_ready(&world, MEDIA_REFUSED, "The file is cut off at 0:00:00 of 0:01:40");
}

static int open_world(void **state)
{
    (void)state;
    world_open(&world);
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "media-job") == 0)
        return child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_that_misbehaves_is_ended_with_a_sentence),
        cmocka_unit_test(a_system_call_that_is_not_needed_ends_the_child),
        cmocka_unit_test(a_cancelled_child_is_gone_at_once),
        cmocka_unit_test(no_descriptor_is_left_behind),
        cmocka_unit_test(a_small_file_cannot_have_large_memory),
        cmocka_unit_test(a_claim_without_data_is_refused),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
