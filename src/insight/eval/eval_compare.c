/* SPDX-License-Identifier: Apache-2.0 */
/* eval_compare.c - keeps an evaluation text by text, and says what has changed since.
 *
 * The file is canonical JSON of a line a text: readable, and fit for `diff`.
 */
#include "insight/eval/eval_private.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>

#define FORMAT "baton-eval 1"
#define SAVED_MAX ((size_t)512 << 20)

static int64_t
ppm(double v)
{
	return isfinite(v) ? (int64_t)llround(v * 1e6) : -1;
}

struct str
eval_class_name(const struct eval_result *r, int class)
{
	if (class == CLASS_OUT_OF_SCOPE)
		return r->oos.n > 0 ? r->oos : STR("out of scope");
	return class >= 0 && (size_t)class < r->classes_n ? r->classes[class].id : STR("?");
}

static struct str
said_of(const struct eval_result *r, const struct eval_item *t)
{
	return t->refused || t->best < 0 ? eval_class_name(r, CLASS_OUT_OF_SCOPE) : r->classes[t->best].id;
}

void
eval_save(const struct eval_result *r, struct buf *b)
{
	buf_fmt(b, "{\"format\":\"" FORMAT "\",\"n\":%zu,\"accuracy\":%lld,\"encoder\":", r->n,
	    (long long)ppm(r->runs[0].accuracy));
	buf_add_json(b, r->encoder);
	buf_add_z(b, ",\"train\":");
	buf_add_json(b, r->train_path);
	buf_add_z(b, ",\"test\":");
	buf_add_json(b, r->test_path);
	buf_fmt(b, ",\"seed\":%lld,\"examples\":[", (long long)r->runs[0].seed);
	for (size_t i = 0; i < r->n; i++) {
		const struct eval_item *t = &r->items[i];

		buf_add_z(b, i > 0 ? ",\n{\"text\":" : "\n{\"text\":");
		buf_add_json(b, t->text);
		buf_add_z(b, ",\"label\":");
		buf_add_json(b, t->label);
		buf_add_z(b, ",\"said\":");
		buf_add_json(b, said_of(r, t));
		buf_add_z(b, ",\"best\":");
		buf_add_json(b, t->best < 0 ? STR_NONE : r->classes[t->best].id);
		buf_fmt(b, ",\"p\":%lld,\"unknown\":%lld,\"sure\":%lld,\"right\":%s}", (long long)ppm(t->p),
		    (long long)ppm(t->unknown), (long long)ppm(t->sure), t->right ? "true" : "false");
	}
	buf_add_z(b, "]}\n");
}

/* --- comparing ------------------------------------------------------------ */

struct judged {			/* sorted by label, text and order, so that repeats pair up */
	struct str text, label, said;
	size_t at;
	bool right;
};

static int
cmp_named(const struct judged *x, const struct judged *y)
{
	int by = str_cmp(x->label, y->label);

	return by != 0 ? by : str_cmp(x->text, y->text);
}

static int
cmp_judged(const void *a, const void *b)
{
	const struct judged *x = a, *y = b;
	int by = cmp_named(x, y);

	return by != 0 ? by : x->at < y->at ? -1 : x->at > y->at;
}

static int
cmp_change(const void *a, const void *b)
{
	const struct eval_change *x = a, *y = b;
	int by;

	if (x->better != y->better)
		return x->better ? 1 : -1;
	by = str_cmp(x->label, y->label);
	return by != 0 ? by : str_cmp(x->text, y->text);
}

static enum err
load(struct arena *a, const char *path, struct judged **out, size_t *n, struct fault *f)
{
	struct str bytes;
	const json_t *v;
	struct judged *j;
	json_t *o;

	TRY(dataset_slurp(a, path, SAVED_MAX, &bytes, f));
	if (json_parse(a, bytes, SAVED_MAX, &o, f) != E_OK)
		return fault_wrap(f, "%s", path);
	v = json_object_get(o, "examples");
	if (!str_eq(json_get_str(o, "format"), STR(FORMAT)) || !json_is_array(v))
		return fault(f, E_INVALID, "%s: not an evaluation that --save wrote (format " FORMAT ")", path);
	*n = json_array_size(v);
	*out = j = arena_array(a, struct judged, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		const json_t *one = json_array_get(v, i);

		j[i] = (struct judged){ json_get_str(one, "text"), json_get_str(one, "label"), json_get_str(one, "said"),
			i, json_get_bool(one, "right", false) };
	}
	qsort(j, *n, sizeof(*j), cmp_judged);
	return E_OK;
}

static void
pair(const struct judged *was, const struct judged *is, struct eval_change *v, struct eval_comparison *c)
{
	c->was_accuracy += was->right;
	c->is_accuracy += is->right;
	if (was->right == is->right) {
		c->same++;
		return;
	}
	v[c->n++] = (struct eval_change){ is->text, is->label, was->said, is->said, is->right };
	c->better += is->right;
	c->worse += was->right;
}

enum err
eval_compare(struct arena *a, const char *path, const struct eval_result *now, struct eval_comparison *out,
    struct fault *f)
{
	struct judged *was = NULL, *is = arena_array(a, struct judged, now->n + 1);
	struct eval_change *v = arena_array(a, struct eval_change, now->n + 1);
	size_t was_n = 0, i = 0, j = 0;
	double both;

	*out = (struct eval_comparison){ .path = str_dup(a, str_from(path)), .v = v };
	TRY(load(a, path, &was, &was_n, f));
	for (size_t k = 0; k < now->n; k++)
		is[k] = (struct judged){ now->items[k].text, now->items[k].label, said_of(now, &now->items[k]), k,
			now->items[k].right };
	qsort(is, now->n, sizeof(*is), cmp_judged);
	while (i < was_n && j < now->n) {
		int by = cmp_named(&was[i], &is[j]);

		if (by == 0)
			pair(&was[i], &is[j], v, out);
		out->gone += by < 0;
		out->added += by > 0;
		i += by <= 0;
		j += by >= 0;
	}
	out->gone += was_n - i;
	out->added += now->n - j;
	both = (double)(out->same + out->n);
	if (both < 1)
		return fault(f, E_INVALID, "%s: it has no text with the same label as this test", path);
	out->was_accuracy /= both;
	out->is_accuracy /= both;
	out->p = metrics_mcnemar(out->worse, out->better);
	qsort(v, out->n, sizeof(*v), cmp_change);
	return E_OK;
}
