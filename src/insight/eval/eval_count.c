/* SPDX-License-Identifier: Apache-2.0 */
/* eval_count.c - from texts that were read to figures. */
#include "insight/eval/eval_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE ((double)NAN)
#define OUT_SHARE 0.3	/* of out-of-scope texts where nobody knows it */
#define RIGHT_LEAST 0.5	/* how likely it must be right, where there is no evidence (docs/EVAL.md) */

const double eval_precisions[3] = { .95, .98, .99 };

/* splitmix64 (Steele et al. 2014) */
uint64_t
eval_next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* --- the threshold of "I don't know" -------------------------------------- */

double
eval_refusal(enum eval_rule rule, double p, double unknown)
{
	return rule == RULE_UNKNOWN ? unknown : 1 - (1 - unknown) * p;
}

double
eval_sure(bool oos, double confidence, double unknown)
{
	return oos ? confidence * (1 - unknown) : confidence;
}

struct weighed {
	double refusal, gain;	/* what refusing it adds to accuracy, or takes */
};

static int
cmp_weighed(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	return x->refusal > y->refusal ? -1 : x->refusal < y->refusal;
}

/* Refusing the k surest changes the accuracy by the sum of their gains. */
static double
best_gain(struct weighed *v, size_t n, double *at)
{
	double sum = 0, best = 0;

	*at = 2;	/* refuse nothing */
	qsort(v, n, sizeof(*v), cmp_weighed);
	for (size_t i = 0; i < n; i++) {
		sum += v[i].gain;
		if (i + 1 < n && !(v[i + 1].refusal < v[i].refusal))
			continue;
		if (sum > best) {
			best = sum;
			/* Midway to the next: the edge of one text is no place for a threshold. */
			*at = i + 1 < n ? (v[i].refusal + v[i + 1].refusal) / 2 : v[i].refusal;
		}
	}
	return best;
}

struct eval_threshold
eval_choose_threshold(struct arena *a, const struct eval_score *v, size_t n, double share)
{
	struct eval_threshold t = { RULE_RIGHT, 1 - RIGHT_LEAST, "less than 50 % likely to be right: no out-of-scope text to choose by" };
	struct weighed *w = arena_array(a, struct weighed, n + 1);
	double in = 0, out = 0, gain[RULES], at[RULES];

	for (size_t i = 0; i < n; i++) {
		in += !v[i].out;
		out += v[i].out;
	}
	if (out < EVAL_OUT_LEAST || in < EVAL_OUT_LEAST)
		return t;
	if (share <= 0)
		share = OUT_SHARE;
	for (int rule = 0; rule < RULES; rule++) {
		for (size_t i = 0; i < n; i++) {
			w[i].refusal = eval_refusal((enum eval_rule)rule, v[i].p, v[i].unknown);
			w[i].gain = v[i].out ? share / out : v[i].best_right ? -(1 - share) / in : 0;
		}
		gain[rule] = best_gain(w, n, &at[rule]);
	}
	t.rule = gain[RULE_RIGHT] > gain[RULE_UNKNOWN] ? RULE_RIGHT : RULE_UNKNOWN;
	t.at = at[t.rule];
	t.why = t.rule == RULE_RIGHT ? "how likely it is wrong or unknown, where held-out accuracy was best" :
				       "how likely it is unknown, where held-out accuracy was best";
	return t;
}

/* --- figures -------------------------------------------------------------- */

static void
count_items(const struct eval_item *items, size_t n, struct eval_figures *f)
{
	for (size_t i = 0; i < n; i++) {
		const struct eval_item *t = &items[i];

		f->right += t->right;
		f->refused += t->refused;
		f->best_right += t->best_right;
		if (t->truth == CLASS_OUT_OF_SCOPE) {
			f->oos_n++;
			f->oos_refused += t->refused;
		} else {
			f->in_scope_n++;
			f->in_scope_right += t->right;
		}
	}
	f->accuracy = metrics_share(f->right, n);
	f->in_scope_accuracy = metrics_share(f->in_scope_right, f->in_scope_n);
	f->unrefused_accuracy = metrics_share(f->best_right, f->in_scope_n);
}

