/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c - baton replay: is what was decided what would be decided again? */
#include "cli/cli.h"
#include "cli/workspace.h"

#include "engine/published.h"
#include "insight/replay.h"

#include <stdio.h>
#include <string.h>

static enum err
replay_find(void *ctx, struct str hash, struct published **out, struct fault *f)
{
	/* what was perceived is on record: no encoder is asked */
	return published_read(ctx, NULL, hash, out, f);
}

static enum err
replay_one(struct db *db, struct id conv, const char *name, struct arena *a, size_t *different,
    struct fault *f)
{
	struct replay_source from = { replay_find, db };
	struct replay_result r;
	struct conv_row row;

	TRY(conv_get(db, conv, a, &row, f));
	TRY(event_chain_verify(db, row.conv, a, f));
	TRY(replay_conversation(db, &row, &from, a, &r, f));
	printf("%s: %zu decisions in %zu turns, %zu different, %zu skipped; the record's chain is whole\n", name,
	    r.decisions, r.turns, r.different, r.skipped);
	if (r.different > 0)
		printf("event %d\n- %.*s\n+ %.*s\n", r.first_seq, STR_ARG(r.was), STR_ARG(r.is));
	*different += r.different;
	return E_OK;
}

static int
replay_run(int argc, char **argv)
{
	const char *dir = NULL;
	struct workspace w;
	struct db_spec spec;
	struct db_readers *readers;
	struct fault f = { 0 };
	size_t different = 0;
	int given = 0;
	enum err err;

	/* What is left stands in argv[1] and on. */
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--dir") != 0)
			argv[++given] = argv[i];
		else if (i + 1 == argc)
			return cli_usage(&cli_replay, "--dir needs a folder");
		else
			dir = argv[++i];
	}
	if (given == 0)
		return cli_usage(&cli_replay, "expected the id of a conversation");
	if (workspace_open(dir, &w, &f) != E_OK)
		return cli_fail(&cli_replay, &f);
	spec = workspace_db(&w, false);
	err = db_readers_open(&spec, 1, &readers, &f);
	for (int i = 1; i <= given && err == E_OK; i++) {
		struct db *db = db_borrow(readers);
		struct id conv;

		err = id_parse(str_from(argv[i]), &conv) ?
		    replay_one(db, conv, argv[i], w.arena, &different, &f) :
		    fault(&f, E_INVALID, "%s is not the id of a conversation", argv[i]);
		db_return(readers, &db);
		if (i == given || err != E_OK)
			db_readers_close(&readers);
	}
	workspace_close(&w);
	if (err != E_OK)
		return cli_fail(&cli_replay, &f);
	return different > 0 ? CLI_FAILED : CLI_OK;
}

const struct cli_command cli_replay = {
	.name = "replay",
	.summary = "Decide a conversation again from its record, and compare",
	.usage = "[--dir DIR] CONVERSATION...\n\n"
		 "Under the policy of each turn every decision must come out byte for byte the\n"
		 "same; the record's hash chain is verified on the way.",
	.run = replay_run,
};
