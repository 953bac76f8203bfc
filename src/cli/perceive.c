/* SPDX-License-Identifier: Apache-2.0 */
/* perceive.c - baton perceive: messages from standard input, perceptions to standard output. */
#include "cli/understand.h"
#include "cli/workspace.h"

#include "engine/policy_load.h"
#include "insight/eval/stream.h"
#include "nlu/embedder.h"
#include "nlu/model.h"
#include "text/zone.h"
#include "vec/encoder.h"

#include <stdio.h>
#include <unistd.h>

#define VECTORS_MAX 20000
#define MODEL_MAX ((size_t)1 << 30)
#define LANGUAGES "en,de,fr,es,pt,it,nl"

struct perceive_args {
	const char *dir, *model, *encoder, *languages, *zone, *now, *inbox;
	bool plain;
};

/* The desk's policy from its files, or the one of no desk. */
static enum err
perceive_policy(struct arena *a, const struct perceive_args *p, struct policy_snapshot **snap,
    struct stream_spec *spec, struct fault *f)
{
	struct str zone = p->zone != NULL ? str_from(p->zone) : STR("UTC");
	struct complaints *c = arena_zalloc(a, sizeof(*c));

	if (p->dir == NULL) {
		TRY(stream_policy(a, str_from(p->languages != NULL ? p->languages : LANGUAGES), zone, &spec->policy, f));
		return zone_load(a, zone, &spec->zone, f);
	}
	complaints_init(c, a);
	TRY(policy_load_dir(p->dir, c, snap, f));
	spec->policy = (*snap)->policy;
	spec->inbox = p->inbox == NULL ? 0 : policy_inbox(spec->policy, str_from(p->inbox));
	if (spec->inbox < 0 || spec->policy->inboxes_n == 0)
		return fault(f, E_NOTFOUND, "no inbox \"%s\"", p->inbox != NULL ? p->inbox : "");
	spec->zone = (*snap)->zones[spec->inbox];
	return p->zone == NULL ? E_OK : zone_load(a, zone, &spec->zone, f);
}

static enum err
perceive_model(struct arena *a, const struct perceive_args *p, const struct policy *policy,
    struct embedder *embedder, struct model **out, struct fault *f)
{
	struct str bytes;

	if (p->model == NULL)
		return model_train(policy, &(struct model_how){ .embedder = embedder }, out, f);
	TRY(file_read(p->model, MODEL_MAX, a, &bytes, f));
	if (model_load(policy, embedder, bytes, out, f) != E_OK)
		return fault_wrap(f, "%s", p->model);
	return E_OK;
}

static enum err
perceive_embedder(const struct perceive_args *p, struct embedder **out, struct fault *f)
{
	struct encoder *e = NULL;

	if (p->dir == NULL)
		return E_OK;	/* without a desk there are no intents */
	TRY(understand_encoder(p->encoder, &e, f));
	*out = e == NULL ? NULL : embedder_new(e, NULL, VECTORS_MAX);
	encoder_unref(&e);
	return E_OK;
}

static enum err
perceive_all(struct arena *a, void *arg, struct fault *f)
{
	const struct perceive_args *p = arg;
	struct policy_snapshot *snap = NULL;
	struct embedder *embedder = NULL;
	struct model *model = NULL;
	struct stream_spec spec = { .plain = p->plain };
	size_t errors = 0;
	enum err err = E_OK;

	if (p->now != NULL)
		err = stream_time(str_from(p->now), &spec.now_us, f);
	if (err == E_OK)
		err = perceive_policy(a, p, &snap, &spec, f);
	if (err == E_OK)
		err = perceive_embedder(p, &embedder, f);
	if (err == E_OK)
		err = perceive_model(a, p, spec.policy, embedder, &model, f);
	spec.model = model;
	if (err == E_OK)
		err = stream_perceive(&spec, STDIN_FILENO, stdout, &errors, f);
	if (err == E_OK && errors > 0)
		fprintf(stderr, "baton perceive: %zu line%s could not be read\n", errors, errors == 1 ? "" : "s");
	model_unref(&model);
	embedder_free(&embedder);
	policy_snapshot_unref(&snap);
	return err;
}

static int
perceive_main(int argc, char **argv)
{
	struct perceive_args p = { 0 };
	const struct option v[] = {
		{ "--model", OPTION_TEXT, &p.model },
		{ "--encoder", OPTION_TEXT, &p.encoder },
		{ "--languages", OPTION_TEXT, &p.languages },
		{ "--zone", OPTION_TEXT, &p.zone },
		{ "--now", OPTION_TEXT, &p.now },
		{ "--inbox", OPTION_TEXT, &p.inbox },
		{ "--plain", OPTION_FLAG, &p.plain },
	};
	const char *words[1] = { NULL }, *bad;
	struct workspace w = { .lock = -1 };
	struct fault f = { 0 };
	struct arena *a;
	char wrong[256];
	size_t words_n;
	bool desk;
	enum err err;

	bad = options_parse(argc, argv, v, sizeof(v) / sizeof(v[0]), words, &words_n, 1, wrong);
	if (bad != NULL)
		return cli_usage(&cli_perceive, bad);
	desk = words[0] != NULL || access("baton.yaml", R_OK) == 0;
	if (!desk && (p.model != NULL || p.inbox != NULL))
		return cli_usage(&cli_perceive, "--model and --inbox want a workspace: DIR");
	if (desk && p.languages != NULL)
		return cli_usage(&cli_perceive, "a workspace's inbox has its languages: --languages is for none");
	if (desk && workspace_open(words[0], &w, &f) != E_OK)
		return cli_fail(&cli_perceive, &f);
	p.dir = desk ? w.dir : NULL;
	a = arena_new(MODEL_MAX);
	err = arena_run(a, perceive_all, &p, &f);
	arena_free(&a);
	if (desk)
		workspace_close(&w);
	return err == E_OK ? CLI_OK : cli_fail(&cli_perceive, &f);
}

const struct cli_command cli_perceive = {
	.name = "perceive",
	.summary = "Understand messages from standard input, a line of JSON each",
	.usage = "[DIR] [OPTION...]\n\n"
		 "A line is a text, or a JSON object {\"text\", \"history\": [{\"by\", \"text\"}],\n"
		 "\"language\", \"awaiting\", \"known\": [\"email\"], \"id\"}. Without a workspace no intents are known and all\n"
		 "else works. A line that cannot be read gives {\"error\", \"line\"}, and the next is read.\n\n"
		 "  --model FILE       of `baton train --save`, instead of training now\n"
		 "  --encoder E        a name, a path or none (`baton help encoder`)\n"
		 "  --inbox ID         whose languages and zone (default: the first)\n"
		 "  --languages en,de  without a workspace (default: " LANGUAGES ")\n"
		 "  --zone NAME        the customer's, as in Europe/Berlin\n"
		 "  --now TIME         2026-11-22T10:00:00Z instead of the clock\n"
		 "  --plain            every line is a text, also one that begins with {",
	.run = perceive_main,
};
