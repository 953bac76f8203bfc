/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.c - baton doctor: is everything there that a workspace needs, and what to do.
 *
 * Looks and changes nothing; works beside a running server.  A check that cannot be
 * made because an earlier one failed is left out: one cause, one line.
 */
#include "cli/cli.h"
#include "cli/desk_settings.h"
#include "cli/workspace.h"

#include "engine/published.h"
#include "text/lang.h"
#include "text/zone.h"
#include "vec/encoder.h"
#include "vec/encoder_store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DISK_ERROR ((uint64_t)100 << 20)
#define DISK_WARNING ((uint64_t)1 << 30)

enum verdict { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_ERROR };

struct doctor {
	struct workspace w;
	struct desk_settings settings;
	struct published *published;	/* NULL: nothing to look at */
	enum verdict worst;
	unsigned count[3];
};

/* One line: verdict, what was looked at, what was found and what to do. */
static void PRINTF_LIKE(4, 5)
say(struct doctor *d, enum verdict v, const char *what, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warning", "error" };
	va_list args;

	printf("%-8s %-10s ", words[v], what);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	d->count[v]++;
	d->worst = v > d->worst ? v : d->worst;
}

static void
doctor_settings(struct doctor *d)
{
	struct setting_module mods[DESK_MODULES];
	struct fault f = { 0 };

	desk_settings_modules(&d->settings, mods);
	if (workspace_settings(&d->w, mods, DESK_MODULES, &f) != E_OK) {
		say(d, DOCTOR_ERROR, "settings", "%s", f.text);
		d->settings.nlu.encoder = encoder_wanted(NULL);
	} else {
		say(d, DOCTOR_OK, "settings", "baton.yaml of %s", d->w.dir);
	}
}

static void
doctor_published(struct doctor *d, struct db *db)
{
	struct fault f = { 0 };
	enum err e = published_read(db, NULL, STR_NONE, &d->published, &f);

	if (e == E_NOTFOUND)
		say(d, DOCTOR_ERROR, "policy", "nothing is published yet: `baton publish` does it");
	else if (e != E_OK)
		say(d, DOCTOR_ERROR, "policy", "%s; `baton publish` makes policy and model again", f.text);
	else
		say(d, DOCTOR_OK, "policy", "published %.*s: %zu inboxes, %zu intents, %zu articles",
		    STR_ARG(str_sub(d->published->policy->hash, 0, 12)), d->published->policy->inboxes_n,
		    d->published->policy->intents_n, d->published->snap->articles_n);
}

static void
doctor_store(struct doctor *d)
{
	const char *path = workspace_path(&d->w, "data/baton.db");
	struct db_spec spec = workspace_db(&d->w, false);
	struct db_readers *readers;
	struct fault f = { 0 };
	struct db *db;

	if (access(path, F_OK) != 0 && errno == ENOENT) {
		say(d, DOCTOR_ERROR, "store", "none yet: `baton publish` makes it");
		return;
	}
	if (db_readers_open(&spec, 1, &readers, &f) != E_OK) {
		say(d, DOCTOR_ERROR, "store", "%s", f.text);
		return;
	}
	say(d, DOCTOR_OK, "store", "%s opens, and is of this version", path);
	db = db_borrow(readers);
	doctor_published(d, db);
	db_return(readers, &db);
	db_readers_close(&readers);
}

static size_t
examples_of(const struct policy *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->intents_n; i++)
		n += p->intents[i].examples_n;
	return n;
}

static void
doctor_model(struct doctor *d)
{
	const struct policy *p = d->published->policy;
	size_t n = examples_of(p), thin = 0;

	for (size_t i = 0; i < p->intents_n; i++)
		thin += p->intents[i].examples_n < 5;
	if (d->published->unfit.err != E_OK)
		say(d, DOCTOR_WARNING, "model", "%s; the server's next start, or `baton publish`, trains and "
		    "stores it anew", d->published->unfit.text);
	else if (p->intents_n == 0)
		say(d, DOCTOR_WARNING, "model", "knows no intent: rules alone decide; see docs/POLICY.md");
	else if (thin > 0)
		say(d, DOCTOR_WARNING, "model", "%zu examples, but %zu of %zu intents have fewer than 5: "
		    "add some to policy/intents.yaml", n, thin, p->intents_n);
	else
		say(d, DOCTOR_OK, "model", "trained on %zu examples of %zu intents", n, p->intents_n);
}

/* A model knows one encoder: with another, or without, its words answer alone. */
static void
doctor_model_encoder(struct doctor *d, struct str source)
{
	struct str trained;

	if (d->published == NULL || d->published->policy->intents_n == 0 || d->published->unfit.err != E_OK)
		return;
	trained = model_encoder(d->published->model);
	if (str_eq(trained, source))
		return;
	if (trained.n == 0)
		say(d, DOCTOR_WARNING, "model", "was trained without the encoder that is there now: `baton publish` "
		    "makes it use it");
	else
		say(d, DOCTOR_WARNING, "model", "was trained with an encoder that is not the one in use: its words "
		    "answer alone until `baton publish`");
}

