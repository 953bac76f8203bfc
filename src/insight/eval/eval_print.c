/* SPDX-License-Identifier: Apache-2.0 */
/* eval_print.c - an evaluation for a person at a terminal. */
#include "insight/eval/eval_private.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_WIDTH 22
#define ROWS 12			/* of a list; --json and --html have them all */
#define BOLD "\033[1m"
#define DIM "\033[2m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

struct page {
	struct buf *b;
	struct eval_look look;
	struct arena *a;
};

struct str
eval_percent(struct arena *a, double share, int digits)
{
	char z[32];

	if (!isfinite(share))
		return STR("-");
	(void)snprintf(z, sizeof(z), "%.*f", digits, share * 100);
	return str_dup(a, str_from(z));
}

static void
paint(struct page *p, const char *how, struct str s)
{
	if (p->look.color)
		buf_add_z(p->b, how);
	buf_add_str(p->b, s);
	if (p->look.color)
		buf_add_z(p->b, PLAIN);
}

static size_t
letters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* The text on one line, without control characters, at most `width` letters. */
static struct str
one_line(struct arena *a, struct str s, size_t width)
{
	size_t room = s.n < 4 * width + 8 ? s.n : 4 * width + 8, n = 0, shown = 0;
	char *to = arena_alloc(a, room + 4);
	bool whole = true;

	for (size_t i = 0; i < s.n && n < room; i++) {
		bool begins = ((unsigned char)s.p[i] & 0xc0) != 0x80;

		/* C1 controls too: two bytes, C2 80..9F. */
		if (begins && (unsigned char)s.p[i] == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0) {
			i++;
			continue;
		}
		if (begins && ++shown > width) {
			whole = false;
			break;
		}
		to[n++] = (char)((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i]);
	}
	if (!whole) {
		while (n > 0 && shown-- > width - 1) {
			do
				n--;
			while (n > 0 && ((unsigned char)to[n] & 0xc0) == 0x80);
		}
		to[n++] = '~';
	}
	return (struct str){ to, n };
}

static void
cell(struct page *p, struct str s, size_t width)
{
	struct str cut = one_line(p->a, s, width);

	buf_add_str(p->b, cut);
	for (size_t i = letters(cut); i < width; i++)
		buf_add_c(p->b, ' ');
}

static void
heading(struct page *p, const char *what)
{
	buf_add_c(p->b, '\n');
	paint(p, BOLD, str_from(what));
	buf_add_c(p->b, '\n');
}

static unsigned
bar_width(const struct page *p)
{
	return p->look.width < 80 ? 16 : p->look.width > 120 ? 40 : p->look.width / 3;
}

static void
bar(struct page *p, double share)
{
	unsigned width = bar_width(p);
	unsigned full = isfinite(share) ? (unsigned)(share * width + 0.5) : 0;

	for (unsigned i = 0; i < width; i++)
		buf_add_c(p->b, i < full ? '#' : '.');
}

/* "  accuracy   94.3 %  ########..  93.4 - 95.1   2904 of 3080" */
static void
share_row(struct page *p, const char *name, double share, struct interval in, struct str more)
{
	if (!isfinite(share))
		return;
	buf_add_z(p->b, "  ");
	cell(p, str_from(name), LABEL_WIDTH);
	buf_fmt(p->b, "%6.2f %%  ", share * 100);
	bar(p, share);
	if (isfinite(in.low))
		buf_fmt(p->b, "  %.2f - %.2f", in.low * 100, in.high * 100);
	if (more.n > 0) {
		buf_add_z(p->b, "  ");
		paint(p, DIM, more);
	}
	buf_add_c(p->b, '\n');
}

static const struct interval no_interval = { (double)NAN, (double)NAN };

static struct str
spread(struct page *p, const struct eval_result *r, double deviation)
{
	if (r->runs_n < 2)
		return STR_NONE;
	return str_fmt(p->a, "%zu runs, deviation %S", r->runs_n, eval_percent(p->a, deviation, 2));
}

static void
title(struct page *p, const struct eval_result *r)
{
	struct str shots = r->shots == EVAL_ALL_SHOTS ? STR_NONE : str_fmt(p->a, ", %zu a class", r->shots);

	paint(p, BOLD, STR("baton eval"));
	buf_fmt(p->b, "  %.*s: %zu texts, %zu intents\n", STR_ARG(one_line(p->a, r->test_path, 60)), r->n, r->classes_n);
	buf_fmt(p->b, "  trained on %zu texts%.*s%s%.*s", r->train_n, STR_ARG(shots), r->train_path.n > 0 ? " of " : "",
	    STR_ARG(one_line(p->a, r->train_path, 60)));
	if (r->valid_n > 0)
		buf_fmt(p->b, ", calibrated with %zu more", r->valid_n);
	if (r->history_n > 0)
		buf_fmt(p->b, ", %zu without labels", r->history_n);
	buf_fmt(p->b, "; encoder: %.*s", STR_ARG(r->encoder.n > 0 ? r->encoder : STR("none")));
	if (r->noise.n > 0)
		buf_fmt(p->b, "; noise: %.*s", STR_ARG(r->noise));
	buf_add_c(p->b, '\n');
}