static void
count_scope(struct arena *a, const struct eval_item *items, size_t n, struct eval_figures *f)
{
	struct scored *v = arena_array(a, struct scored, n + 1);

	for (size_t i = 0; i < n; i++)
		v[i] = (struct scored){ items[i].unknown, items[i].truth == CLASS_OUT_OF_SCOPE };
	f->oos_auroc = metrics_auroc(v, n);
	f->oos_recall = metrics_share(f->oos_refused, f->oos_n);
	f->oos_precision = metrics_share(f->oos_refused, f->refused);
}

/* How honest the probabilities are: of in-scope texts, of the best class. */
static void
count_calibration(struct arena *a, const struct eval_item *items, size_t n, struct eval_figures *f)
{
	struct scored *v = arena_array(a, struct scored, n + 1);
	struct risk_point *curve = arena_array(a, struct risk_point, n + 1);
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (items[i].truth != CLASS_OUT_OF_SCOPE)
			v[k++] = (struct scored){ items[i].p, items[i].best_right };
	f->ece = metrics_ece(v, k, ECE_EQUAL_WIDTH, NULL);
	f->ece_mass = metrics_ece(v, k, ECE_EQUAL_MASS, NULL);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct scored){ items[i].sure, items[i].best_right };
	k = metrics_risk_coverage(v, n, curve);
	for (int i = 0; i < 3; i++)
		f->coverage[i] = metrics_coverage_at(curve, k, eval_precisions[i]);
}

static void
count_times(struct arena *a, const struct eval_item *items, size_t n, struct eval_figures *f)
{
	double *v = arena_array(a, double, n + 1);
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (items[i].cpu_us >= 0)
			v[k++] = items[i].cpu_us;
	f->cpu_us_mean = metrics_mean(v, k);
	f->cpu_us_p50 = metrics_percentile(v, k, .50);
	f->cpu_us_p99 = metrics_percentile(v, k, .99);
}

static void
count_classes(const struct eval_item *items, size_t n, size_t classes_n, struct prf *v)
{
	for (size_t i = 0; i < n; i++) {
		const struct eval_item *t = &items[i];

		if (t->truth >= 0)
			v[t->truth].support++;
		if (t->best >= 0 && !t->refused) {
			v[t->best].said++;
			v[t->best].right += t->best_right;
		}
	}
	for (size_t c = 0; c < classes_n; c++)
		metrics_prf(&v[c]);
}

void
eval_count(struct arena *a, const struct eval_item *items, size_t n, size_t classes_n, bool oos,
    struct eval_figures *out)
{
	struct prf *v = arena_array(a, struct prf, classes_n + 1);
	double sum = 0;
	size_t with = 0;

	out->oos_auroc = out->oos_recall = out->oos_precision = out->oos_threshold = NONE;
	count_items(items, n, out);
	if (oos)
		count_scope(a, items, n, out);
	count_calibration(a, items, n, out);
	count_times(a, items, n, out);
	count_classes(items, n, classes_n, v);
	for (size_t c = 0; c < classes_n; c++)
		if (v[c].support > 0) {
			sum += v[c].f1;
			with++;
		}
	out->macro_f1 = with > 0 ? sum / (double)with : NONE;
}

/* --- detail of the first run ---------------------------------------------- */

static int
cmp_pair(const void *a, const void *b)
{
	const struct eval_confusion *x = a, *y = b;

	if (x->truth != y->truth)
		return x->truth < y->truth ? -1 : 1;
	if (x->said != y->said)
		return x->said < y->said ? -1 : 1;
	return x->example < y->example ? -1 : x->example > y->example;
}

static int
cmp_frequent(const void *a, const void *b)
{
	const struct eval_confusion *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return cmp_pair(a, b);
}

