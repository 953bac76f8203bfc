/* SPDX-License-Identifier: Apache-2.0 */
/* pii.c - personal data of structured types, on the sentences of Presidio-research.
 *
 *	nlu_pii DATA [--final]
 *
 * DATA holds pii/generated_small.json, that one is developed on, and
 * generated_large.json, that --final reads.  Counted are the types that have a
 * form of their own: card, IBAN, SSN, telephone, e-mail, IP address.  Not
 * counted: names, places and organisations (not structured), a shop's plain URL and a day (not
 * personal here), addresses (the set has them in loose pieces), driving licences (a number of any form).
 * Found: one span of that kind covers the whole of it.  Wrong: a span of such a
 * kind that touches none of its kind.  A line a type on standard error, the two
 * rows of bench/nlu/run on standard output.  With --misses, what was missed of the small set.
 */
#include "base/json.h"
#include "insight/eval/metrics.h"
#include "nlu/personal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)64 << 20)
#define SPANS_MAX 64

static const struct type {
	const char *label, *kind;
	bool counted;
} types[] = {
	{ "CREDIT_CARD", "card", true }, { "IBAN_CODE", "iban", true }, { "US_SSN", "national_id", true },
	{ "PHONE_NUMBER", "phone", true }, { "EMAIL_ADDRESS", "email", true }, { "IP_ADDRESS", "ip", true },
	{ "US_DRIVER_LICENSE", "national_id", false },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

struct tally {
	size_t there, found, said, right;
};

struct gold {
	size_t type, from, to;
};

static size_t
byte_of(struct str s, int64_t characters)
{
	size_t i = 0;

	for (; i < s.n && characters > 0; characters--)
		for (i++; i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80; i++)
			continue;
	return i;
}

static size_t
read_spans(const json_t *item, struct str text, struct gold v[SPANS_MAX])
{
	const json_t *spans = json_object_get(item, "spans");
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(spans) && n < SPANS_MAX; i++) {
		const json_t *o = json_array_get(spans, i);

		for (size_t t = 0; t < TYPES; t++)
			if (str_eqz(json_get_str(o, "entity_type"), types[t].label))
				v[n++] = (struct gold){ t, byte_of(text, json_get_i64(o, "start_position", 0)),
					byte_of(text, json_get_i64(o, "end_position", 0)) };
	}
	return n;
}

static void
score(struct str text, const struct gold *gold, size_t gold_n, const struct personal *p, size_t p_n,
    struct tally tally[TYPES], bool misses)
{
	for (size_t i = 0; i < gold_n; i++) {
		bool found = false;

		for (size_t k = 0; k < p_n; k++)
			found |= str_eqz(p[k].kind, types[gold[i].type].kind) && p[k].from <= gold[i].from &&
			    p[k].to >= gold[i].to;
		tally[gold[i].type].there++;
		tally[gold[i].type].found += found;
		if (misses && !found)
			fprintf(stderr, "missed %s \"%.*s\"\n", types[gold[i].type].label,
			    STR_ARG(str_sub(text, gold[i].from, gold[i].to - gold[i].from)));
	}
	for (size_t k = 0; k < p_n; k++) {
		size_t first = TYPES, own = TYPES;

		for (size_t t = TYPES; t > 0; t--)
			if (str_eqz(p[k].kind, types[t - 1].kind))
				first = t - 1;
		for (size_t i = 0; i < gold_n; i++)
			if (str_eqz(p[k].kind, types[gold[i].type].kind) && p[k].from < gold[i].to &&
			    p[k].to > gold[i].from)
				own = gold[i].type;
		if (first == TYPES)
			continue;
		tally[own < TYPES ? own : first].said++;
		tally[own < TYPES ? own : first].right += own < TYPES;
		if (misses && own == TYPES)
			fprintf(stderr, "wrong %.*s \"%.*s\" in: %.*s\n", STR_ARG(p[k].kind),
			    STR_ARG(str_sub(text, p[k].from, p[k].to - p[k].from)), STR_ARG(text));
	}
}

static void
row(const char *name, size_t right, size_t of, const char *file)
{
	struct interval w = metrics_wilson(right, of);

	printf("{\"row\": \"%s\", \"value\": %.5f, \"low\": %.5f, \"high\": %.5f, \"n\": %zu, \"note\": \"%s\"}\n", name,
	    of == 0 ? 0.0 : (double)right / (double)of, w.low, w.high, of, file);
}

static void
report(const struct tally tally[TYPES], const char *file)
{
	struct tally sum = { 0 };

	for (size_t t = 0; t < TYPES; t++) {
		const struct tally *y = &tally[t];
		struct interval r = metrics_wilson(y->found, y->there), p = metrics_wilson(y->right, y->said);

		fprintf(stderr, "%-18s recall %4zu/%-4zu %.1f-%.1f %%  precision %4zu/%-4zu %.1f-%.1f %%%s\n",
		    types[t].label, y->found, y->there, r.low * 100, r.high * 100, y->right, y->said, p.low * 100,
		    p.high * 100, types[t].counted ? "" : "  (not counted)");
		if (!types[t].counted)
			continue;
		sum.there += y->there;
		sum.found += y->found;
		sum.said += y->said;
		sum.right += y->right;
	}
	row("pii_recall", sum.found, sum.there, file);
	row("pii_precision", sum.right, sum.said, file);
}

static bool
read_file(const char *path, char **out, size_t *n)
{
	FILE *f = fopen(path, "re");

	*out = malloc(FILE_MAX);
	*n = 0;
	if (f == NULL || *out == NULL) {
		fprintf(stderr, "%s: cannot be read\n", path);
		if (f != NULL)
			fclose(f);
		return false;
	}
	*n = fread(*out, 1, FILE_MAX, f);
	fclose(f);
	return true;
}

int
main(int argc, char **argv)
{
	bool final = argc > 2 && strcmp(argv[2], "--final") == 0;
	bool misses = argc > 2 && strcmp(argv[2], "--misses") == 0;
	const char *file = final ? "generated_large.json" : "generated_small.json";
	struct arena *a = arena_new((size_t)256 << 20), *one = arena_new(0);
	struct tally tally[TYPES] = { { 0 } };
	struct fault f = { 0 };
	char path[4096], *bytes;
	json_t *all;
	size_t n;

	if (argc < 2) {
		fprintf(stderr, "usage: nlu_pii DATA [--final|--misses]\n");
		return 2;
	}
	(void)snprintf(path, sizeof(path), "%s/pii/%s", argv[1], file);
	if (!read_file(path, &bytes, &n))
		return 1;
	if (json_parse_foreign(a, (struct str){ bytes, n }, FILE_MAX, &all, &f) != E_OK) {
		fprintf(stderr, "%s: %s\n", path, f.text);
		return 1;
	}
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *item = json_array_get(all, i);
		struct str text = json_get_str(item, "full_text");
		struct gold gold[SPANS_MAX];
		size_t gold_n = read_spans(item, text, gold), p_n;
		const struct personal *p = personal_find(text, one, &p_n);

		score(text, gold, gold_n, p, p_n, tally, misses);
		arena_reset(one);
	}
	report(tally, file);
	arena_free(&one);
	arena_free(&a);
	free(bytes);
	return 0;
}
