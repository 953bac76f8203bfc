/* SPDX-License-Identifier: Apache-2.0 */
/* eval_sets.c - files of text and label as classes and numbers, and what is odd about them. */
#include "insight/eval/eval_private.h"

#include <stdlib.h>
#include <string.h>

#define NOTES_MAX 40
#define NAME_LETTERS 3

/* --- classes -------------------------------------------------------------- */

static int
cmp_str(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool
is_oos(const struct eval_spec *s, struct str label)
{
	return s->oos.n > 0 && str_eq(s->oos, label);
}

static int
class_of(const struct eval_run *r, struct str label)
{
	size_t low = 0, high = r->r->classes_n;

	if (is_oos(r->spec, label))
		return CLASS_OUT_OF_SCOPE;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int by = str_cmp(r->classes[mid].id, label);

		if (by == 0)
			return (int)mid;
		if (by < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return EVAL_UNSEEN;
}

struct str
eval_name_of_label(struct arena *a, struct str label)
{
	char *to = arena_alloc(a, label.n * 2 + 1);
	size_t n = 0, letters = 0, digits = 0;
	bool lower = false;

	for (size_t i = 0; i < label.n; i++)
		lower |= label.p[i] >= 'a' && label.p[i] <= 'z';
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];
		bool upper = c >= 'A' && c <= 'Z', small = c >= 'a' && c <= 'z';

		letters += upper || small || (unsigned char)c >= 0x80;
		digits += c >= '0' && c <= '9';
		if (upper && lower && i > 0 && label.p[i - 1] >= 'a' && label.p[i - 1] <= 'z')
			to[n++] = ' ';
		to[n++] = (char)(upper ? c + 32 : c == '_' || c == '-' || c == '.' || c == '/' || c == ':' ? ' ' : c);
	}
	to[n] = '\0';
	if (letters < NAME_LETTERS || digits > letters)
		return STR_NONE;
	return str_trim((struct str){ to, n });
}

static size_t
distinct(struct str *v, size_t n)
{
	size_t k = 0;

	qsort(v, n, sizeof(*v), cmp_str);
	for (size_t i = 0; i < n; i++)
		if (k == 0 || !str_eq(v[k - 1], v[i]))
			v[k++] = v[i];
	return k;
}

void
eval_make_classes(struct eval_run *r)
{
	const struct eval_spec *s = r->spec;
	size_t rows = s->train == NULL ? 0 : s->train->n, n = 0;
	struct str *v = arena_array(r->a, struct str, rows + s->names_n + 1);

	for (size_t i = 0; i < rows; i++)
		if (!is_oos(s, s->train->v[i].label))
			v[n++] = s->train->v[i].label;
	for (size_t i = 0; i < s->names_n; i++)
		if (!is_oos(s, s->names[i].id))
			v[n++] = s->names[i].id;
	n = distinct(v, n);
	r->classes = arena_array(r->a, struct class_def, n + 1);
	for (size_t i = 0; i < n; i++) {
		r->classes[i].id = v[i];
		if (!s->bare_labels)
			r->classes[i].name = eval_name_of_label(r->a, v[i]);
	}
	r->r->classes_n = n;
	for (size_t i = 0; i < s->names_n; i++) {
		int c = class_of(r, s->names[i].id);

		if (c < 0)
			continue;
		if (s->names[i].name.n > 0)
			r->classes[c].name = s->names[i].name;
		r->classes[c].description = s->names[i].description;
	}
}

/* --- notes ---------------------------------------------------------------- */

void
eval_note(struct arena *a, struct eval_result *r, struct str text)
{
	struct str *v;

	if (r->notes_n == NOTES_MAX)
		return;
	v = arena_array(a, struct str, r->notes_n + 1);
	if (r->notes_n > 0)
		memcpy(v, r->notes, r->notes_n * sizeof(*v));
	v[r->notes_n++] = text;
	r->notes = v;
}

static void
note(struct eval_run *r, struct str text)
{
	eval_note(r->a, r->r, text);
}

static void
note_dataset(struct eval_run *r, const struct dataset *d)
{
	for (size_t i = 0; d != NULL && i < d->notes_n; i++)
		note(r, d->notes[i].text);
}

