/* SPDX-License-Identifier: Apache-2.0 */
/* formats.c - the desk's own numbers, as its policy writes them and as people type them.
 *
 * First the pattern over the text.  Where it finds nothing, up to four neighbouring
 * runs of letters and digits are tried as one code: without what stands between, with a dash or a blank
 * there, with 0 for O and 1 for I and l.  The whole candidate must match, so
 * that nothing is found in a longer number.  A code whose check digit is wrong is none.
 */
#include "nlu/checks.h"
#include "nlu/entity_parts.h"
#include "nlu/senses.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 500
#define WINDOW_TOKENS 5
#define WINDOW_BYTES 40
#define TRIES_MAX 4000		/* matches a message and format: bounds the time */

struct patterns {
	pcre2_match_context *context;
	pcre2_code **code;
	size_t n;
	const struct products *products;
};

static void
patterns_close(void *arg)
{
	struct patterns *p = arg;

	for (size_t i = 0; i < p->n; i++)
		pcre2_code_free(p->code[i]);
	pcre2_match_context_free(p->context);
	p->n = 0;
}

enum err
patterns_compile(struct arena *a, const struct policy *p, const struct patterns **out, struct fault *f)
{
	struct patterns *v = arena_new_of(a, struct patterns);

	v->code = arena_array(a, pcre2_code *, p->entities_n + 1);
	arena_defer(a, patterns_close, v);
	v->context = pcre2_match_context_create(NULL);
	CHECK(v->context != NULL);
	pcre2_set_match_limit(v->context, MATCH_LIMIT);
	pcre2_set_depth_limit(v->context, DEPTH_LIMIT);
	for (size_t i = 0; i < p->entities_n; i++) {
		const struct entity_format *e = &p->entities[i];
		PCRE2_SIZE at = 0;
		int code = 0;
		PCRE2_UCHAR why[128] = { 0 };

		v->code[i] = pcre2_compile((PCRE2_SPTR)e->pattern.p, e->pattern.n, PCRE2_CASELESS | PCRE2_UTF |
		    PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
		if (v->code[i] == NULL) {
			pcre2_get_error_message(code, why, sizeof(why));
			return fault(f, E_CONFIG, "entity \"%.*s\": pattern, column %zu: %s", STR_ARG(e->id),
			    (size_t)at + 1, (const char *)why);
		}
		v->n = i + 1;
	}
	v->products = products_index(a, p);
	*out = v;
	return E_OK;
}

const struct products *
patterns_products(const struct patterns *pat)
{
	return pat == NULL ? NULL : pat->products;
}

/* Twenty KB each, and a training reads thousands of texts in one arena: freed when the text was
 * read; by the arena only where that was left through its ceiling. */
struct match_data {
	pcre2_match_data *md;
};

static void
match_data_close(void *arg)
{
	struct match_data *d = arg;

	pcre2_match_data_free(d->md);
	d->md = NULL;
}

struct search {
	struct found *f;
	const struct patterns *pat;
	const struct entity_format *e;
	const pcre2_code *code;
	pcre2_match_data *md;
	int tries;
};

static struct str
upper(struct arena *a, struct str s)
{
	char *p = str_z(a, s);

	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - ('a' - 'A'));
	return (struct str){ p, s.n };
}

/* The replacement with $0..$9; captures in capitals, as codes are written. */
static struct str
fill_normal(struct arena *a, struct str normal, struct str subject, const PCRE2_SIZE *ov, uint32_t groups)
{
	struct str out = STR_NONE;

	for (size_t i = 0; i < normal.n; i++) {
		size_t g;

		if (normal.p[i] != '$' || i + 1 == normal.n || normal.p[i + 1] < '0' || normal.p[i + 1] > '9') {
			out = str_fmt(a, "%S%c", out, normal.p[i]);
			continue;
		}
		g = (size_t)(normal.p[++i] - '0');
		if (g < groups && ov[2 * g] != PCRE2_UNSET)
			out = str_fmt(a, "%S%S", out, upper(a, str_sub(subject, ov[2 * g],
			    ov[2 * g + 1] - ov[2 * g])));
	}
	return out;
}

