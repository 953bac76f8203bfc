/* SPDX-License-Identifier: Apache-2.0 */
/* why.c - baton why: the decisions of a conversation. */
#include "cli/cli.h"
#include "cli/workspace.h"

#include "base/buf.h"
#include "engine/why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct why_args {
	const char *dir;
	struct id conv;
	int64_t seq;		/* 0: all turns */
	bool json;
};

static const char *
why_parse(int argc, char **argv, struct why_args *w)
{
	int words = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			w->json = true;
		else if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc)
			w->dir = argv[++i];
		else if (words == 0 && id_parse(str_from(argv[i]), &w->conv))
			words++;
		else if (words == 1 && str_i64(str_from(argv[i]), &w->seq) && w->seq > 0)
			words++;
		else
			return words == 0 ? "expected the id of a conversation (22 characters)" :
					    "expected the number of a message";
	}
	return words == 0 ? "expected the id of a conversation" : NULL;
}

static enum err
why_one(struct db *db, const struct conv_row *row, int32_t seq, const struct why_args *args,
    struct arena *a, struct fault *f)
{
	struct buf out;
	json_t *why;

	TRY(why_read(db, row, seq, NULL, a, &why, f));
	buf_init(&out, (size_t)4 << 20);
	if (args->json)
		buf_fmt(&out, "%.*s\n", STR_ARG(json_text(a, why)));
	else
		why_print(why, isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL, &out);
	fputs(buf_z(&out), stdout);
	buf_free(&out);
	return E_OK;
}

/* Every turn of the conversation, by the last event of each. */
static enum err
why_all(struct db *db, const struct conv_row *row, const struct why_args *args, struct arena *a,
    struct fault *f)
{
	struct event *v;
	size_t n;
	int64_t shown = 0;

	TRY(event_list(db, row->conv, 0, AUDIENCE_INTERNAL, 4000, a, &v, &n, f));
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == EV_TURN_ENDED && v[i].turn > shown) {
			shown = v[i].turn;
			TRY(why_one(db, row, v[i].seq, args, a, f));
		}
	return shown > 0 ? E_OK : fault(f, E_NOTFOUND, "the AI has decided nothing in that conversation");
}

static int
why_run(int argc, char **argv)
{
	struct why_args args = { 0 };
	const char *wrong = why_parse(argc, argv, &args);
	struct workspace w;
	struct db_spec spec;
	struct db_readers *readers;
	struct conv_row row;
	struct fault f = { 0 };
	struct db *db;
	enum err err;

	if (wrong != NULL)
		return cli_usage(&cli_why, wrong);
	if (workspace_open(args.dir, &w, &f) != E_OK)
		return cli_fail(&cli_why, &f);
	spec = workspace_db(&w, false);
	err = db_readers_open(&spec, 1, &readers, &f);
	if (err == E_OK) {
		db = db_borrow(readers);
		err = conv_get(db, args.conv, w.arena, &row, &f);
		if (err == E_OK)
			err = args.seq > 0 ? why_one(db, &row, (int32_t)args.seq, &args, w.arena, &f) :
					     why_all(db, &row, &args, w.arena, &f);
		db_return(readers, &db);
		db_readers_close(&readers);
	}
	workspace_close(&w);
	return err == E_OK ? CLI_OK : cli_fail(&cli_why, &f);
}

const struct cli_command cli_why = {
	.name = "why",
	.summary = "Why the desk did what it did in a conversation",
	.usage = "CONVERSATION [SEQ] [--json] [--dir DIR]\n\n"
		 "Prints each turn: what was understood, every decision, and every rule,\n"
		 "trigger, gate and threshold that took part. With SEQ, the turn of that message.",
	.run = why_run,
};
