/* Passwords come from standard input or from a prompt without echo, never from an argument, which every
 * user of the machine could read in /proc. */
#ifndef LECTERN_CLI_PASSWORD_H
#define LECTERN_CLI_PASSWORD_H

#include "base/problem.h"

#include <stddef.h>

enum { PASSWORD_TEXT_SIZE = 1024 };

/* The first line of standard input. */
bool password_from_stdin(char ret_password[PASSWORD_TEXT_SIZE], struct problem *problem);
/* Asks twice on the terminal. */
bool password_from_terminal(char ret_password[PASSWORD_TEXT_SIZE], struct problem *problem);
/* 20 characters of base64url: 120 random bits. */
enum { PASSWORD_GENERATED_SIZE = 21 };
void password_generate(char ret_password[PASSWORD_GENERATED_SIZE]);

#endif
