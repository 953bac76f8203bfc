/* SPDX-License-Identifier: Apache-2.0 */
/* understand.c - options, encoder and progress of the commands about understanding. */
#include "cli/understand.h"

#include "base/clock.h"
#include "cli/desk_settings.h"
#include "nlu/embedder.h"
#include "vec/encoder.h"
#include "vec/encoder_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR 30
#define COUNT_MAX 1000000000000
#define VECTORS_MAX 200000

/* "0.05" or "5%"; between 0 and 1, neither included. */
static bool
share_of(const char *z, double *out)
{
	char *end;
	double v = strtod(z, &end);

	if (end == z)
		return false;
	if (strcmp(end, "%") == 0) {
		v /= 100;
		end++;
	}
	*out = v;
	return *end == '\0' && v > 0 && v < 1;
}

static bool
set(const struct option *o, const char *value)
{
	int64_t n;

	switch (o->kind) {
	case OPTION_TEXT:
		/* "--html --json": the value was forgotten */
		*(const char **)o->to = value;
		return strncmp(value, "--", 2) != 0;
	case OPTION_COUNT:
		if (!str_i64(str_from(value), &n) || n < 0 || n > COUNT_MAX)
			return false;
		*(size_t *)o->to = (size_t)n;
		return true;
	case OPTION_SHARE:
		return share_of(value, o->to);
	case OPTION_FLAG:
		break;
	}
	return false;
}

static const struct option *
option_of(const struct option *v, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].name, word) == 0)
			return &v[i];
	return NULL;
}

const char *
options_parse(int argc, char **argv, const struct option *v, size_t n, const char **words, size_t *words_n,
    size_t max, char wrong[256])
{
	*words_n = 0;
	for (int i = 1; i < argc; i++) {
		const struct option *o = option_of(v, n, argv[i]);

		if (o == NULL && argv[i][0] == '-' && argv[i][1] != '\0') {
			(void)snprintf(wrong, 256, "no option \"%.200s\"", argv[i]);
			return wrong;
		}
		if (o == NULL) {
			if (*words_n == max) {
				(void)snprintf(wrong, 256, "\"%.200s\" is one word too many", argv[i]);
				return wrong;
			}
			words[(*words_n)++] = argv[i];
		} else if (o->kind == OPTION_FLAG) {
			*(bool *)o->to = true;
		} else if (i + 1 >= argc || !set(o, argv[++i])) {
			(void)snprintf(wrong, 256, "%s wants %s", o->name, o->kind == OPTION_TEXT ? "a value" :
			    o->kind == OPTION_COUNT ? "a whole number" : "a share between 0 and 1");
			return wrong;
		}
	}
	return NULL;
}

enum err
understand_encoder(const char *flag, struct encoder **out, struct fault *f)
{
	struct str wanted = encoder_wanted(flag);
	char path[ENCODER_PATH_MAX];
	struct fault why = { 0 };
	bool automatic = str_eqz(wanted, "auto");

	*out = NULL;
	if (encoder_find(NULL, wanted, path, automatic ? &why : f) != E_OK) {
		if (!automatic)
			return f->err;
		path[0] = '\0';
	}
	if (path[0] != '\0')
		return encoder_open(path, KERNEL_BEST, out, f);
	if (automatic)
		fputs("no encoder is installed: by words and letters alone (`baton help encoder`)\n", stderr);
	return E_OK;
}

/* Nothing where there is no store yet. */
static enum err
past_of_store(struct workspace *w, struct arena *a, struct desk_to_learn *d, struct fault *f)
{
	struct db_spec spec = workspace_db(w, false);
	struct setting_module mods[DESK_MODULES];
	struct desk_settings settings;
	struct db_readers *readers;
	struct db *db;
	enum err err;

	desk_settings_modules(&settings, mods);
	TRY(workspace_settings(w, mods, DESK_MODULES, f));
	if (settings.nlu.history_messages == 0 || access(workspace_path(w, "data/baton.db"), F_OK) != 0)
		return E_OK;
	TRY(db_readers_open(&spec, 1, &readers, f));
	db = db_borrow(readers);
	err = past_read(db, d->snap->policy, 0, (size_t)settings.nlu.history_messages, a, &d->past, f);
	db_return(readers, &db);
	db_readers_close(&readers);
	return err;
}

enum err
understand_open(struct workspace *w, struct arena *a, const char *encoder, const char *vectors, size_t seed,
    struct desk_to_learn *out, struct fault *f)
{
	struct complaints *c = arena_zalloc(a, sizeof(*c));

	*out = (struct desk_to_learn){ .snap = NULL };
	complaints_init(c, a);
	TRY(policy_load_dir(w->dir, c, &out->snap, f));
	TRY(desk_training(a, out->snap->policy, &out->set, f));
	if (out->set.classes_n == 0)
		return fault(f, E_INVALID, "policy/intents.yaml names no intent: there is nothing to learn");
	TRY(understand_encoder(encoder, &out->encoder, f));
	out->set.seed = seed;
	if (out->encoder == NULL)
		return E_OK;
	out->set.embedder = out->embedder = embedder_new(out->encoder, vectors, VECTORS_MAX);
	return past_of_store(w, a, out, f);
}

void
understand_close(struct desk_to_learn *d)
{
	embedder_free(&d->embedder);
	encoder_unref(&d->encoder);
	policy_snapshot_unref(&d->snap);
}

void
progress_show(void *arg, const char *stage, double share)
{
	static int64_t shown_us;
	static bool open;
	int64_t now = clock_mono_us(clock_real());
	int full = (int)(share * BAR);

	(void)arg;
	if (!isatty(STDERR_FILENO) || (share < 1 && now - shown_us < 100 * US_PER_MS))
		return;
	shown_us = now;
	if (share >= 1) {
		if (open)
			fputs("\r\033[K", stderr);
		open = false;
		return;
	}
	open = true;
	fputs("\r[", stderr);
	for (int i = 0; i < BAR; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "] %3d %% %s\033[K", (int)(share * 100), stage);
	(void)fflush(stderr);
}

bool
understand_color(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0');
}

unsigned
understand_width(void)
{
	struct winsize w;
	int64_t columns;

	if (str_i64(str_from(getenv("COLUMNS")), &columns) && columns >= 40 && columns <= 1000)
		return (unsigned)columns;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= 40 ? w.ws_col : 100;
}
