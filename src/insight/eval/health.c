/* SPDX-License-Identifier: Apache-2.0 */
/* health.c - finds what is wrong with examples, gravest first. */
#include "insight/eval/health.h"

#include "insight/eval/dataset.h"
#include "text/tokens.h"

#include <stdlib.h>
#include <string.h>

#define MANY_INTENTS 1000	/* past that a person cannot keep them apart */
#define OVERLAP_LEAST 3		/* mistakes, both ways together */
#define OVERLAP_SHARE 0.15	/* of the smaller intent's examples */
#define MISPLACED_P 0.9
#define TEMPLATE_LEAST 5	/* examples of one template */
#define TEMPLATE_WORDS_MIN 4
#define TEMPLATE_WORDS_MAX 40

const char *const problem_name[PROBLEM_N] = {
	"no_examples", "one_intent", "too_many_intents", "contradiction", "label_spelling", "near_duplicate",
	"overlap", "misplaced", "template", "few_examples", "repeated",
};

struct keyed {			/* an example under something it may share with others */
	uint64_t key;
	uint32_t example;
	int class;
};

struct finding {
	struct arena *a;
	const struct training *t;
	struct problem *v;
	size_t n, more;
	size_t *count;		/* examples of each class */
	struct keyed *exact, *bag, *slot;
	size_t exact_n, slot_n;
	uint64_t *exact_of;	/* the exact key of each example */
};

static struct problem *
add(struct finding *g, enum problem_kind kind, enum problem_weight weight, int class, int other)
{
	if (g->n == HEALTH_PROBLEMS_MAX) {
		g->more++;	/* counted, not kept */
		return NULL;
	}
	g->v[g->n] = (struct problem){ .kind = kind, .weight = weight, .class = class, .other = other };
	return &g->v[g->n++];
}

static void
show(struct problem *p, uint32_t example)
{
	if (p->example_n < HEALTH_EXAMPLES_MAX)
		p->example[p->example_n++] = example;
	p->n++;
}

static struct str
id_of(const struct finding *g, int class)
{
	return class < 0 ? STR("out of scope") : g->t->classes[class].id;
}

/* --- keys ----------------------------------------------------------------- */

static uint64_t
hash_more(uint64_t h, struct str s)
{
	return str_hash64_byte(str_hash64_more(h, s), '\xff');
}

