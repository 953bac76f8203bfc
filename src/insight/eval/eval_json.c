/* SPDX-License-Identifier: Apache-2.0 */
/* eval_json.c - an evaluation as JSON: for programs, with fractions from 0 to 1.
 *
 * Not the canonical JSON of the record (base/json.h), which has whole numbers only.
 */
#include "insight/eval/eval_private.h"

#include "base/buf.h"

#include <math.h>

static void
key(struct buf *b, const char *name)
{
	/* line() has set its comma. */
	if (b->n > 0 && b->p[b->n - 1] != '{' && b->p[b->n - 1] != ' ')
		buf_add_z(b, ", ");
	buf_add_json(b, str_from(name));
	buf_add_z(b, ": ");
}

static void
number(struct buf *b, const char *name, double v)
{
	key(b, name);
	if (isfinite(v))
		buf_fmt(b, "%.6g", v);
	else
		buf_add_z(b, "null");
}

static void
count(struct buf *b, const char *name, size_t v)
{
	key(b, name);
	buf_fmt(b, "%zu", v);
}

static void
text(struct buf *b, const char *name, struct str v)
{
	key(b, name);
	if (v.n > 0)
		buf_add_json(b, v);
	else
		buf_add_z(b, "null");
}

static void
line(struct buf *b)
{
	buf_add_z(b, ",\n ");
}

static void
interval(struct buf *b, const char *name, struct interval i)
{
	key(b, name);
	if (isfinite(i.low))
		buf_fmt(b, "[%.6g, %.6g]", i.low, i.high);
	else
		buf_add_z(b, "null");
}

static void
runs(const struct eval_result *r, struct buf *b)
{
	buf_add_z(b, "\"runs\": [");
	for (size_t i = 0; i < r->runs_n; i++) {
		const struct eval_figures *f = &r->runs[i];

		buf_add_z(b, i > 0 ? ",\n  {" : "\n  {");
		count(b, "seed", (size_t)f->seed);
		number(b, "accuracy", f->accuracy);
		number(b, "in_scope_accuracy", f->in_scope_accuracy);
		number(b, "oos_auroc", f->oos_auroc);
		number(b, "oos_recall", f->oos_recall);
		number(b, "ece", f->ece);
		number(b, "coverage_at_95", f->coverage[0]);
		number(b, "train_cpu_s", f->train_cpu_s);
		buf_add_c(b, '}');
	}
	buf_add_z(b, "]");
}

static void
promise(const struct eval_result *r, struct buf *b)
{
	const struct eval_promise *p = &r->promise;

	buf_add_z(b, "\"promise\": ");
	if (!r->promised) {
		buf_add_z(b, "null");
		return;
	}
	buf_add_c(b, '{');
	number(b, "error", p->made.error);
	key(b, "enough");
	buf_add_z(b, p->made.enough ? "true" : "false");
	number(b, "threshold", p->made.enough ? p->made.threshold : (double)NAN);
	count(b, "evidence_accepted", p->made.accepted);
	count(b, "evidence_wrong", p->made.wrong);
	number(b, "evidence_coverage", p->made.coverage);
	number(b, "bound", p->made.bound);
	count(b, "accepted", p->accepted);
	count(b, "wrong", p->wrong);
	number(b, "coverage", p->coverage);
	number(b, "realised_error", p->error);
	count(b, "splits", p->splits);
	count(b, "splits_above", p->above);
	count(b, "splits_not_enough", p->unkept);
	number(b, "splits_coverage", p->split_coverage);
	number(b, "splits_error", p->split_error);
	number(b, "splits_worst", p->split_worst);
	buf_add_c(b, '}');
}

static void
classes(const struct eval_result *r, struct buf *b)
{
	buf_add_z(b, "\"per_intent\": [");
	for (size_t i = 0; i < r->classes_n; i++) {
		const struct eval_class *c = &r->classes[i];

		buf_add_z(b, i > 0 ? ",\n  {" : "\n  {");
		text(b, "id", c->id);
		count(b, "trained", c->trained);
		count(b, "support", c->prf.support);
		count(b, "said", c->prf.said);
		number(b, "precision", c->prf.precision);
		number(b, "recall", c->prf.recall);
		number(b, "f1", c->prf.f1);
		buf_add_c(b, '}');
	}
	buf_add_z(b, "]");
}

static void
confusions(const struct eval_result *r, struct buf *b)
{
	buf_add_z(b, "\"confusions\": [");
	for (size_t i = 0; i < r->confusions_n; i++) {
		const struct eval_confusion *c = &r->confusions[i];

		buf_add_z(b, i > 0 ? ",\n  {" : "\n  {");
		text(b, "truth", eval_class_name(r, c->truth));
		text(b, "said", eval_class_name(r, c->said));
		count(b, "n", c->n);
		text(b, "example", r->items[c->example].text);
		buf_add_c(b, '}');
	}
	buf_add_z(b, "]");
}

static void
curve(const struct eval_result *r, struct buf *b)
{
	size_t step = r->curve_n / 200 + 1;

	buf_add_z(b, "\"risk_coverage\": [");
	for (size_t i = 0; i < r->curve_n; i++)
		if (i % step == 0 || i + 1 == r->curve_n)
			buf_fmt(b, "%s[%.5g, %.5g]", i > 0 ? ", " : "", r->curve[i].coverage, r->curve[i].risk);
	buf_add_z(b, "],\n \"reliability\": [");
	for (size_t i = 0; i < ECE_BINS; i++)
		buf_fmt(b, "%s{\"n\": %zu, \"sure\": %.5g, \"right\": %.5g}", i > 0 ? ", " : "", r->bins[i].n, r->bins[i].sure,
		    r->bins[i].right);
	buf_add_z(b, "]");
}

