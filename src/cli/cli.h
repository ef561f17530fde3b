/* The program as it is typed: main() without the media child. */
#ifndef LECTERN_CLI_CLI_H
#define LECTERN_CLI_CLI_H

/* Returns the exit code, see command.h. */
int cli_main(int argc, char **argv);

#endif
