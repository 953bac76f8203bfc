/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - baton check: reads a workspace and names every mistake. */
#include "cli/cli.h"
#include "cli/desk_settings.h"
#include "cli/workspace.h"

#include "base/buf.h"
#include "connector/connector.h"
#include "engine/policy_load.h"

#include <stdio.h>

static enum err
check_connectors(struct workspace *w, const struct policy *p, struct complaints *c)
{
	for (size_t i = 0; i < p->connectors_n; i++) {
		const struct connector *k = connector_find(p->connectors[i].kind);
		struct fault f = { 0 };

		if (k != NULL && k->check(&p->connectors[i], w->dir, w->arena, &f) != E_OK)
			complain(c, STR("policy/connectors.yaml"), 0, str_fmt(w->arena, "%s", (const char *)f.text));
	}
	return E_OK;
}

static int
check_run(int argc, char **argv)
{
	struct workspace w;
	struct desk_settings settings;
	struct setting_module mods[DESK_MODULES];
	struct complaints *c;
	struct policy_snapshot *snap = NULL;
	struct fault f = { 0 };
	struct buf out;
	int code = CLI_OK;

	if (argc > 2)
		return cli_usage(&cli_check, "expected one folder");
	if (workspace_open(argc > 1 ? argv[1] : NULL, &w, &f) != E_OK)
		return cli_fail(&cli_check, &f);
	c = arena_zalloc(w.arena, sizeof(*c));
	complaints_init(c, w.arena);
	desk_settings_modules(&settings, mods);
	if (workspace_settings(&w, mods, DESK_MODULES, &f) != E_OK)
		complain(c, STR("baton.yaml"), 0, str_from(f.text));
	f = (struct fault){ 0 };
	if (policy_load_dir(w.dir, c, &snap, &f) != E_OK && c->n == 0)
		complain(c, STR("policy"), 0, str_from(f.text));
	if (snap != NULL)
		(void)check_connectors(&w, snap->policy, c);
	if (c->n > 0) {
		buf_init(&out, 1 << 20);
		complaints_sort(c);
		complaints_print(c, &out);
		fputs(buf_z(&out), stderr);
		fprintf(stderr, "%zu mistake%s\n", c->n + c->more, c->n + c->more == 1 ? "" : "s");
		buf_free(&out);
		code = CLI_CONFIG;
	} else {
		printf("ok: %zu inbox%s, %zu intents, %zu rules, %zu replies, %zu articles\n",
		    snap->policy->inboxes_n, snap->policy->inboxes_n == 1 ? "" : "es", snap->policy->intents_n,
		    snap->policy->rules_n, snap->policy->replies_n, snap->articles_n);
	}
	policy_snapshot_unref(&snap);
	workspace_close(&w);
	return code;
}

const struct cli_command cli_check = {
	.name = "check",
	.summary = "Check a workspace: every mistake with its file and line",
	.usage = "[DIR]\n\n"
		 "Reads baton.yaml, policy/ and articles/ and runs nothing. Exit code 78 when\n"
		 "there are mistakes.",
	.run = check_run,
};