static bool
is_checked(const struct search *x, struct str subject, const PCRE2_SIZE *ov, int groups)
{
	size_t g = groups > 1 && ov[2] != PCRE2_UNSET ? 1 : 0;

	return check_scheme(x->e->check, str_sub(subject, ov[2 * g], ov[2 * g + 1] - ov[2 * g]));
}

/* As it is written in the text; true if there was any. */
static bool
exact(struct search *x)
{
	const struct scan *s = x->f->s;
	struct str t = s->plain.at == NULL ? s->plain.s : s->raw;
	size_t at = 0, k = 0;
	bool any = false;

	while (at <= t.n && x->f->n < CANDIDATES_MAX) {
		const PCRE2_SIZE *ov = pcre2_get_ovector_pointer(x->md);
		int n = pcre2_match(x->code, (PCRE2_SPTR)t.p, t.n, at, 0, x->md, x->pat->context);
		size_t from, to;

		if (n <= 0)	/* none, or a limit was reached: as if none */
			break;
		if (ov[1] <= ov[0])
			break;
		at = ov[1];
		if (!is_checked(x, t, ov, n))
			continue;
		/* back into the plain text, whose offsets only grow */
		for (; k < s->low.n && plain_at(&s->plain, k) < ov[0]; k++)
			continue;
		from = k;
		for (to = from; to < s->low.n && plain_at(&s->plain, to) < ov[1]; to++)
			continue;
		if (to > from)
			found_add(x->f, x->e->id, from, to, fill_normal(x->f->a, x->e->normal, t, ov, (uint32_t)n),
			    995000);
		any = true;
	}
	return any;
}

/* Does the whole candidate match? */
static bool
try_code(struct search *x, struct str code, size_t from, size_t to, int32_t p_ppm)
{
	const PCRE2_SIZE *ov = pcre2_get_ovector_pointer(x->md);
	int n;

	if (code.n == 0 || x->tries-- <= 0)
		return false;
	n = pcre2_match(x->code, (PCRE2_SPTR)code.p, code.n, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED, x->md,
	    x->pat->context);
	if (n <= 0 || ov[1] != code.n || !is_checked(x, code, ov, n))
		return false;
	found_add(x->f, x->e->id, from, to, fill_normal(x->f->a, x->e->normal, code, ov, (uint32_t)n), p_ppm);
	return true;
}

/* What may stand inside a code that is typed: at most three of " -._/#". */
static bool
is_inside(struct str gap)
{
	if (gap.n > 3)
		return false;
	for (size_t i = 0; i < gap.n; i++)
		if (memchr(" -._/#", gap.p[i], 6) == NULL)
			return false;
	return true;
}

enum joint { JOINT_NONE, JOINT_DASH, JOINT_BLANK, JOINT_DASH_LETTERS, JOINT_N };

static char
as_digit(char c)
{
	return c == 'o' || c == 'O' ? '0' : c == 'i' || c == 'I' || c == 'l' ? '1' : c;
}

/* Tokens i..end as one code; letters that stand among digits as digits if `mend`. */
static struct str
spell(const struct search *x, size_t i, size_t end, enum joint joint, bool mend, char buf[2 * WINDOW_BYTES])
{
	const struct scan *s = x->f->s;
	size_t n = 0;

	for (size_t k = i; k < end; k++) {
		struct str w = str_sub(s->plain.s, s->v[k].from, s->v[k].to - s->v[k].from), gap = scan_gap(s, k);
		bool odd = mend && !s->v[k].digits && w.n <= 2 && ((k > i && s->v[k - 1].digits && gap.n == 0) ||
		    (k + 1 < end && s->v[k + 1].digits && scan_gap(s, k + 1).n == 0 && k > i));

		if (k > i && joint == JOINT_DASH_LETTERS && !odd && s->v[k].digits && k == i + 1 &&
		    !s->v[k - 1].digits)
			buf[n++] = '-';
		else if (k > i && gap.n > 0 && (joint == JOINT_DASH || joint == JOINT_BLANK))
			buf[n++] = joint == JOINT_DASH ? '-' : ' ';
		for (size_t j = 0; j < w.n && n < 2 * WINDOW_BYTES - 2; j++)
			buf[n++] = odd ? as_digit(w.p[j]) : w.p[j];
	}
	return (struct str){ buf, n };
}

