/* SPDX-License-Identifier: Apache-2.0 */
/* eval_html.c - an evaluation as one HTML file with its plots.
 *
 * It stands alone and runs nothing: no script, no address outside, and a policy that says so
 * (the style is allowed by its hash).  Every text of the user's goes through buf_add_html.
 */
#include "insight/eval/eval_private.h"

#include "base/buf.h"
#include "base/rand.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>

#define WRONG_SHOWN 300
#define MATRIX_MAX 25		/* classes in the table of confusions */
#define PLOT 320		/* side of a plot in px, inside its axes */
#define MARGIN 44

static const char style[] =
    ":root{color-scheme:light dark;--b:#fff;--f:#1b1f24;--m:#667;--l:#d5dae1;--a:#2257c4;--r:#b3261e;--g:#1a7f37;"
    "--h:34,87,196}\n"
    "@media(prefers-color-scheme:dark){:root{--b:#14171b;--f:#e6e9ee;--m:#9aa4b2;--l:#333b46;--a:#7aa7ff;--r:#ff8a80;"
    "--g:#6fd48a;--h:122,167,255}}\n"
    "body{background:var(--b);color:var(--f);font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;"
    "padding:0 1rem}\n"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}\n"
    ".m{color:var(--m)}.bad{color:var(--r)}.good{color:var(--g)}\n"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
    "th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--l);vertical-align:top}\n"
    "td.n,th.n{text-align:right}\n"
    ".plots{display:flex;flex-wrap:wrap;gap:2rem}figure{margin:0}figcaption{color:var(--m);max-width:26rem}\n"
    "svg text{fill:var(--m);font-size:11px}.axis{stroke:var(--l);fill:none}.line{stroke:var(--a);fill:none;"
    "stroke-width:2}.ideal{stroke:var(--m);stroke-dasharray:4 4}.bar{fill:var(--a);opacity:.75}\n"
    ".wide{overflow-x:auto}.x td,.x th{padding:.1rem .35rem;text-align:center;border:1px solid var(--l);font-size:12px}\n"
    ".x th.l{text-align:left;white-space:nowrap}.x .h1{background:rgba(var(--h),.12)}.x .h2{background:rgba(var(--h),.3)}"
    ".x .h3{background:rgba(var(--h),.5)}.x .d{font-weight:600}\n";

struct sheet {
	struct buf *b;
	struct arena *a;
	const struct eval_result *r;
};

static void
html(struct sheet *s, const char *before, struct str text, const char *after)
{
	buf_add_z(s->b, before);
	buf_add_html(s->b, text);
	buf_add_z(s->b, after);
}