static void
detail_confusions(struct arena *a, struct eval_result *r)
{
	struct eval_confusion *v = arena_array(a, struct eval_confusion, r->n + 1);
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct eval_item *t = &r->items[i];

		if (!t->right && t->truth != EVAL_UNSEEN)
			v[n++] = (struct eval_confusion){ t->truth, t->refused ? CLASS_OUT_OF_SCOPE : t->best, 1, i };
	}
	qsort(v, n, sizeof(*v), cmp_pair);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && v[kept - 1].truth == v[i].truth && v[kept - 1].said == v[i].said)
			v[kept - 1].n++;
		else
			v[kept++] = v[i];
	}
	qsort(v, kept, sizeof(*v), cmp_frequent);
	r->confusions = v;
	r->confusions_n = kept;
}

void
eval_detail(struct arena *a, struct eval_result *r, struct eval_class *classes)
{
	struct scored *v = arena_array(a, struct scored, r->n + 1);
	struct risk_point *curve = arena_array(a, struct risk_point, r->n + 1);
	struct prf *prf = arena_array(a, struct prf, r->classes_n + 1);
	size_t k = 0;

	count_classes(r->items, r->n, r->classes_n, prf);
	for (size_t c = 0; c < r->classes_n; c++)
		classes[c].prf = prf[c];
	r->classes = classes;
	detail_confusions(a, r);
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].truth != CLASS_OUT_OF_SCOPE)
			v[k++] = (struct scored){ r->items[i].p, r->items[i].best_right };
	(void)metrics_ece(v, k, ECE_EQUAL_WIDTH, r->bins);
	for (size_t i = 0; i < r->n; i++)
		v[i] = (struct scored){ r->items[i].sure, r->items[i].best_right };
	r->curve_n = metrics_risk_coverage(v, r->n, curve);
	r->curve = curve;
}

/* --- the promise ---------------------------------------------------------- */

#define PROMISE_DELTA .05

static void
shuffle(struct evidence *v, size_t n, uint64_t *state)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)(eval_next_random(state) % i);
		struct evidence swap = v[i - 1];

		v[i - 1] = v[j];
		v[j] = swap;
	}
}

void
eval_promise_make(struct arena *a, struct evidence *v, size_t n, double error, size_t splits, uint64_t seed,
    struct eval_promise *out)
{
	struct evidence *half = arena_array(a, struct evidence, n + 1);
	double coverage = 0, wrong_share = 0;
	uint64_t state = seed;

	*out = (struct eval_promise){ .splits = n > 1 ? splits : 0, .error = NONE, .split_worst = NONE };
	for (size_t s = 0; s < out->splits; s++) {
		size_t k = n / 2, accepted = 0, wrong = 0;
		struct promise p;

		shuffle(v, n, &state);
		memcpy(half, v, k * sizeof(*v));
		p = promise_make(half, k, error, PROMISE_DELTA);
		for (size_t i = k; i < n && p.enough; i++)
			if (v[i].confidence >= p.threshold) {
				accepted++;
				wrong += !v[i].right;
			}
		out->unkept += !p.enough;
		coverage += (double)accepted / (double)(n - k);
		if (accepted == 0)
			continue;
		wrong_share += (double)wrong / (double)accepted;
		out->above += (double)wrong > error * (double)accepted;
		if (!(out->split_worst > (double)wrong / (double)accepted))
			out->split_worst = (double)wrong / (double)accepted;
	}
	out->split_coverage = out->splits > 0 ? coverage / (double)out->splits : NONE;
	out->split_error = out->splits > out->unkept ? wrong_share / (double)(out->splits - out->unkept) : NONE;
	out->made = promise_make(v, n, error, PROMISE_DELTA);
}

void
eval_promise_check(const struct eval_item *items, size_t n, struct eval_promise *out)
{
	for (size_t i = 0; i < n && out->made.enough; i++)
		if (items[i].sure >= out->made.threshold) {
			out->accepted++;
			out->wrong += !items[i].best_right;
		}
	out->coverage = metrics_share(out->accepted, n);
	out->error = metrics_share(out->wrong, out->accepted);
}