static int
cmp_words(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static int
cmp_keyed(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->example < y->example ? -1 : x->example > y->example;
}

/* Template keys: the words with one of them left open. */
static void
add_slots(struct finding *g, const struct str *words, size_t n, uint32_t example, int class)
{
	if (n < TEMPLATE_WORDS_MIN || n > TEMPLATE_WORDS_MAX || class < 0)
		return;
	for (size_t open = 0; open < n; open++) {
		uint64_t h = STR_HASH64 + (uint64_t)class * 31;

		for (size_t w = 0; w < n; w++)
			h = hash_more(h, w == open ? STR("*") : words[w]);
		g->slot[g->slot_n++] = (struct keyed){ h, example, class };
	}
}

static void
collect(struct finding *g)
{
	const struct training *t = g->t;
	struct arena *scratch = arena_new((size_t)64 << 20);
	size_t room = 1;

	for (size_t i = 0; i < t->n; i++) {
		const struct str *words;
		size_t n;

		text_words(scratch, t->v[i].text, &words, &n);
		room += n <= TEMPLATE_WORDS_MAX ? n : 0;
		arena_reset(scratch);
	}
	g->exact = arena_array(g->a, struct keyed, t->n + 1);
	g->bag = arena_array(g->a, struct keyed, t->n + 1);
	g->slot = arena_array(g->a, struct keyed, room);
	g->exact_of = arena_array(g->a, uint64_t, t->n + 1);
	for (size_t i = 0; i < t->n; i++) {
		uint64_t exact = STR_HASH64, bag = exact;
		const struct str *words;
		struct str *sorted;
		size_t n;

		text_words(scratch, t->v[i].text, &words, &n);
		add_slots(g, words, n, (uint32_t)i, t->v[i].class);
		sorted = arena_array(scratch, struct str, n + 1);
		for (size_t w = 0; w < n; w++) {
			exact = hash_more(exact, words[w]);
			sorted[w] = words[w];
		}
		qsort(sorted, n, sizeof(*sorted), cmp_words);
		for (size_t w = 0; w < n; w++)
			bag = hash_more(bag, sorted[w]);
		g->exact_of[i] = exact;
		if (n > 0) {
			g->exact[g->exact_n] = (struct keyed){ exact, (uint32_t)i, t->v[i].class };
			g->bag[g->exact_n++] = (struct keyed){ bag, (uint32_t)i, t->v[i].class };
		}
		arena_reset(scratch);
	}
	arena_free(&scratch);
	qsort(g->exact, g->exact_n, sizeof(*g->exact), cmp_keyed);
	qsort(g->bag, g->exact_n, sizeof(*g->bag), cmp_keyed);
	qsort(g->slot, g->slot_n, sizeof(*g->slot), cmp_keyed);
}

/* How many from v[0] on share its key. */
static size_t
same_key(const struct keyed *v, size_t n)
{
	size_t k = 1;

	while (k < n && v[k].key == v[0].key)
		k++;
	return k;
}

/* --- what the texts say --------------------------------------------------- */

static void
check_whole(struct finding *g)
{
	size_t with = 0, n = g->t->classes_n;
	struct problem *p;

	for (size_t c = 0; c < n; c++)
		with += g->count[c] > 0;
	if (with == 0 && (p = add(g, PROBLEM_NO_EXAMPLES, PROBLEM_ERROR, -1, -1)) != NULL) {
		p->what = n == 0 ? STR("There is no intent.") :
		    STR("No intent has an example: only names and descriptions are known.");
		p->fix = STR("Write five or more examples for each intent, as customers would put it.");
	}
	if (n == 1 && (p = add(g, PROBLEM_ONE_INTENT, PROBLEM_ERROR, 0, -1)) != NULL) {
		p->what = str_fmt(g->a, "\"%S\" is the only intent: every message will be taken for it.", id_of(g, 0));
		p->fix = STR("Add the other things that customers ask, or examples that are out of scope.");
	}
	if (n > MANY_INTENTS && (p = add(g, PROBLEM_TOO_MANY, PROBLEM_WARNING, -1, -1)) != NULL) {
		p->what = str_fmt(g->a, "%zu intents: more than anybody can keep apart, and slow to train.", n);
		p->fix = STR("Join intents that lead to the same action; is the label perhaps an id of each message?");
	}
}

static void
check_counts(struct finding *g)
{
	for (size_t c = 0; c < g->t->classes_n && g->exact_n > 0; c++) {
		struct problem *p;

		if (g->count[c] >= HEALTH_FEW)
			continue;
		p = add(g, g->count[c] == 0 ? PROBLEM_NO_EXAMPLES : PROBLEM_FEW_EXAMPLES, PROBLEM_HINT, (int)c, -1);
		if (p == NULL)
			continue;
		p->n = g->count[c];
		p->what = str_fmt(g->a, "\"%S\" has %zu example%s.", id_of(g, (int)c), g->count[c],
		    g->count[c] == 1 ? "" : "s");
		p->fix = str_fmt(g->a, "Add %zu more: real messages of customers are best.",
		    HEALTH_FEW - g->count[c]);
	}
}

static void
check_same_text(struct finding *g)
{
	for (size_t i = 0, k; i < g->exact_n; i += k) {
		const struct keyed *v = &g->exact[i];
		struct problem *p;
		size_t other = 0;

		k = same_key(v, g->exact_n - i);
		for (size_t j = 1; j < k && other == 0; j++)
			other = v[j].class != v[0].class ? j : 0;
		if (k == 1)
			continue;
		p = other > 0 ? add(g, PROBLEM_CONTRADICTION, PROBLEM_ERROR, v[0].class, v[other].class) :
				add(g, PROBLEM_REPEATED, PROBLEM_HINT, v[0].class, -1);
		if (p == NULL)
			continue;
		for (size_t j = 0; j < k; j++)
			show(p, v[j].example);
		p->what = other > 0 ? str_fmt(g->a, "The same text is an example of \"%S\" and of \"%S\".",
		    id_of(g, v[0].class), id_of(g, v[other].class)) :
		    str_fmt(g->a, "The same text stands %zu times in \"%S\".", k, id_of(g, v[0].class));
		p->fix = other > 0 ? STR("Keep it where it belongs; if it belongs to both, the intents want joining.") :
				     STR("Keep it once: repeated, it only weighs more.");
	}
}

static void
check_same_words(struct finding *g)
{
	for (size_t i = 0, k; i < g->exact_n; i += k) {
		const struct keyed *v = &g->bag[i];
		size_t other = 0;
		struct problem *p;

		k = same_key(v, g->exact_n - i);
		for (size_t j = 1; j < k && other == 0; j++)
			other = v[j].class != v[0].class ? j : 0;
		if (other == 0 || g->exact_of[v[other].example] == g->exact_of[v[0].example])
			continue;
		p = add(g, PROBLEM_NEAR_DUPLICATE, PROBLEM_WARNING, v[0].class, v[other].class);
		if (p == NULL)
			continue;
		for (size_t j = 0; j < k; j++)
			show(p, v[j].example);
		p->what = str_fmt(g->a, "Examples of \"%S\" and \"%S\" have the same words in another order.",
		    id_of(g, v[0].class), id_of(g, v[other].class));
		p->fix = STR("Check that each stands where it belongs.");
	}
}

static void
check_spelling(struct finding *g)
{
	size_t n = g->t->classes_n;
	struct keyed *v = arena_array(g->a, struct keyed, n + 1);

	for (size_t c = 0; c < n; c++) {
		struct str key = dataset_label_key(g->a, g->t->classes[c].id);

		v[c] = (struct keyed){ hash_more(STR_HASH64, key), (uint32_t)c, (int)c };
	}
	qsort(v, n, sizeof(*v), cmp_keyed);
	for (size_t i = 1; i < n; i++) {
		struct problem *p;

		if (v[i].key != v[i - 1].key)
			continue;
		p = add(g, PROBLEM_SPELLING, PROBLEM_ERROR, v[i - 1].class, v[i].class);
		if (p == NULL)
			continue;
		p->n = g->count[v[i].class];
		p->what = str_fmt(g->a, "\"%S\" and \"%S\" look like one label in two spellings; they count as two intents.",
		    id_of(g, v[i - 1].class), id_of(g, v[i].class));
		p->fix = str_fmt(g->a, "Write the %zu examples of \"%S\" as \"%S\".", g->count[v[i].class],
		    id_of(g, v[i].class), id_of(g, v[i - 1].class));
	}
}

static void
check_templates(struct finding *g)
{
	bool *told = arena_array(g->a, bool, g->t->n + 1);

	for (size_t i = 0, k; i < g->slot_n; i += k) {
		const struct keyed *v = &g->slot[i];
		struct problem *p;
		size_t distinct = 0;

		k = same_key(v, g->slot_n - i);
		for (size_t j = 0; j < k; j++)
			distinct += !told[v[j].example] && (j == 0 || v[j].example != v[j - 1].example);
		if (distinct < TEMPLATE_LEAST)
			continue;
		p = add(g, PROBLEM_TEMPLATE, distinct * 4 >= g->count[v[0].class] ? PROBLEM_WARNING : PROBLEM_HINT,
		    v[0].class, -1);
		for (size_t j = 0; j < k; j++) {
			if (p != NULL && !told[v[j].example])
				show(p, v[j].example);
			told[v[j].example] = true;
		}
		if (p == NULL)
			continue;
		p->what = str_fmt(g->a, "%zu examples of \"%S\" are one sentence with one word changed.", p->n,
		    id_of(g, v[0].class));
		p->fix = STR("Keep two or three and write others in other words: held-out figures look better than they "
			     "are while such sentences leak from one fold to another.");
	}
}

/* --- what the folds say --------------------------------------------------- */

struct mistake {
	int low, high;		/* the two classes, ordered */
	uint32_t example;
	bool low_is_truth;
};

static int
cmp_mistake(const void *a, const void *b)
{
	const struct mistake *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return x->example < y->example ? -1 : x->example > y->example;
}

static void
overlap(struct finding *g, const struct mistake *v, size_t k)
{
	size_t forth = 0, small;
	struct problem *p;

	for (size_t i = 0; i < k; i++)
		forth += v[i].low_is_truth;
	small = g->count[v[0].low] < g->count[v[0].high] ? g->count[v[0].low] : g->count[v[0].high];
	if (k < OVERLAP_LEAST || forth == 0 || forth == k || (double)k < OVERLAP_SHARE * (double)small)
		return;
	p = add(g, PROBLEM_OVERLAP, PROBLEM_WARNING, v[0].low, v[0].high);
	if (p == NULL)
		return;
	for (size_t i = 0; i < k; i++)
		show(p, v[i].example);
	p->what = str_fmt(g->a, "\"%S\" and \"%S\" are taken for each other: %zu examples one way, %zu the other.",
	    id_of(g, v[0].low), id_of(g, v[0].high), forth, k - forth);
	p->fix = STR("Say in both descriptions what tells them apart and move misplaced examples; where the answer is the "
		     "same, join them.");
}

static void
check_folds(struct finding *g, const struct classifier *c)
{
	size_t n, mistakes = 0;
	const struct out_of_fold *v = classifier_out_of_fold(c, &n);
	struct mistake *m = arena_array(g->a, struct mistake, n + 1);

	for (size_t i = 0; i < n; i++) {
		struct problem *p;

		if (v[i].truth < 0 || v[i].best < 0 || v[i].truth == v[i].best)
			continue;
		m[mistakes++] = (struct mistake){
			.low = v[i].truth < v[i].best ? v[i].truth : v[i].best,
			.high = v[i].truth < v[i].best ? v[i].best : v[i].truth,
			.example = (uint32_t)v[i].example,
			.low_is_truth = v[i].truth < v[i].best,
		};
		if (v[i].p_best < MISPLACED_P || g->count[v[i].truth] < HEALTH_FEW)
			continue;
		p = add(g, PROBLEM_MISPLACED, PROBLEM_WARNING, v[i].truth, v[i].best);
		if (p == NULL)
			continue;
		show(p, (uint32_t)v[i].example);
		p->what = str_fmt(g->a, "An example of \"%S\" reads like one of \"%S\".", id_of(g, v[i].truth),
		    id_of(g, v[i].best));
		p->fix = str_fmt(g->a, "Move it to \"%S\", or add others like it to \"%S\".", id_of(g, v[i].best),
		    id_of(g, v[i].truth));
	}
	qsort(m, mistakes, sizeof(*m), cmp_mistake);
	for (size_t i = 0, k; i < mistakes; i += k) {
		for (k = 1; i + k < mistakes && m[i + k].low == m[i].low && m[i + k].high == m[i].high; k++)
			continue;
		overlap(g, &m[i], k);
	}
}

/* --- all of it ------------------------------------------------------------ */

static int
cmp_problem(const void *a, const void *b)
{
	const struct problem *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->other != y->other)
		return x->other < y->other ? -1 : 1;
	return x->example[0] < y->example[0] ? -1 : x->example[0] > y->example[0];
}

