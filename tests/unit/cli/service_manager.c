/* A fake service manager listens as systemd does. */
#include "cli/service_manager.h"
#include "../unit.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_at(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t length = strlen(name);
    memcpy(address.sun_path, name, length);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address,
                         (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
        0);
    return fd;
}

static void expect_told(int fd, const char *wanted)
{
    char came[200] = "";
    ssize_t count = recv(fd, came, sizeof came - 1, 0);
    if (count < 0 || strcmp(came, wanted) != 0)
        fail_msg("'%s' instead of '%s'", came, wanted);
}

static void the_manager_hears_where_the_server_stands(void **state)
{
    (void)state;
    char names[2][100], ready[100];
    (void)snprintf(names[0], sizeof names[0], "/tmp/lectern-notify-%d", (int)getpid());
    (void)snprintf(names[1], sizeof names[1], "@lectern-notify-%d", (int)getpid());
    (void)snprintf(ready, sizeof ready, "READY=1\nMAINPID=%d\n", (int)getpid());
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        int fd = listen_at(names[i]);
        assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        service_manager_ready();
        expect_told(fd, ready);
        service_manager_stopping();
        expect_told(fd, "STOPPING=1\n");
        (void)close(fd);
    }
    (void)unlink(names[0]);
}

static void without_a_manager_nothing_happens(void **state)
{
    (void)state;
    char endless[300];
    memset(endless, 'a', sizeof endless - 1);
    endless[0] = '/';
    endless[sizeof endless - 1] = '\0';
    const char *const names[] = { NULL, "", "/", "relative", "/nobody/there", endless };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_equal(
            names[i] ? setenv("NOTIFY_SOCKET", names[i], 1) : unsetenv("NOTIFY_SOCKET"), 0);
        service_manager_ready();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_manager_hears_where_the_server_stands),
        cmocka_unit_test(without_a_manager_nothing_happens),
    };
    return cmocka_run_group_tests_name("service_manager", tests, NULL, NULL);
}