static void
figures(struct page *p, const struct eval_result *r)
{
	const struct eval_figures *m = &r->mean;

	heading(p, "Accuracy");
	share_row(p, "accuracy", m->accuracy, r->accuracy, r->runs_n > 1 ? spread(p, r, r->deviation.accuracy) :
	    str_fmt(p->a, "%zu of %zu", m->right, r->n));
	if (r->oos.n > 0) {
		share_row(p, "in scope", m->in_scope_accuracy, r->in_scope, str_fmt(p->a, "%zu texts", m->in_scope_n));
		share_row(p, "... nothing refused", m->unrefused_accuracy, no_interval, STR_NONE);
	}
	share_row(p, "mean F1 of intents", m->macro_f1, no_interval, STR_NONE);
	if (r->train_path.n > 0)
		share_row(p, "training, held out", m->held_out_accuracy, no_interval, STR("5 folds of the training texts"));
	if (r->oos.n == 0)
		return;
	heading(p, "Out of scope");
	share_row(p, "AUROC", m->oos_auroc, no_interval, STR_NONE);
	share_row(p, "recall", m->oos_recall, r->oos_recall, str_fmt(p->a, "%zu texts", m->oos_n));
	share_row(p, "precision", m->oos_precision, no_interval, STR_NONE);
	buf_fmt(p->b, "  refused from %.3f on: %s\n", m->oos_threshold, r->oos_rule);
}

static void
honesty(struct page *p, const struct eval_result *r)
{
	const struct eval_figures *m = &r->mean;
	const struct eval_promise *w = &r->promise;

	heading(p, "How honest");
	buf_fmt(p->b, "  calibration error      %5.2f %%  (15 bins of equal width; of equal mass %.2f %%)\n", m->ece * 100,
	    m->ece_mass * 100);
	for (int i = 0; i < 3; i++)
		share_row(p, (const char *const[]){ "coverage at 95 %", "coverage at 98 %", "coverage at 99 %" }[i],
		    m->coverage[i], no_interval, i == 0 ? STR("accepted by confidence, so many right") : STR_NONE);
	if (!r->promised)
		return;
	if (!w->made.enough)
		buf_fmt(p->b, "  promise of %.3g %% wrong  not enough evidence: nothing is promised\n", w->made.error * 100);
	else if (!isfinite(w->coverage))
		buf_fmt(p->b, "  promise of %.3g %% wrong  could be given for %.1f %% of the held-out texts (%zu wrong of %zu)\n",
		    w->made.error * 100, w->made.coverage * 100, w->made.wrong, w->made.accepted);
	else
		buf_fmt(p->b, "  promise of %.3g %% wrong  kept to %.2f %% on %.1f %% of the test (%zu wrong of %zu); evidence: %zu "
		    "wrong of %zu\n", w->made.error * 100, w->error * 100, w->coverage * 100, w->wrong, w->accepted,
		    w->made.wrong, w->made.accepted);
	if (w->splits > 0)
		buf_fmt(p->b, "  ... in %zu random halves of the held-out: above in %zu, mean %.*s %%, coverage %.1f %%, "
		    "not enough evidence in %zu\n", w->splits, w->above, STR_ARG(eval_percent(p->a, w->split_error, 2)),
		    w->split_coverage * 100, w->unkept);
}

static void
times(struct page *p, const struct eval_result *r)
{
	const struct eval_figures *m = &r->mean;

	heading(p, "Time");
	if (isfinite(m->cpu_us_mean))
		buf_fmt(p->b, "  a message              %.1f us of processor; half within %.1f, 99 of 100 within %.1f\n",
		    m->cpu_us_mean, m->cpu_us_p50, m->cpu_us_p99);
	if (isfinite(m->train_s))
		buf_fmt(p->b, "  training               %.2f s of processor, %.2f s by the clock\n", m->train_cpu_s, m->train_s);
	buf_fmt(p->b, "  memory, at most        %.0f MB\n", r->peak_mb);
}

struct ranked {
	const struct eval_class *c;
};

static int
cmp_worst(const void *a, const void *b)
{
	const struct eval_class *x = ((const struct ranked *)a)->c, *y = ((const struct ranked *)b)->c;

	if (x->prf.f1 < y->prf.f1 || x->prf.f1 > y->prf.f1)
		return x->prf.f1 < y->prf.f1 ? -1 : 1;
	return str_cmp(x->id, y->id);
}

