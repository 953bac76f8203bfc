/* SPDX-License-Identifier: Apache-2.0 */
/* publish.c - baton publish: makes the workspace's policy the one that runs. */
#include "cli/admin.h"
#include "cli/cli.h"

#include "engine/policy_load.h"
#include "insight/eval/desk.h"
#include "insight/eval/health.h"

#include <stdio.h>

/* What the examples say by themselves; what the folds find is `baton train`'s. */
static void
publish_health(struct workspace *w)
{
	struct complaints *c = arena_zalloc(w->arena, sizeof(*c));
	struct policy_snapshot *snap = NULL;
	struct training t;
	struct health h;

	complaints_init(c, w->arena);
	if (policy_load_dir(w->dir, c, &snap, NULL) != E_OK)
		return;
	if (desk_training(w->arena, snap->policy, &t, NULL) == E_OK) {
		health_check(w->arena, &t, NULL, &h);
		if (h.n > 0 && h.v[0].weight > PROBLEM_HINT)
			printf("about the examples: %.*s (`baton train` says all)\n", STR_ARG(h.v[0].what));
	}
	policy_snapshot_unref(&snap);
}

static int
publish_print(const json_t *out)
{
	const json_t *v = json_object_get(out, "complaints"), *one;

	for (size_t i = 0; i < json_array_size(v); i++) {
		one = json_array_get(v, i);
		fprintf(stderr, "%.*s:%lld: %.*s\n", STR_ARG(json_get_str(one, "file")),
		    (long long)json_get_i64(one, "line", 0), STR_ARG(json_get_str(one, "text")));
	}
	if (v != NULL) {
		fprintf(stderr, "nothing was published: what ran before still runs\n");
		return CLI_CONFIG;
	}
	printf("published %.*s: %lld intents with %lld examples, %lld articles",
	    STR_ARG(str_sub(json_get_str(out, "policy"), 0, 12)), (long long)json_get_i64(out, "intents", 0),
	    (long long)json_get_i64(out, "examples", 0), (long long)json_get_i64(out, "articles", 0));
	if (json_get_i64(out, "past", 0) > 0)
		printf("; learned from %lld past messages too", (long long)json_get_i64(out, "past", 0));
	if (json_get_i64(out, "past_left", 0) > 0)
		printf("; %lld past messages made it worse and were left out",
		    (long long)json_get_i64(out, "past_left", 0));
	printf("%s\n", json_get_bool(out, "live", false) ? "; live now" : "; live at the next start");
	return CLI_OK;
}

static int
publish_run(int argc, char **argv)
{
	struct workspace w;
	struct fault f = { 0 };
	json_t *request, *out;
	int code;

	if (argc > 2)
		return cli_usage(&cli_publish, "expected one folder");
	if (workspace_open(argc > 1 ? argv[1] : NULL, &w, &f) != E_OK)
		return cli_fail(&cli_publish, &f);
	request = json_obj(w.arena);
	json_set_z(request, "cmd", "publish");
	json_set_z(request, "by", "command line");
	code = admin_call(&w, request, w.arena, &out, &f) == E_OK ? publish_print(out) :
	    cli_fail(&cli_publish, &f);
	if (code == CLI_OK)
		publish_health(&w);
	workspace_close(&w);
	return code;
}

const struct cli_command cli_publish = {
	.name = "publish",
	.summary = "Check, train and make a workspace's policy the one that runs",
	.usage = "[DIR]\n\n"
		 "A policy with a mistake never replaces the one that runs. A running server\n"
		 "takes the new one at once; workflows under way finish under the old one.",
	.run = publish_run,
};