static bool
loose_at(struct search *x, size_t i, size_t end)
{
	const struct scan *s = x->f->s;
	bool letters = false, digits = false;

	for (size_t k = i; k < end; k++) {
		letters |= !s->v[k].digits;
		digits |= s->v[k].digits;
	}
	if (!digits)
		return false;
	for (int mend = 0; mend < (letters ? 2 : 1); mend++)
		for (int joint = 0; joint < JOINT_N; joint++) {
			char buf[2 * WINDOW_BYTES];
			struct str code = spell(x, i, end, (enum joint)joint, mend == 1, buf);

			/* digits alone are easily something else */
			if (try_code(x, code, s->v[i].from, s->v[end - 1].to, letters ? 900000 : 600000))
				return true;
		}
	return false;
}

static bool
loose(struct search *x)
{
	const struct scan *s = x->f->s;
	bool any = false;

	for (size_t i = 0; s->has_digit && i < s->n; i++) {
		size_t end = i + 1;

		/* from the beginning of a word only */
		if (i > 0 && scan_gap(s, i).n == 0)
			continue;
		while (end < s->n && end - i < WINDOW_TOKENS && is_inside(scan_gap(s, end)) &&
		    s->v[end].to - s->v[i].from <= WINDOW_BYTES)
			end++;
		for (; end > i; end--) {
			if (end < s->n && scan_gap(s, end).n == 0)
				continue;
			if (s->v[end - 1].to - s->v[i].from <= WINDOW_BYTES && loose_at(x, i, end)) {
				any = true;
				i = end - 1;
				break;
			}
		}
	}
	return any;
}

/* Asked for a number, people leave its letters out: "1042" is tried as "HP-1042". */
static void
awaited(struct search *x)
{
	const struct scan *s = x->f->s;
	struct str prefix, rest;

	prefix = str_cut(x->e->normal, '$', &rest);
	for (size_t i = 0; i < s->n; i++) {
		size_t from = i, end = i + 1;
		bool digits = s->v[i].digits;
		struct str code;

		while (end < s->n && (scan_gap(s, end).n == 0 || str_eqz(scan_gap(s, end), "-")))
			digits |= s->v[end++].digits;
		i = end - 1;
		if (!digits || s->v[i].to - s->v[from].from > WINDOW_BYTES)
			continue;
		code = str_fmt(x->f->a, "%S%S", prefix, str_sub(s->plain.s, s->v[from].from,
		    s->v[i].to - s->v[from].from));
		if (try_code(x, code, s->v[from].from, s->v[i].to, 900000))
			return;
	}
}

void
formats_find(struct found *f, const struct patterns *pat, const struct policy *p, struct str awaiting)
{
	struct search x = { .f = f, .pat = pat };
	struct match_data *d;

	if (pat == NULL || pat->n == 0)
		return;
	d = arena_new_of(f->a, struct match_data);
	arena_defer(f->a, match_data_close, d);
	x.md = d->md = pcre2_match_data_create(10, NULL);
	CHECK(x.md != NULL);
	for (size_t i = 0; i < pat->n && i < p->entities_n; i++) {
		x.e = &p->entities[i];
		x.code = pat->code[i];
		x.tries = TRIES_MAX;
		if (!exact(&x) && !loose(&x) && str_eq(awaiting, p->entities[i].id))
			awaited(&x);
	}
	match_data_close(d);
}
