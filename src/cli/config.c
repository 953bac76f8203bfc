/* SPDX-License-Identifier: Apache-2.0 */
/* config.c - baton config: every setting, and what it is in a workspace. */
#include "cli/cli.h"
#include "cli/desk_settings.h"

#include "base/buf.h"
#include "engine/trigger/trigger.h"

#include <stdio.h>
#include <string.h>

static void
config_triggers(bool markdown, struct buf *out)
{
	buf_add_z(out, markdown ? "\n## Triggers (policy/escalation.yaml)\n\n| trigger | key | default | |\n|---|---|---|---|\n" :
				  "\nTriggers (policy/escalation.yaml)\n");
	for (size_t i = 0; i < trigger_all_n; i++) {
		const struct trigger *t = trigger_all[i];

		for (const struct setting *s = t->settings; s->key != NULL; s++)
			buf_fmt(out, markdown ? "| %s | %s | %s | %s |\n" : "  %-14s %-12s %-8s %s\n", t->name, s->key,
			    s->initial, s->help);
	}
}

static int
config_run(int argc, char **argv)
{
	struct desk_settings settings;
	struct setting_module mods[DESK_MODULES];
	bool markdown = argc > 1 && strcmp(argv[1], "--markdown") == 0;
	struct buf out;

	if (argc > 2 || (argc == 2 && !markdown && strcmp(argv[1], "--help") != 0))
		return cli_usage(&cli_config, "unknown option");
	desk_settings_modules(&settings, mods);
	buf_init(&out, 1 << 20);
	if (markdown)
		buf_add_z(&out, "# Settings\n\nMade by `baton config --markdown`. A setting is taken from the command line\n"
		    "(`baton serve --listen.port=80`), else from the environment (`BATON_LISTEN_PORT`), else from\n"
		    "`baton.yaml` (`listen: {port: 80}`), else its default.\n\n");
	settings_help(mods, DESK_MODULES, markdown, &out);
	config_triggers(markdown, &out);
	fputs(buf_z(&out), stdout);
	buf_free(&out);
	return CLI_OK;
}

const struct cli_command cli_config = {
	.name = "config",
	.summary = "Every setting, with its default and limits",
	.usage = "[--markdown]\n\n"
		 "A setting is taken from the command line, else from the environment\n"
		 "(BATON_SECTION_KEY), else from baton.yaml, else its default.",
	.run = config_run,
};