void
health_check(struct arena *a, const struct training *t, const struct classifier *c, struct health *out)
{
	struct finding g = { .a = a, .t = t };

	g.v = arena_array(a, struct problem, HEALTH_PROBLEMS_MAX);
	g.count = arena_array(a, size_t, t->classes_n + 1);
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].class >= 0)
			g.count[t->v[i].class]++;
	collect(&g);
	check_whole(&g);
	check_spelling(&g);
	check_same_text(&g);
	if (c != NULL)
		check_folds(&g, c);
	check_same_words(&g);
	check_templates(&g);
	check_counts(&g);
	qsort(g.v, g.n, sizeof(*g.v), cmp_problem);
	*out = (struct health){ g.v, g.n, g.more };
}

json_t *
health_to_json(struct arena *a, const struct training *t, const struct health *h)
{
	static const char *const weights[] = { "hint", "warning", "error" };
	json_t *all = json_arr(a);

	for (size_t i = 0; i < h->n; i++) {
		const struct problem *p = &h->v[i];
		json_t *o = json_obj(a), *examples = json_arr(a);

		json_set_z(o, "kind", problem_name[p->kind]);
		json_set_z(o, "weight", weights[p->weight]);
		if (p->class >= 0)
			json_set_str(o, "intent", t->classes[p->class].id);
		if (p->other >= 0)
			json_set_str(o, "other", t->classes[p->other].id);
		json_set_str(o, "what", p->what);
		json_set_str(o, "fix", p->fix);
		json_set_i64(o, "n", (int64_t)p->n);
		for (size_t k = 0; k < p->example_n; k++) {
			const struct labelled *e = &t->v[p->example[k]];
			json_t *one = json_obj(a);

			json_set_str(one, "text", e->text);
			if (e->class >= 0)
				json_set_str(one, "intent", t->classes[e->class].id);
			json_push(examples, one);
		}
		json_set(o, "examples", examples);
		json_push(all, o);
	}
	return all;
}
