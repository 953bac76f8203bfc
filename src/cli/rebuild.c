/* SPDX-License-Identifier: Apache-2.0 */
/* rebuild.c - baton rebuild: the small tables, made again from the record. */
#include "cli/cli.h"
#include "cli/workspace.h"

#include "model/conv.h"
#include "store/writer.h"

#include <stdio.h>

static enum err
rebuild_apply(struct db *db, void *arg, struct fault *f)
{
	role_assert_writer();
	return conv_rebuild(db, arg, f);
}

static int
rebuild_run(int argc, char **argv)
{
	struct workspace w;
	struct writer *writer = NULL;
	struct fault f = { 0 };
	int64_t events = 0;
	enum err err;

	if (argc > 2)
		return cli_usage(&cli_rebuild, "expected one folder");
	if (workspace_open(argc > 1 ? argv[1] : NULL, &w, &f) != E_OK)
		return cli_fail(&cli_rebuild, &f);
	err = workspace_lock(&w, &f);
	if (err == E_OK) {
		struct writer_spec spec = { .db = workspace_db(&w, true), .thread = true };

		err = writer_open(&spec, &writer, &f);
	}
	if (err == E_OK)
		err = writer_call(writer, rebuild_apply, &events, &f);
	if (writer != NULL)
		writer_close(&writer);
	workspace_close(&w);
	if (err != E_OK)
		return cli_fail(&cli_rebuild, &f);
	printf("rebuilt from %lld events\n", (long long)events);
	return CLI_OK;
}

const struct cli_command cli_rebuild = {
	.name = "rebuild",
	.summary = "Make lists and search again from the record",
	.usage = "[DIR]\n\n"
		 "The record is the truth; lists, search and counts are made from it. Needs the\n"
		 "workspace for itself: stop the server first.",
	.run = rebuild_run,
};
