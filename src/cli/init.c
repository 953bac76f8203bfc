/* SPDX-License-Identifier: Apache-2.0 */
/* init.c - baton init: a new workspace that works, to be made one's own. */
#include "cli/admin.h"
#include "cli/cli.h"
#include "cli/starter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static enum err
init_dirs(const char *dir, struct fault *f)
{
	static const char *const sub[] = { "", "/policy", "/articles", "/test" };
	char path[4096];

	for (size_t i = 0; i < sizeof(sub) / sizeof(sub[0]); i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s%s", dir, sub[i]) >= sizeof(path))
			return fault(f, E_INVALID, "%s: the path is too long", dir);
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return fault(f, E_CONFIG, "%s: %s", path, strerror(errno));
	}
	return E_OK;
}

static enum err
init_files(const char *dir, struct fault *f)
{
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s/baton.yaml", dir);
	if (lstat(path, &st) == 0)
		return fault(f, E_CONFLICT, "%s is a workspace already; nothing was changed", dir);
	for (const struct starter_file *s = starter_files; s->name != NULL; s++) {
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, s->name) >= sizeof(path))
			return fault(f, E_INVALID, "%s: the path is too long", dir);
		if (lstat(path, &st) == 0)
			continue;	/* somebody's own file */
		TRY(file_write(path, str_from(s->text), 0640, f));
	}
	return E_OK;
}

/* The first administrator, with a secret that exists nowhere else. */
static enum err
init_admin(struct workspace *w, const char *email, struct fault *f)
{
	json_t *request = json_obj(w->arena), *out;
	struct str line;

	json_set_z(request, "cmd", "user_add");
	json_set_z(request, "email", email);
	json_set_z(request, "name", "Administrator");
	json_set_z(request, "role", "administrator");
	TRY(admin_call(w, request, w->arena, &out, f));
	line = str_fmt(w->arena, "%s  %S\n", email, json_get_str(out, "password"));
	return file_write(workspace_path(w, "logins.txt"), line, 0600, f);
}

static int
init_run(int argc, char **argv)
{
	const char *email = "admin@desk.example";
	struct workspace w;
	struct fault f = { 0 };
	enum err err;

	if (argc != 2 && !(argc == 4 && strcmp(argv[2], "--admin") == 0))
		return cli_usage(&cli_init, "expected a folder");
	if (argc == 4)
		email = argv[3];
	if (init_dirs(argv[1], &f) != E_OK || init_files(argv[1], &f) != E_OK ||
	    workspace_open(argv[1], &w, &f) != E_OK)
		return cli_fail(&cli_init, &f);
	err = init_admin(&w, email, &f);
	workspace_close(&w);
	if (err != E_OK)
		return cli_fail(&cli_init, &f);
	printf("%s is a workspace. Its first log-in stands in %s/logins.txt (only you can read it).\n\n"
	       "  baton check %s\n  baton talk --dir %s %s/test/*.talk\n  baton publish %s\n  baton serve %s\n",
	    argv[1], argv[1], argv[1], argv[1], argv[1], argv[1], argv[1]);
	return CLI_OK;
}

const struct cli_command cli_init = {
	.name = "init",
	.summary = "Make a workspace: policy, articles, scripts, a first log-in",
	.usage = "DIR [--admin E-MAIL]\n\n"
		 "Writes a small policy that works and makes the first administrator with a\n"
		 "fresh password, kept in DIR/logins.txt. Never overwrites a workspace.",
	.run = init_run,
};