static void
intents(struct page *p, const struct eval_result *r)
{
	struct ranked *v = arena_array(p->a, struct ranked, r->classes_n + 1);
	size_t n = 0, width = p->look.width > 110 ? 44 : p->look.width > 60 ? p->look.width - 52 : 16;

	for (size_t i = 0; i < r->classes_n; i++)
		if (r->classes[i].prf.support > 0)
			v[n++].c = &r->classes[i];
	qsort(v, n, sizeof(*v), cmp_worst);
	heading(p, n > ROWS ? "Intents, weakest first" : "Intents");
	buf_add_z(p->b, "  ");
	cell(p, STR("intent"), width);
	buf_add_z(p->b, "  trained  tested  precision  recall     F1\n");
	for (size_t i = 0; i < n && i < ROWS; i++) {
		const struct prf *f = &v[i].c->prf;

		buf_add_z(p->b, "  ");
		cell(p, v[i].c->id, width);
		buf_fmt(p->b, "  %7zu %7zu %10.*s %7.*s %6.*s\n", v[i].c->trained, f->support,
		    STR_ARG(eval_percent(p->a, f->precision, 1)), STR_ARG(eval_percent(p->a, f->recall, 1)),
		    STR_ARG(eval_percent(p->a, f->f1, 1)));
	}
	if (n > ROWS)
		buf_fmt(p->b, "  ... %zu more: --json, --html\n", n - ROWS);
}

static void
confusions(struct page *p, const struct eval_result *r)
{
	size_t half = p->look.width > 120 ? 34 : 24, rest;

	if (r->confusions_n == 0)
		return;
	rest = p->look.width > 2 * half + 30 ? p->look.width - 2 * half - 17 : 16;
	heading(p, "Taken for another");
	for (size_t i = 0; i < r->confusions_n && i < ROWS; i++) {
		const struct eval_confusion *c = &r->confusions[i];

		buf_fmt(p->b, "  %4zu  ", c->n);
		cell(p, eval_class_name(r, c->truth), half);
		buf_add_z(p->b, " -> ");
		cell(p, c->said == CLASS_OUT_OF_SCOPE ? STR("(refused)") : eval_class_name(r, c->said), half);
		buf_add_z(p->b, "  ");
		paint(p, DIM, one_line(p->a, r->items[c->example].text, rest));
		buf_add_c(p->b, '\n');
	}
	if (r->confusions_n > ROWS)
		buf_fmt(p->b, "  ... %zu more pairs: --json, --html\n", r->confusions_n - ROWS);
}

static void
problems(struct page *p, const struct eval_result *r)
{
	static const char *const sign[] = { "-", "!", "!!" };

	if (r->health.n == 0 && r->notes_n == 0)
		return;
	heading(p, "About the data");
	for (size_t i = 0; i < r->notes_n; i++)
		buf_fmt(p->b, "  !  %.*s\n", STR_ARG(one_line(p->a, r->notes[i], 400)));
	for (size_t i = 0; i < r->health.n && i < ROWS; i++) {
		const struct problem *d = &r->health.v[i];

		buf_fmt(p->b, "  %-2s %.*s\n     %.*s\n", sign[d->weight], STR_ARG(one_line(p->a, d->what, 400)),
		    STR_ARG(one_line(p->a, d->fix, 400)));
	}
	if (r->health.n + r->health.more > ROWS)
		buf_fmt(p->b, "  ... %zu more: --json, --html\n", r->health.n + r->health.more - ROWS);
}

static void
changes(struct page *p, const struct eval_comparison *c)
{
	size_t rest = p->look.width > 60 ? p->look.width - 4 : 56, shown[2] = { 0 };

	heading(p, "Since then");
	buf_fmt(p->b, "  %.*s: %.2f %% -> %.2f %% of the %zu texts in both\n", STR_ARG(one_line(p->a, c->path, 60)),
	    c->was_accuracy * 100, c->is_accuracy * 100, c->same + c->n);
	buf_fmt(p->b, "  %zu better, %zu worse, %zu as before; McNemar p = %.3g: %s\n", c->better, c->worse, c->same, c->p,
	    c->p < .05 ? "more than chance" : "may be chance");
	if (c->gone + c->added > 0)
		buf_fmt(p->b, "  %zu texts are only in the old one, %zu only in the new\n", c->gone, c->added);
	for (size_t i = 0; i < c->n; i++) {
		const struct eval_change *v = &c->v[i];

		if (shown[v->better]++ >= ROWS)
			continue;
		paint(p, v->better ? GREEN : RED, v->better ? STR("  + ") : STR("  - "));
		buf_fmt(p->b, "%.*s\n      %.*s: %.*s -> %.*s\n", STR_ARG(one_line(p->a, v->text, rest)),
		    STR_ARG(one_line(p->a, v->label, rest)), STR_ARG(one_line(p->a, v->was, rest)),
		    STR_ARG(one_line(p->a, v->is, rest)));
	}
	if (shown[0] > ROWS || shown[1] > ROWS)
		buf_add_z(p->b, "  ... all of them: --json, --html\n");
}

void
eval_print(const struct eval_result *r, const struct eval_comparison *c, struct eval_look look, struct buf *out)
{
	struct page p = { out, look, arena_new((size_t)64 << 20) };

	title(&p, r);
	figures(&p, r);
	honesty(&p, r);
	times(&p, r);
	intents(&p, r);
	confusions(&p, r);
	problems(&p, r);
	if (c != NULL)
		changes(&p, c);
	arena_free(&p.a);
}
