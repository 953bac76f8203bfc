/* SPDX-License-Identifier: Apache-2.0 */
/* talk.c - baton talk: conversation scripts against the policy. */
#include "cli/cli.h"
#include "cli/workspace.h"

#include "cli/desk_settings.h"
#include "insight/talk/talk.h"
#include "nlu/embedder.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRIPT_MAX ((size_t)1 << 20)

struct talk_args {
	const char *dir, *encoder;
	int first;	/* of the files in argv */
};

static const char *
talk_parse(int argc, char **argv, struct talk_args *t)
{
	t->first = 1;
	while (t->first < argc && argv[t->first][0] == '-') {
		const char **to = strcmp(argv[t->first], "--dir") == 0 ? &t->dir :
		    strcmp(argv[t->first], "--encoder") == 0 ? &t->encoder : NULL;

		if (to == NULL || t->first + 1 >= argc)
			return "unknown option";
		*to = argv[t->first + 1];
		t->first += 2;
	}
	return t->first >= argc ? "expected at least one .talk file" : NULL;
}

/* The workspace a script belongs to: --dir, else the folder above test/, else
 * the current one. */
static const char *
talk_workspace(const struct talk_args *t, const char *file, char *to, size_t n)
{
	char *base, *dir;

	if (t->dir != NULL || strlen(file) + 4 >= n)
		return t->dir;
	if (access("baton.yaml", R_OK) == 0)
		return NULL;
	memcpy(to, file, strlen(file) + 1);
	dir = dirname(to);
	base = strrchr(dir, '/');
	if (base != NULL && strcmp(base, "/test") == 0) {
		*base = '\0';
		return dir;
	}
	return NULL;
}

static enum err
talk_files(struct workspace *w, struct embedder *embedder, int argc, char **argv, int first, size_t *passed, size_t *failed,
    struct fault *f)
{
	bool colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	struct policy_source *v;
	size_t n;

	TRY(policy_read_dir(w->dir, w->arena, &v, &n, f));
	for (int i = first; i < argc; i++) {
		struct talk_result r = { 0 };
		struct fault one = { 0 };
		struct str bytes;
		struct buf out;
		enum err err = file_read(argv[i], SCRIPT_MAX, w->arena, &bytes, &one);

		buf_init(&out, (size_t)8 << 20);
		if (err == E_OK)
			err = talk_play(w->dir, embedder, v, n, str_from(argv[i]), bytes, colour, &out, &r, &one);
		fputs(buf_z(&out), stdout);
		buf_free(&out);
		if (err == E_OK && r.failed == 0) {
			printf("ok    %s: %zu expectations in %zu conversation%s\n", argv[i], r.expectations, r.talks,
			    r.talks == 1 ? "" : "s");
			(*passed)++;
			continue;
		}
		(*failed)++;
		if (err != E_OK)
			printf("FAIL  %s: %s\n", argv[i], one.text);
		else
			printf("FAIL  %s: %zu of %zu expectations\n", argv[i], r.failed, r.expectations);
	}
	return E_OK;
}

/* The flag's, else what the workspace says. */
static enum err
talk_embedder(struct workspace *w, const struct talk_args *t, struct embedder **out, struct fault *f)
{
	struct desk_settings settings;
	struct setting_module mods[DESK_MODULES];

	if (t->encoder != NULL)
		return workspace_embedder(w, str_from(t->encoder), out, f);
	desk_settings_modules(&settings, mods);
	TRY(workspace_settings(w, mods, DESK_MODULES, f));
	return workspace_embedder(w, settings.nlu.encoder, out, f);
}

static int
talk_run(int argc, char **argv)
{
	struct talk_args t = { 0 };
	const char *wrong = talk_parse(argc, argv, &t);
	struct embedder *embedder = NULL;
	struct workspace w;
	struct fault f = { 0 };
	size_t passed = 0, failed = 0;
	char path[4096];
	enum err err;

	if (wrong != NULL)
		return cli_usage(&cli_talk, wrong);
	if (workspace_open(talk_workspace(&t, argv[t.first], path, sizeof(path)), &w, &f) != E_OK)
		return cli_fail(&cli_talk, &f);
	err = talk_embedder(&w, &t, &embedder, &f);
	if (err == E_OK)
		err = talk_files(&w, embedder, argc, argv, t.first, &passed, &failed, &f);
	embedder_free(&embedder);
	workspace_close(&w);
	if (err != E_OK)
		return cli_fail(&cli_talk, &f);
	printf("%zu passed, %zu failed\n", passed, failed);
	return failed > 0 ? CLI_FAILED : CLI_OK;
}

const struct cli_command cli_talk = {
	.name = "talk",
	.summary = "Play conversation scripts against the policy",
	.usage = "[--dir DIR] [--encoder NAME|PATH|none] FILE.talk...\n\n"
		 "Each script runs on a store of its own with a clock that only it moves\n"
		 "(docs/TALK.md). What failed is printed with the conversation and the reasons.",
	.run = talk_run,
};
