/* SPDX-License-Identifier: Apache-2.0 */
/* cli.h - the sub-commands of the program.
 *
 * One file a sub-command: src/cli/<cmd>.c exports `const struct cli_command
 * cli_<cmd>` and <cmd> is named in cli/commands.def.  That list yields the
 * dispatch, `baton --help` and `baton help CMD`.  A command parses, wires and
 * runs; it holds no logic of its own.
 */
#pragma once

#include "base/fault.h"

#include <stddef.h>

/* What a shell sees.  Values of sysexits.h where one fits. */
enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,	  /* it was tried and did not work */
	CLI_USAGE = 2,	  /* the command line is wrong; usage was printed */
	CLI_NOTFOUND = 3, /* no such conversation, user, file ... */
	CLI_CONFLICT = 4, /* it exists already, or changed meanwhile */
	CLI_TEMP = 75,	  /* try the same again later */
	CLI_CONFIG = 78,  /* the installation or the policy is wrong */
};

struct cli_command {
	const char *name;    /* "serve" */
	const char *summary; /* one line for `baton --help` */
	const char *usage;   /* arguments and options, several lines */
	/* argv[0] is the command's name.  Returns an enum cli_exit. */
	int (*run)(int argc, char **argv);
};

#define CLI_COMMAND(id) extern const struct cli_command cli_##id;
#include "cli/commands.def"
#undef CLI_COMMAND

/* main()'s whole body. */
int cli_main(int argc, char **argv);

/* NULL when no command has that name. */
const struct cli_command *cli_find(const char *name);

/* Prints "baton CMD: <text>" on stderr and returns the exit code of f->err. */
int cli_fail(const struct cli_command *cmd, const struct fault *f);

/* Prints "baton CMD: <what>" and the usage on stderr; returns CLI_USAGE. */
int cli_usage(const struct cli_command *cmd, const char *what);

/* The exit code that stands for an error. */
int cli_exit_of(enum err e);
