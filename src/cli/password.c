#include "cli/password.h"

#include "base/secure.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>

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

static bool ask(FILE *terminal, const char *question, char *ret_password, struct problem *problem)
{
    struct termios shown, hidden;
    if (tcgetattr(fileno(terminal), &shown) != 0)
        return problem_set(problem, PROBLEM_SETTING, "The terminal cannot hide what is typed.");
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    (void)fputs(question, terminal);
    (void)fflush(terminal);
    (void)tcsetattr(fileno(terminal), TCSAFLUSH, &hidden);
    bool done = read_line(terminal, ret_password, problem);
    (void)tcsetattr(fileno(terminal), TCSAFLUSH, &shown);
    (void)fputs("\n", terminal);
    return done;
}

bool password_from_terminal(char ret_password[PASSWORD_TEXT_SIZE], struct problem *problem)
{
    char again[PASSWORD_TEXT_SIZE];
    FILE *terminal = fopen("/dev/tty", "r+e");
    if (!terminal)
        return problem_set(problem, PROBLEM_SETTING,
            "There is no terminal to ask for the password. Use --password-stdin.");
    (void)setvbuf(terminal, NULL, _IONBF, 0);
    bool done = ask(terminal, "Password: ", ret_password, problem)
                && ask(terminal, "Once more: ", again, problem);
    (void)fclose(terminal);
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