/* Labels that training does not have: most likely a slip in one of the files. */
static void
note_unseen(struct eval_run *r)
{
	const struct dataset *d = r->spec->test;
	struct str *v = arena_array(r->a, struct str, d->n + 1);
	size_t n = 0, rows = 0;

	for (size_t i = 0; i < d->n; i++)
		if (r->truth[i] == EVAL_UNSEEN)
			v[rows++] = d->v[i].label;
	n = distinct(v, rows);
	r->r->unseen = rows;
	r->r->unseen_labels = n;
	for (size_t i = 0; i < n && i < 5; i++) {
		struct str key = dataset_label_key(r->a, v[i]), like = STR_NONE;

		for (size_t c = 0; c < r->r->classes_n && like.n == 0; c++)
			if (str_eq(dataset_label_key(r->a, r->classes[c].id), key))
				like = r->classes[c].id;
		note(r, like.n > 0 ? str_fmt(r->a, "%S: the label \"%S\" is not in training, which has \"%S\": counted as wrong",
		    d->path, v[i], like) :
		    str_fmt(r->a, "%S: the label \"%S\" is not in training: counted as wrong (--oos makes one label mean "
		    "out of scope)", d->path, v[i]));
	}
	if (n > 5)
		note(r, str_fmt(r->a, "%S: %zu more labels are not in training", d->path, n - 5));
}

static void
note_leaks(struct eval_run *r)
{
	const struct dataset *d = r->spec->test;
	struct str *v = arena_array(r->a, struct str, r->all_n + 1);

	for (size_t i = 0; i < r->all_n; i++)
		v[i] = r->all[i].text;
	qsort(v, r->all_n, sizeof(*v), cmp_str);
	for (size_t i = 0; i < d->n && r->all_n > 0; i++)
		r->r->leaked += bsearch(&d->v[i].text, v, r->all_n, sizeof(*v), cmp_str) != NULL;
	if (r->r->leaked > 0)
		note(r, str_fmt(r->a, "%S: %zu of %zu texts stand in training too: the figures look better than they are",
		    d->path, r->r->leaked, d->n));
}

/* --- sets ----------------------------------------------------------------- */

static struct labelled *
label_rows(struct eval_run *r, const struct dataset *d, size_t *n)
{
	struct labelled *v = arena_array(r->a, struct labelled, (d == NULL ? 0 : d->n) + 1);

	*n = 0;
	for (size_t i = 0; d != NULL && i < d->n; i++) {
		int c = class_of(r, d->v[i].label);

		if (c != EVAL_UNSEEN)
			v[(*n)++] = (struct labelled){ d->v[i].text, c };
	}
	return v;
}

void
eval_make_sets(struct eval_run *r)
{
	const struct eval_spec *s = r->spec;
	size_t known = 0;

	note_dataset(r, s->train);
	note_dataset(r, s->valid);
	note_dataset(r, s->test);
	r->all = label_rows(r, s->train, &r->all_n);
	r->held = label_rows(r, s->valid, &r->held_n);
	r->train = arena_array(r->a, struct labelled, r->all_n + 1);
	if (s->valid != NULL && r->held_n < s->valid->n)
		note(r, str_fmt(r->a, "%S: %zu rows have labels that training does not have: left out", s->valid->path,
		    s->valid->n - r->held_n));
	r->truth = arena_array(r->a, int, s->test->n + 1);
	for (size_t i = 0; i < s->test->n; i++) {
		r->truth[i] = class_of(r, s->test->v[i].label);
		known += r->truth[i] == CLASS_OUT_OF_SCOPE;
	}
	if (s->oos.n > 0 && known == 0)
		note(r, str_fmt(r->a, "%S: no row has the out-of-scope label \"%S\"", s->test->path, s->oos));
	if (s->history != NULL) {
		r->history = arena_array(r->a, struct str, s->history->n + 1);
		for (size_t i = 0; i < s->history->n; i++)
			r->history[i] = s->history->v[i].text;
	}
	note_unseen(r);
	note_leaks(r);
}

void
eval_draw_shots(struct eval_run *r, uint64_t seed)
{
	size_t k = r->spec->shots, *left;
	uint32_t *order;
	bool *in;

	r->train_n = r->all_n;
	if (k == EVAL_ALL_SHOTS) {
		memcpy(r->train, r->all, r->all_n * sizeof(*r->all));
		return;
	}
	left = arena_array(r->a, size_t, r->r->classes_n + 1);
	order = arena_array(r->a, uint32_t, r->all_n + 1);
	in = arena_array(r->a, bool, r->all_n + 1);
	for (size_t i = 0; i <= r->r->classes_n; i++)
		left[i] = k;
	for (size_t i = 0; i < r->all_n; i++)
		order[i] = (uint32_t)i;
	for (size_t i = r->all_n; i > 1; i--) {
		size_t j = (size_t)(eval_next_random(&seed) % i);
		uint32_t swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
	for (size_t i = 0; i < r->all_n; i++) {
		int c = r->all[order[i]].class;
		size_t *mine = &left[c < 0 ? r->r->classes_n : (size_t)c];

		in[order[i]] = *mine > 0;
		*mine -= *mine > 0;
	}
	r->train_n = 0;
	for (size_t i = 0; i < r->all_n; i++)
		if (in[i])
			r->train[r->train_n++] = r->all[i];
}
