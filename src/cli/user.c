/* SPDX-License-Identifier: Apache-2.0 */
/* user.c - baton user: people who sign in to the console. */
#include "cli/admin.h"
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct user_args {
	const char *dir, *email, *name, *role;
	json_t *inboxes;
	bool password_stdin, revoke;
};

static const char *
user_parse(int argc, char **argv, struct user_args *u)
{
	if (argc < 3 || (strcmp(argv[1], "add") != 0 && strcmp(argv[1], "revoke") != 0))
		return "expected: user add E-MAIL, or user revoke E-MAIL";
	u->revoke = strcmp(argv[1], "revoke") == 0;
	u->email = argv[2];
	for (int i = 3; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(argv[i], "--password-stdin") == 0) {
			u->password_stdin = true;
			continue;
		}
		if (strcmp(argv[i], "--administrator") == 0) {
			u->role = "administrator";
			continue;
		}
		if (value == NULL)
			return "an option needs a value";
		if (strcmp(argv[i], "--name") == 0)
			u->name = value;
		else if (strcmp(argv[i], "--dir") == 0)
			u->dir = value;
		else if (strcmp(argv[i], "--inbox") == 0)
			json_push_str(u->inboxes, str_from(value));
		else
			return "unknown option";
		i++;
	}
	return u->name == NULL && !u->revoke ? "--name is needed: customers see it" : NULL;
}

static enum err
user_password(json_t *request, struct fault *f)
{
	char line[256];

	if (fgets(line, sizeof(line), stdin) == NULL)
		return fault(f, E_INVALID, "no password on standard input");
	line[strcspn(line, "\r\n")] = '\0';
	json_set_z(request, "password", line);
	return E_OK;
}

static int
user_run(int argc, char **argv)
{
	struct arena *a = arena_new(0);
	struct user_args u = { .role = "agent", .inboxes = json_arr(a) };
	const char *wrong = user_parse(argc, argv, &u);
	struct workspace w;
	struct fault f = { 0 };
	json_t *request = json_obj(a), *out;
	int code = CLI_OK;

	if (wrong != NULL) {
		arena_free(&a);
		return cli_usage(&cli_user, wrong);
	}
	json_set_z(request, "cmd", u.revoke ? "user_revoke" : "user_add");
	json_set_z(request, "email", u.email);
	if (!u.revoke) {
		json_set_z(request, "name", u.name);
		json_set_z(request, "role", u.role);
		json_set(request, "inboxes", u.inboxes);
	}
	if (workspace_open(u.dir, &w, &f) != E_OK) {
		arena_free(&a);
		return cli_fail(&cli_user, &f);
	}
	if ((u.password_stdin && user_password(request, &f) != E_OK) ||
	    admin_call(&w, request, a, &out, &f) != E_OK)
		code = cli_fail(&cli_user, &f);
	else if (u.revoke)
		printf("%s can no longer sign in\n", u.email);
	else if (json_get_str(out, "password").n > 0)
		printf("%s can sign in with the password %.*s (shown only now)\n", u.email,
		    STR_ARG(json_get_str(out, "password")));
	else
		printf("%s can sign in\n", u.email);
	workspace_close(&w);
	arena_free(&a);
	return code;
}

const struct cli_command cli_user = {
	.name = "user",
	.summary = "Add people who sign in to the console, or end their access",
	.usage = "add E-MAIL --name NAME [--inbox ID]... [--administrator]\n"
		 "               [--password-stdin] [--dir DIR]\n"
		 "baton user revoke E-MAIL [--dir DIR]\n\n"
		 "Without --password-stdin a password is made and shown once. Works beside a\n"
		 "running server and without one.",
	.run = user_run,
};
