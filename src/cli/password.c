#include "cli/password.h"

#include "base/secure.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* A line without its newline; false when it is longer than the buffer or there is none. */
static bool read_line(FILE *file, char *ret_line, struct problem *problem)
{
    if (!fgets(ret_line, PASSWORD_TEXT_SIZE, file))
        return problem_set(problem, PROBLEM_SETTING, "A password was expected, but nothing came.");
    size_t length = strcspn(ret_line, "\n");
    if (ret_line[length] != '\n' && length == PASSWORD_TEXT_SIZE - 1)
        return problem_set(problem, PROBLEM_SETTING, "The password is too long.");
    ret_line[length] = '\0';
    return true;
}

bool password_from_stdin(char ret_password[PASSWORD_TEXT_SIZE], struct problem *problem)
{
    return read_line(stdin, ret_password, problem);
}

enum { CONTROL_C = 3 };

/*
 * One line without echo.  Ctrl-C must not leave the terminal mute, and nothing may run in a signal
 * handler: so it comes as the end of a line instead of a signal, and is raised once the echo is back.
 */
static bool read_hidden(int terminal, char *ret_line, struct problem *problem)
{
    struct termios shown, hidden;
    if (tcgetattr(terminal, &shown) != 0)
        return problem_set(problem, PROBLEM_SETTING,
            "The terminal cannot hide what is typed. Use --password-stdin.");
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    hidden.c_cc[VEOL] = CONTROL_C;
    (void)tcsetattr(terminal, TCSAFLUSH, &hidden);
    ssize_t count = read(terminal, ret_line, PASSWORD_TEXT_SIZE - 1);
    (void)tcsetattr(terminal, TCSAFLUSH, &shown);
    (void)dprintf(terminal, "\n");
    if (count > 0 && ret_line[count - 1] == CONTROL_C)
        (void)raise(SIGINT);
    if (count <= 0 || ret_line[count - 1] != '\n')
        return problem_set(problem, PROBLEM_SETTING, "No password was typed.");
    ret_line[count - 1] = '\0';
    return true;
}

static bool ask(int terminal, const char *question, char *ret_password, struct problem *problem)
{
    return dprintf(terminal, "%s", question) > 0 && read_hidden(terminal, ret_password, problem);
}

bool password_from_terminal(char ret_password[PASSWORD_TEXT_SIZE], struct problem *problem)
{
    char again[PASSWORD_TEXT_SIZE] = "";
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0)
        return problem_set(problem, PROBLEM_SETTING,
            "There is no terminal to ask for the password. Use --password-stdin.");
    bool done = ask(terminal, "Password: ", ret_password, problem)
                && ask(terminal, "Once more: ", again, problem);
    (void)close(terminal);
    if (done && strcmp(ret_password, again) != 0)
        done = problem_set(problem, PROBLEM_SETTING, "The two were not the same. Try again.");
    secure_wipe(again, sizeof again);
    return done;
}

void password_generate(char ret_password[PASSWORD_GENERATED_SIZE])
{
    char secret[SECRET_TEXT_SIZE];
    secure_make_secret(secret);
    memcpy(ret_password, secret, PASSWORD_GENERATED_SIZE - 1);
    ret_password[PASSWORD_GENERATED_SIZE - 1] = '\0';
    secure_wipe(secret, sizeof secret);
}