static void
doctor_encoder(struct doctor *d)
{
	static const char cost[] = "the sparse model works alone, which with few examples an intent "
				   "understands clearly less";
	char path[ENCODER_PATH_MAX];
	struct encoder *e = NULL;
	struct fault f = { 0 };

	if (encoder_find(NULL, d->settings.nlu.encoder, path, &f) != E_OK) {
		say(d, DOCTOR_ERROR, "encoder", "%s", f.text);
	} else if (path[0] == '\0' && str_eqz(d->settings.nlu.encoder, "none")) {
		say(d, DOCTOR_OK, "encoder", "none, as nlu.encoder says: %s", cost);
	} else if (path[0] == '\0') {
		say(d, DOCTOR_WARNING, "encoder", "none: %s; `baton encoder add FILE` adds one", cost);
	} else if (encoder_open(path, KERNEL_BEST, &e, &f) != E_OK) {
		say(d, DOCTOR_ERROR, "encoder", "%s; add it again with `baton encoder add`", f.text);
	} else {
		const struct encoder_info *info = encoder_info_of(e);

		say(d, DOCTOR_OK, "encoder", "%.*s: %u layers of %u, kernel %s, %.0f MB", STR_ARG(info->name),
		    info->layers, info->width, encoder_kernel_name(e), (double)encoder_memory_bytes(e) / 1e6);
	}
	doctor_model_encoder(d, e == NULL ? STR_NONE : encoder_info_of(e)->source);
	encoder_unref(&e);
}

/* Languages whose words the program knows; others are guessed by script and prior. */
static void
doctor_language(struct doctor *d)
{
	const struct policy *p = d->published->policy;

	for (size_t i = 0; i < p->inboxes_n; i++) {
		const struct inbox_policy *in = &p->inboxes[i];
		struct str all = str_join(d->w.arena, in->languages, in->languages_n, STR(", "));
		struct str none = STR_NONE;

		for (size_t k = 0; k < in->languages_n; k++)
			if (!lang_is_known(in->languages[k]))
				none = in->languages[k];
		if (none.n > 0)
			say(d, DOCTOR_WARNING, "language", "inbox %.*s: %.*s has no word list here: short messages "
			    "in it are told by script and conversation only", STR_ARG(in->id), STR_ARG(none));
		else
			say(d, DOCTOR_OK, "language", "inbox %.*s: %.*s", STR_ARG(in->id), STR_ARG(all));
	}
}

static void
doctor_zones(struct doctor *d)
{
	const struct policy *p = d->published != NULL ? d->published->policy : NULL;
	struct str name = STR("Europe/Berlin");	/* which every system's data has */
	struct fault f = { 0 };
	const struct zone *z;
	enum err e = zone_load(d->w.arena, name, &z, &f);

	for (size_t i = 0; p != NULL && i < p->inboxes_n && e == E_OK; i++)
		if (p->inboxes[i].zone.n > 0)
			e = zone_load(d->w.arena, p->inboxes[i].zone, &z, &f);
	if (e != E_OK)
		say(d, DOCTOR_ERROR, "time zones", "%s: install the package tzdata", f.text);
	else
		say(d, DOCTOR_OK, "time zones", "the system's data has those of all inboxes");
}

static void
doctor_disk(struct doctor *d)
{
	struct statvfs st;
	uint64_t free_bytes;

	if (statvfs(d->w.dir, &st) != 0) {
		say(d, DOCTOR_ERROR, "disk", "%s: %s", d->w.dir, strerror(errno));
		return;
	}
	free_bytes = (uint64_t)st.f_bavail * st.f_frsize;
	say(d, free_bytes < DISK_ERROR ? DOCTOR_ERROR : free_bytes < DISK_WARNING ? DOCTOR_WARNING : DOCTOR_OK,
	    "disk", "%.1f GB free%s", (double)free_bytes / 1e9, free_bytes < DISK_WARNING ?
	    ": when it is full nothing new is stored; make room" : "");
}

static int
doctor_run(int argc, char **argv)
{
	struct doctor d = { .worst = DOCTOR_OK };
	struct fault f = { 0 };

	if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
		return cli_usage(&cli_doctor, "expected one folder");
	if (workspace_open(argc > 1 ? argv[1] : NULL, &d.w, &f) != E_OK)
		return cli_fail(&cli_doctor, &f);
	doctor_settings(&d);
	doctor_store(&d);
	if (d.published != NULL) {
		doctor_model(&d);
		doctor_language(&d);
	}
	doctor_encoder(&d);
	doctor_zones(&d);
	doctor_disk(&d);
	printf("%u ok, %u warnings, %u errors\n", d.count[DOCTOR_OK], d.count[DOCTOR_WARNING],
	    d.count[DOCTOR_ERROR]);
	published_unref(&d.published);
	workspace_close(&d.w);
	return d.worst == DOCTOR_ERROR ? CLI_CONFIG : CLI_OK;
}

const struct cli_command cli_doctor = {
	.name = "doctor",
	.summary = "Is everything there that a workspace needs? What to do if not",
	.usage = "[WORKSPACE]\n\n"
		 "One line for each of: settings, store, policy, model, language, encoder, time\n"
		 "zones, disk; changes nothing. Exit code 0 when there is no error (warnings do not\n"
		 "count), else 78.",
	.run = doctor_run,
};
