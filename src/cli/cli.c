/* SPDX-License-Identifier: Apache-2.0 */
/* cli.c - finds the sub-command and runs it. */
#include "cli/cli.h"

#include "base/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct cli_command *const commands[] = {
#define CLI_COMMAND(id) &cli_##id,
#include "cli/commands.def"
#undef CLI_COMMAND
};

#define COMMANDS_N (sizeof(commands) / sizeof(commands[0]))

const struct cli_command *
cli_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS_N; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

int
cli_exit_of(enum err e)
{
	switch (e) {
	case E_OK:
		return CLI_OK;
	case E_NOTFOUND:
		return CLI_NOTFOUND;
	case E_CONFLICT:
		return CLI_CONFLICT;
	case E_CONFIG:
	case E_INVALID:
		return CLI_CONFIG;
	case E_RETRY:
	case E_LIMIT:
	case E_FULL:
	case E_TIMEOUT:
		return CLI_TEMP;
	case E_DENIED:
	case E_UPSTREAM:
	case E_TOOBIG:
	case E_INTERNAL:
	case ERR_N:
		break;
	}
	return CLI_FAILED;
}

int
cli_fail(const struct cli_command *cmd, const struct fault *f)
{
	fprintf(stderr, "baton %s: %s\n", cmd->name, f->text);
	return cli_exit_of(f->err);
}

int
cli_usage(const struct cli_command *cmd, const char *what)
{
	fprintf(stderr, "baton %s: %s\n\nusage: baton %s %s\n", cmd->name, what, cmd->name,
	    cmd->usage);
	return CLI_USAGE;
}

static void
print_commands(FILE *to)
{
	fputs("usage: baton COMMAND [ARGUMENTS]\n\n"
	      "A support desk in which AI and people work one queue.\n\ncommands:\n", to);
	for (size_t i = 0; i < COMMANDS_N; i++)
		fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`baton help COMMAND` says more about one.\n", to);
}

static int
version_run(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return cli_usage(&cli_version, "takes no arguments");
	puts("baton " BATON_VERSION);
	return CLI_OK;
}

const struct cli_command cli_version = {
	.name = "version",
	.summary = "print the version",
	.usage = "",
	.run = version_run,
};

static int
help_run(int argc, char **argv)
{
	const struct cli_command *cmd;

	if (argc < 2) {
		print_commands(stdout);
		return CLI_OK;
	}
	if (argc > 2)
		return cli_usage(&cli_help, "takes one command");
	cmd = cli_find(argv[1]);
	if (cmd == NULL) {
		fprintf(stderr, "baton help: no command \"%s\"\n", argv[1]);
		return CLI_USAGE;
	}
	printf("baton %s: %s\n\nusage: baton %s %s\n", cmd->name, cmd->summary, cmd->name,
	    cmd->usage);
	return CLI_OK;
}

const struct cli_command cli_help = {
	.name = "help",
	.summary = "say more about one command",
	.usage = "[COMMAND]",
	.run = help_run,
};

static bool
wants_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

int
cli_main(int argc, char **argv)
{
	const struct cli_command *cmd;

	if (argc < 2) {
		print_commands(stderr);
		return CLI_USAGE;
	}
	if (wants_help(argv[1]))
		return help_run(1, argv);
	if (strcmp(argv[1], "--version") == 0)
		return version_run(1, argv);
	cmd = cli_find(argv[1]);
	if (cmd == NULL) {
		fprintf(stderr, "baton: no command \"%s\"; `baton --help` lists them\n", argv[1]);
		return CLI_USAGE;
	}
	if (argc > 2 && wants_help(argv[2]))
		return help_run(2, argv);
	/* A command speaks for itself; a server logs. */
	log_init(strcmp(cmd->name, "serve") == 0 ? LOG_INFO : LOG_WARN, !isatty(STDERR_FILENO));
	return cmd->run(argc - 1, argv + 1);
}