static void
head(struct sheet *s)
{
	uint8_t hash[32];
	char b64[64];

	sha256(style, sizeof(style) - 1, hash);
	(void)sodium_bin2base64(b64, sizeof(b64), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
	buf_fmt(s->b, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; "
	    "base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<title>How good is it?</title>\n<style>", b64);
	buf_add(s->b, style, sizeof(style) - 1);
	buf_add_z(s->b, "</style>\n<h1>How good is it?</h1>\n");
	html(s, "<p>", s->r->test_path, "");
	buf_fmt(s->b, ": %zu texts, %zu intents; trained on %zu texts", s->r->n, s->r->classes_n, s->r->train_n);
	html(s, " of ", s->r->train_path.n > 0 ? s->r->train_path : STR("the desk"), "; encoder: ");
	html(s, "", s->r->encoder.n > 0 ? s->r->encoder : STR("none"), "");
	if (s->r->noise.n > 0)
		html(s, "; noise: ", s->r->noise, "");
	buf_fmt(s->b, "; seed %llu.</p>\n", (unsigned long long)s->r->runs[0].seed);
}

static void
row(struct sheet *s, const char *name, double v, struct interval in, const char *more)
{
	if (!isfinite(v))
		return;
	buf_fmt(s->b, "<tr><th scope=\"row\">%s<td class=\"n\">%.2f %%<td>", name, v * 100);
	if (isfinite(in.low))
		buf_fmt(s->b, "%.2f – %.2f", in.low * 100, in.high * 100);
	buf_fmt(s->b, "<td class=\"m\">%s\n", more);
}

static void
figures(struct sheet *s)
{
	const struct eval_figures *m = &s->r->mean;
	const struct eval_promise *w = &s->r->promise;
	struct interval none = { (double)NAN, (double)NAN };

	buf_add_z(s->b, "<table>\n<tr><th>figure<th class=\"n\">value<th>95 % interval<th>what it is\n");
	row(s, "accuracy", m->accuracy, s->r->accuracy, s->r->oos.n > 0 ?
	    "right intent and not refused, or out of scope and refused" : "right intent");
	if (s->r->oos.n > 0) {
		row(s, "in-scope accuracy", m->in_scope_accuracy, s->r->in_scope, "a refused text counts as wrong");
		row(s, "out-of-scope AUROC", m->oos_auroc, none, "how well out-of-scope texts stand apart, at any threshold");
		row(s, "out-of-scope recall", m->oos_recall, s->r->oos_recall, "refused, at the threshold from training");
		row(s, "out-of-scope precision", m->oos_precision, none, "of what was refused");
	}
	row(s, "mean F1", m->macro_f1, none, "every intent counts the same");
	row(s, "calibration error", m->ece, none, "15 bins of equal width");
	row(s, "coverage at 95 %", m->coverage[0], none, "accepted by confidence while 95 % of it is right");
	row(s, "coverage at 98 %", m->coverage[1], none, "");
	row(s, "coverage at 99 %", m->coverage[2], none, "");
	if (s->r->promised && w->made.enough && !isfinite(w->coverage))
		buf_fmt(s->b, "<tr><th scope=\"row\">promised: at most %.3g %% wrong<td class=\"n\">–<td><td class=\"m\">could be "
		    "given for %.1f %% of the held-out texts: %zu wrong of %zu\n", w->made.error * 100,
		    w->made.coverage * 100, w->made.wrong, w->made.accepted);
	else if (s->r->promised && w->made.enough)
		buf_fmt(s->b, "<tr><th scope=\"row\">promised: at most %.3g %% wrong<td class=\"n\">%.2f %%<td><td class=\"m\">"
		    "%zu wrong of %zu accepted, %.1f %% of the test\n", w->made.error * 100, w->error * 100, w->wrong,
		    w->accepted, w->coverage * 100);
	else if (s->r->promised)
		buf_fmt(s->b, "<tr><th scope=\"row\">promised: at most %.3g %% wrong<td class=\"n\">–<td><td class=\"m\">not "
		    "enough evidence: nothing is promised\n", w->made.error * 100);
	if (isfinite(m->cpu_us_mean))
		buf_fmt(s->b, "<tr><th scope=\"row\">time a message<td class=\"n\">%.1f µs<td><td class=\"m\">of processor; half "
		    "within %.1f, 99 of 100 within %.1f\n", m->cpu_us_mean, m->cpu_us_p50, m->cpu_us_p99);
	if (isfinite(m->train_cpu_s))
		buf_fmt(s->b, "<tr><th scope=\"row\">training<td class=\"n\">%.2f s<td><td class=\"m\">of processor\n",
		    m->train_cpu_s);
	buf_add_z(s->b, "</table>\n");
}

/* --- plots ---------------------------------------------------------------- */

static void
plot_begin(struct sheet *s, const char *label, const char *x, const char *y, double y_max)
{
	int side = PLOT + 2 * MARGIN;

	buf_fmt(s->b, "<figure><svg role=\"img\" aria-label=\"%s\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n",
	    label, side, side, side, side);
	for (int i = 0; i <= 4; i++) {
		int at = MARGIN + PLOT * i / 4;

		buf_fmt(s->b, "<path class=\"axis\" d=\"M%d %dV%dM%d %dH%d\"/>"
		    "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%d %%</text>"
		    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.3g %%</text>\n", at, MARGIN, MARGIN + PLOT, MARGIN, at,
		    MARGIN + PLOT, at, MARGIN + PLOT + 15, 25 * i, MARGIN - 5, at + 4, y_max * (4 - i) * 25);
	}
	buf_fmt(s->b, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text><text x=\"%d\" y=\"%d\">%s</text>\n",
	    MARGIN + PLOT / 2, MARGIN + PLOT + 32, x, MARGIN, MARGIN - 12, y);
}

static double
at_x(double share)
{
	return MARGIN + PLOT * share;
}

static double
at_y(double share)
{
	return MARGIN + PLOT * (1 - (share > 1 ? 1 : share));
}

static void
plot_risk(struct sheet *s)
{
	static const double tops[] = { .05, .1, .2, .5, 1 };
	size_t step = s->r->curve_n / 600 + 1, from = 0;
	double top = 0, y_max = 1;

	/* The first few texts jump about: they say nothing. */
	while (from + 1 < s->r->curve_n && s->r->curve[from].coverage < .02)
		from++;
	for (size_t i = from; i < s->r->curve_n; i++)
		top = s->r->curve[i].risk > top ? s->r->curve[i].risk : top;
	for (int i = 4; i >= 0; i--)
		y_max = top <= tops[i] ? tops[i] : y_max;
	plot_begin(s, "risk and coverage", "accepted", "wrong among the accepted", y_max);
	buf_add_z(s->b, "<path class=\"line\" d=\"");
	for (size_t i = from; i < s->r->curve_n; i++)
		if ((i - from) % step == 0 || i + 1 == s->r->curve_n)
			buf_fmt(s->b, "%s%.1f %.1f", i == from ? "M" : "L", at_x(s->r->curve[i].coverage),
			    at_y(s->r->curve[i].risk / y_max));
	buf_add_z(s->b, "\"/></svg><figcaption>Risk and coverage: accepting only what the model is surest of, how much is "
	    "accepted and how much of that is wrong.</figcaption></figure>\n");
}

static void
plot_reliability(struct sheet *s)
{
	double width = (double)PLOT / ECE_BINS;

	plot_begin(s, "reliability", "how sure it was", "how often it was right", 1);
	for (int i = 0; i < ECE_BINS; i++) {
		const struct ece_bin *k = &s->r->bins[i];

		if (k->n > 0)
			buf_fmt(s->b, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%zu texts: sure "
			    "%.1f %%, right %.1f %%</title></rect>\n", MARGIN + width * i + 1, at_y(k->right), width - 2,
			    PLOT * k->right, k->n, k->sure * 100, k->right * 100);
	}
	buf_fmt(s->b, "<path class=\"ideal\" d=\"M%d %dL%d %d\"/></svg><figcaption>Reliability: a bar that ends at the dashed "
	    "line means that the probability is honest.</figcaption></figure>\n", MARGIN, MARGIN + PLOT, MARGIN + PLOT, MARGIN);
}

/* --- tables --------------------------------------------------------------- */

/* The classes of the most frequent confusions; CLASS_OUT_OF_SCOPE may be one. */
static size_t
confused(const struct eval_result *r, int out[MATRIX_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < r->confusions_n; i++) {
		int two[2] = { r->confusions[i].truth, r->confusions[i].said };

		for (int k = 0; k < 2; k++) {
			size_t j = 0;

			while (j < n && out[j] != two[k])
				j++;
			if (j == n && n < MATRIX_MAX)
				out[n++] = two[k];
		}
	}
	return n;
}

static size_t
index_of(const int *v, size_t n, int class)
{
	size_t i = 0;

	while (i < n && v[i] != class)
		i++;
	return i;
}

static void
matrix_row(struct sheet *s, const int *v, size_t n, size_t i, const size_t *count)
{
	size_t sum = 0;

	for (size_t j = 0; j < n; j++)
		sum += count[i * n + j];
	buf_fmt(s->b, "<tr><th class=\"l\" scope=\"row\">%zu ", i + 1);
	buf_add_html(s->b, eval_class_name(s->r, v[i]));
	for (size_t j = 0; j < n; j++) {
		double share = sum > 0 ? (double)count[i * n + j] / (double)sum : 0;
		int heat = share > .5 ? 3 : share > .1 ? 2 : share > 0 ? 1 : 0;

		buf_fmt(s->b, "<td class=\"h%d%s\">", heat, i == j ? " d" : "");
		if (count[i * n + j] > 0)
			buf_fmt(s->b, "%zu", count[i * n + j]);
	}
	buf_add_c(s->b, '\n');
}

static void
matrix(struct sheet *s)
{
	int v[MATRIX_MAX];
	size_t n = confused(s->r, v), *count = arena_array(s->a, size_t, n * n + 1);

	if (n == 0)
		return;
	for (size_t i = 0; i < s->r->n; i++) {
		const struct eval_item *t = &s->r->items[i];
		size_t truth = index_of(v, n, t->truth);
		size_t said = index_of(v, n, t->refused ? CLASS_OUT_OF_SCOPE : t->best);

		if (truth < n && said < n)
			count[truth * n + said]++;
	}
	buf_add_z(s->b, "<h2>Taken for another</h2>\n<p class=\"m\">Rows: what it was. Columns: what it was taken for. The "
	    "intents that are confused most.</p>\n<div class=\"wide\"><table class=\"x\">\n<tr><td>");
	for (size_t i = 0; i < n; i++)
		buf_fmt(s->b, "<th scope=\"col\">%zu", i + 1);
	buf_add_c(s->b, '\n');
	for (size_t i = 0; i < n; i++)
		matrix_row(s, v, n, i, count);
	buf_add_z(s->b, "</table></div>\n");
}

static void
intents(struct sheet *s)
{
	buf_add_z(s->b, "<h2>Intents</h2>\n<table>\n<tr><th>intent<th class=\"n\">trained<th class=\"n\">tested"
	    "<th class=\"n\">precision<th class=\"n\">recall<th class=\"n\">F1\n");
	for (size_t i = 0; i < s->r->classes_n; i++) {
		const struct eval_class *c = &s->r->classes[i];

		html(s, "<tr><th scope=\"row\">", c->id, "");
		buf_fmt(s->b, "<td class=\"n\">%zu<td class=\"n\">%zu<td class=\"n\">%.*s<td class=\"n\">%.*s<td class=\"n\">%.*s\n",
		    c->trained, c->prf.support, STR_ARG(eval_percent(s->a, c->prf.precision, 1)),
		    STR_ARG(eval_percent(s->a, c->prf.recall, 1)), STR_ARG(eval_percent(s->a, c->prf.f1, 1)));
	}
	buf_add_z(s->b, "</table>\n");
}

static void
problems(struct sheet *s)
{
	if (s->r->health.n == 0 && s->r->notes_n == 0)
		return;
	buf_add_z(s->b, "<h2>About the data</h2>\n<table>\n<tr><th>what<th>what to do<th>kind\n");
	for (size_t i = 0; i < s->r->notes_n; i++)
		html(s, "<tr><td>", s->r->notes[i], "<td><td>file\n");
	for (size_t i = 0; i < s->r->health.n; i++) {
		const struct problem *p = &s->r->health.v[i];

		html(s, p->weight == PROBLEM_ERROR ? "<tr><td class=\"bad\">" : "<tr><td>", p->what, "");
		html(s, "<td>", p->fix, "");
		buf_fmt(s->b, "<td>%s\n", problem_name[p->kind]);
	}
	buf_add_z(s->b, "</table>\n");
}

static void
changes(struct sheet *s, const struct eval_comparison *c)
{
	html(s, "<h2>Since then</h2>\n<p>", c->path, ": ");
	buf_fmt(s->b, "%.2f %% then, %.2f %% now; %zu better, %zu worse, %zu as before; McNemar p = %.3g.</p>\n",
	    c->was_accuracy * 100, c->is_accuracy * 100, c->better, c->worse, c->same, c->p);
	buf_add_z(s->b, "<table>\n<tr><th><th>text<th>it is<th>then<th>now\n");
	for (size_t i = 0; i < c->n; i++) {
		buf_add_z(s->b, c->v[i].better ? "<tr><td class=\"good\">better" : "<tr><td class=\"bad\">worse");
		html(s, "<td>", c->v[i].text, "");
		html(s, "<td>", c->v[i].label, "");
		html(s, "<td>", c->v[i].was, "");
		html(s, "<td>", c->v[i].is, "\n");
	}
	buf_add_z(s->b, "</table>\n");
}

static void
wrong(struct sheet *s)
{
	size_t shown = 0, all = 0;

	for (size_t i = 0; i < s->r->n; i++)
		all += !s->r->items[i].right;
	buf_fmt(s->b, "<h2>Wrong: %zu of %zu</h2>\n<table>\n<tr><th>text<th>it is<th>taken for<th class=\"n\">sure\n", all,
	    s->r->n);
	for (size_t i = 0; i < s->r->n && shown < WRONG_SHOWN; i++) {
		const struct eval_item *t = &s->r->items[i];

		if (t->right)
			continue;
		shown++;
		html(s, "<tr><td>", t->read, "");
		html(s, "<td>", t->label, "");
		html(s, t->refused ? "<td class=\"m\">refused; " : "<td>", eval_class_name(s->r, t->best), "");
		buf_fmt(s->b, "<td class=\"n\">%.0f %%\n", t->p * 100);
	}
	buf_add_z(s->b, "</table>\n");
	if (all > shown)
		buf_fmt(s->b, "<p class=\"m\">%zu more are in the file of --save.</p>\n", all - shown);
}

void
eval_html(const struct eval_result *r, const struct eval_comparison *c, struct buf *out)
{
	struct sheet s = { out, arena_new((size_t)256 << 20), r };

	head(&s);
	figures(&s);
	buf_add_z(out, "<div class=\"plots\">\n");
	plot_risk(&s);
	plot_reliability(&s);
	buf_add_z(out, "</div>\n");
	if (c != NULL)
		changes(&s, c);
	matrix(&s);
	intents(&s);
	problems(&s);
	wrong(&s);
	arena_free(&s.a);
}