static void
health(const struct eval_result *r, struct buf *b)
{
	static const char *const weights[] = { "hint", "warning", "error" };

	buf_add_z(b, "\"problems\": [");
	for (size_t i = 0; i < r->health.n; i++) {
		const struct problem *p = &r->health.v[i];

		buf_add_z(b, i > 0 ? ",\n  {" : "\n  {");
		text(b, "kind", str_from(problem_name[p->kind]));
		text(b, "weight", str_from(weights[p->weight]));
		text(b, "intent", p->class < 0 ? STR_NONE : eval_class_name(r, p->class));
		text(b, "other", p->other < 0 ? STR_NONE : eval_class_name(r, p->other));
		count(b, "n", p->n);
		text(b, "what", p->what);
		text(b, "fix", p->fix);
		buf_add_c(b, '}');
	}
	buf_add_z(b, "],\n \"notes\": [");
	for (size_t i = 0; i < r->notes_n; i++) {
		buf_add_z(b, i > 0 ? ", " : "");
		buf_add_json(b, r->notes[i]);
	}
	buf_add_z(b, "]");
}

static void
comparison(const struct eval_comparison *c, struct buf *b)
{
	buf_add_z(b, ",\n \"compared\": {");
	text(b, "with", c->path);
	count(b, "better", c->better);
	count(b, "worse", c->worse);
	count(b, "same", c->same);
	count(b, "only_old", c->gone);
	count(b, "only_new", c->added);
	number(b, "was_accuracy", c->was_accuracy);
	number(b, "is_accuracy", c->is_accuracy);
	number(b, "mcnemar_p", c->p);
	buf_add_z(b, ",\n  \"changes\": [");
	for (size_t i = 0; i < c->n; i++) {
		buf_add_z(b, i > 0 ? ",\n  {" : "\n  {");
		text(b, "text", c->v[i].text);
		text(b, "label", c->v[i].label);
		text(b, "was", c->v[i].was);
		text(b, "is", c->v[i].is);
		text(b, "change", c->v[i].better ? STR("better") : STR("worse"));
		buf_add_c(b, '}');
	}
	buf_add_z(b, "]}");
}

/* The keys that docs/EVAL.md promises come first, always all of them. */
static void
head(const struct eval_result *r, struct buf *b)
{
	const struct eval_figures *m = &r->mean;

	count(b, "n", r->n);
	number(b, "accuracy", m->accuracy);
	number(b, "in_scope_accuracy", m->in_scope_accuracy);
	number(b, "oos_auroc", m->oos_auroc);
	number(b, "oos_recall", m->oos_recall);
	number(b, "ece", m->ece);
	number(b, "coverage_at_95", m->coverage[0]);
	number(b, "cpu_us_mean", m->cpu_us_mean);
	number(b, "train_cpu_s", m->train_cpu_s);
	text(b, "encoder", r->encoder);
	line(b);
	interval(b, "accuracy_interval", r->accuracy);
	interval(b, "in_scope_accuracy_interval", r->in_scope);
	interval(b, "oos_recall_interval", r->oos_recall);
	number(b, "accuracy_deviation", r->deviation.accuracy);
	number(b, "unrefused_accuracy", m->unrefused_accuracy);
	number(b, "macro_f1", m->macro_f1);
	number(b, "held_out_accuracy", m->held_out_accuracy);
	line(b);
	count(b, "in_scope_n", m->in_scope_n);
	count(b, "oos_n", m->oos_n);
	number(b, "oos_precision", m->oos_precision);
	number(b, "oos_threshold", m->oos_threshold);
	text(b, "oos_rule", str_from(r->oos_rule));
	line(b);
	number(b, "ece_equal_mass", m->ece_mass);
	number(b, "coverage_at_98", m->coverage[1]);
	number(b, "coverage_at_99", m->coverage[2]);
	line(b);
	number(b, "cpu_us_p50", m->cpu_us_p50);
	number(b, "cpu_us_p99", m->cpu_us_p99);
	number(b, "train_s", m->train_s);
	number(b, "encoder_share", m->encoder_share);
	number(b, "peak_rss_mb", r->peak_mb);
	line(b);
	text(b, "train", r->train_path);
	text(b, "test", r->test_path);
	text(b, "noise", r->noise);
	count(b, "train_n", r->train_n);
	count(b, "valid_n", r->valid_n);
	count(b, "unlabelled_n", r->history_n);
	count(b, "intents", r->classes_n);
	number(b, "shots", r->shots == EVAL_ALL_SHOTS ? (double)NAN : (double)r->shots);
	count(b, "seed", (size_t)m->seed);
	count(b, "leaked", r->leaked);
	count(b, "unseen", r->unseen);
}

void
eval_json(const struct eval_result *r, const struct eval_comparison *c, struct buf *b)
{
	buf_add_c(b, '{');
	head(r, b);
	line(b);
	runs(r, b);
	line(b);
	promise(r, b);
	line(b);
	classes(r, b);
	line(b);
	confusions(r, b);
	line(b);
	curve(r, b);
	line(b);
	health(r, b);
	if (c != NULL)
		comparison(c, b);
	buf_add_z(b, "}\n");
}
