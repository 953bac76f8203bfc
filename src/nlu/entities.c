/* SPDX-License-Identifier: Apache-2.0 */
/* entities.c - spans with a value: the desk's formats, then e-mail, amount, date, phone.
 *
 * What comes first keeps its span: an order number is never a phone number.
 * Dates stand in nlu/dates.c.
 */
#include "nlu/dates.h"
#include "nlu/senses.h"
#include "text/zone.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#define TEXT_MAX 16000
#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 500

struct patterns {
	pcre2_match_context *context;
	pcre2_code **code;
	size_t n;
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
	*out = v;
	return E_OK;
}

static void
match_data_close(void *arg)
{
	pcre2_match_data_free(arg);
}

static bool
is_free(const struct entity *v, size_t n, size_t from, size_t to)
{
	for (size_t i = 0; i < n; i++)
		if (from < v[i].to && to > v[i].from)
			return false;
	return true;
}

void
found_add(struct found *f, struct str kind, size_t from, size_t to, struct str value)
{
	if (f->n >= ENTITIES_MAX || !is_free(f->v, f->n, from, to))
		return;
	f->v[f->n++] = (struct entity){ kind, str_sub(f->text, from, to - from), value, (uint32_t)from,
		(uint32_t)to, PPM };
}

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

static void
find_format(struct found *f, const struct patterns *pat, size_t i, const struct entity_format *e,
    pcre2_match_data *md)
{
	size_t at = 0;

	while (at <= f->text.n && f->n < ENTITIES_MAX) {
		const PCRE2_SIZE *ov = pcre2_get_ovector_pointer(md);
		int n = pcre2_match(pat->code[i], (PCRE2_SPTR)f->text.p, f->text.n, at, 0, md, pat->context);

		if (n <= 0)	/* none, or a limit was reached: as if none */
			break;
		if (ov[1] <= ov[0])
			break;
		found_add(f, e->id, ov[0], ov[1], fill_normal(f->a, e->normal, f->text, ov, (uint32_t)n));
		at = ov[1];
	}
}

static bool
is_code_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* Asked for a number, people leave its letters out: "1042" is tried as "HP-1042". */
static void
find_awaited(struct found *f, const struct patterns *pat, size_t i, const struct entity_format *e,
    pcre2_match_data *md)
{
	struct str prefix, rest;

	prefix = str_cut(e->normal, '$', &rest);
	for (size_t at = 0; at < f->text.n; at++) {
		size_t from = at, digits = 0;
		struct str subject;
		int n;

		while (at < f->text.n && is_code_char(f->text.p[at])) {
			digits += f->text.p[at] >= '0' && f->text.p[at] <= '9';
			at++;
		}
		if (digits == 0 || at - from > 40 || !is_free(f->v, f->n, from, at))
			continue;
		subject = str_fmt(f->a, "%S%S", prefix, str_sub(f->text, from, at - from));
		n = pcre2_match(pat->code[i], (PCRE2_SPTR)subject.p, subject.n, 0, 0, md, pat->context);
		if (n <= 0)
			continue;
		found_add(f, e->id, from, at, fill_normal(f->a, e->normal, subject,
		    pcre2_get_ovector_pointer(md), (uint32_t)n));
		return;
	}
}

static void
find_formats(struct found *f, const struct patterns *pat, const struct policy *p, struct str awaiting)
{
	pcre2_match_data *md;

	if (pat == NULL || pat->n == 0)
		return;
	md = pcre2_match_data_create(10, NULL);
	CHECK(md != NULL);
	arena_defer(f->a, match_data_close, md);
	for (size_t i = 0; i < pat->n && i < p->entities_n; i++) {
		size_t before = f->n;

		find_format(f, pat, i, &p->entities[i], md);
		if (f->n == before && str_eq(awaiting, p->entities[i].id))
			find_awaited(f, pat, i, &p->entities[i], md);
	}
}

static bool
is_local(char c)
{
	return is_code_char(c) || c == '.' || c == '_' || c == '%' || c == '+' || (unsigned char)c >= 0x80;
}

static void
find_emails(struct found *f)
{
	struct str t = f->text;

	for (size_t i = 1; i + 3 < t.n; i++) {
		size_t from = i, to = i + 1, dot = 0;

		if (t.p[i] != '@')
			continue;
		while (from > 0 && i - from < 64 && is_local(t.p[from - 1]))
			from--;
		while (from < i && (t.p[from] == '.' || t.p[from] == '-'))
			from++;
		for (; to < t.n && to - i < 255 && (is_code_char(t.p[to]) || t.p[to] == '.'); to++)
			if (t.p[to] == '.')
				dot = to;
		while (to > i && (t.p[to - 1] == '.' || t.p[to - 1] == '-')) {
			to--;
			if (to == dot)
				for (dot = to; dot > i && t.p[dot] != '.'; dot--)
					continue;
		}
		if (from == i || dot <= i + 1 || to < dot + 3)
			continue;
		found_add(f, STR("email"), from, to, str_lower(f->a, str_sub(t, from, to - from)));
		i = to;
	}
}

/* --- amounts -------------------------------------------------------------- */

static struct str
currency(struct str w, struct str region)
{
	static const struct {
		const char *word, *iso;
	} list[] = {
		{ "\xe2\x82\xac", "EUR" }, { "eur", "EUR" }, { "euro", "EUR" }, { "euros", "EUR" },
		{ "$", "USD" }, { "usd", "USD" }, { "dollar", "USD" }, { "dollars", "USD" },
		{ "bucks", "USD" }, { "\xc2\xa3", "GBP" }, { "gbp", "GBP" }, { "pound", "GBP" },
		{ "pounds", "GBP" }, { "quid", "GBP" }, { "nok", "NOK" }, { "sek", "SEK" },
		{ "dkk", "DKK" }, { "chf", "CHF" }, { "franken", "CHF" }, { "pln", "PLN" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_eq_nocase(w, str_from(list[i].word)))
			return str_from(list[i].iso);
	if (str_eq_nocase(w, STR("kr")) || str_eq_nocase(w, STR("kroner")))
		return str_eqz(region, "SE") ? STR("SEK") : str_eqz(region, "DK") ? STR("DKK") : STR("NOK");
	return STR_NONE;
}

/* "1.234,50", "49.90", "1 234": minor units; false if it is no such number. */
static bool
minor_units(struct str s, int64_t *out)
{
	size_t last = s.n, decimals = 0;
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '.' || s.p[i] == ',')
			last = i;
	if (last < s.n)
		decimals = s.n - last - 1;
	if (decimals == 3 || decimals > 3)
		decimals = 0;	/* a thousands' sign */
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9') {
			if (v > INT64_C(100000000000))
				return false;
			v = v * 10 + (s.p[i] - '0');
		}
	for (size_t i = decimals; i < 2; i++)
		v *= 10;
	*out = v;
	return s.n > 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A currency that ends at `at` (blanks between allowed); *from where it begins. */
static struct str
currency_before(struct str t, size_t at, struct str region, size_t *from)
{
	size_t end = at, k;

	while (end > 0 && t.p[end - 1] == ' ' && at - end < 2)
		end--;
	for (k = end; k > 0 && end - k < 8 && is_letter(t.p[k - 1]); k--)
		continue;
	if (k == end && end > 0)
		for (k = end - 1; k > 0 && ((unsigned char)t.p[k] & 0xc0) == 0x80; k--)
			continue;
	*from = k;
	return currency(str_sub(t, k, end - k), region);
}

static struct str
currency_after(struct str t, size_t at, struct str region, size_t *to)
{
	size_t start = at, k;

	while (start < t.n && t.p[start] == ' ' && start - at < 2)
		start++;
	for (k = start; k < t.n && k - start < 8 && is_letter(t.p[k]); k++)
		continue;
	if (k == start && k < t.n)
		for (k = start + 1; k < t.n && ((unsigned char)t.p[k] & 0xc0) == 0x80; k++)
			continue;
	*to = k;
	return currency(str_sub(t, start, k - start), region);
}

static void
find_amounts(struct found *f, struct str region)
{
	struct str t = f->text;

	for (size_t i = 0; i < t.n; i++) {
		size_t from = i, to = i, edge;
		struct str iso;
		int64_t minor;

		if (!is_digit(t.p[i]) || (i > 0 && (is_digit(t.p[i - 1]) || t.p[i - 1] == '-')))
			continue;
		while (to < t.n && to - from < 20 && (is_digit(t.p[to]) || ((t.p[to] == '.' || t.p[to] == ',') &&
		    to + 1 < t.n && is_digit(t.p[to + 1]))))
			to++;
		i = to;
		if (!minor_units(str_sub(t, from, to - from), &minor))
			continue;
		iso = currency_before(t, from, region, &edge);
		if (iso.n > 0) {
			found_add(f, STR("amount"), edge, to, str_fmt(f->a, "%ld %S", minor, iso));
			continue;
		}
		iso = currency_after(t, to, region, &edge);
		if (iso.n > 0)
			found_add(f, STR("amount"), from, edge, str_fmt(f->a, "%ld %S", minor, iso));
	}
}

/* --- phones --------------------------------------------------------------- */

static bool
after_phone_word(struct str t, size_t at)
{
	static const char *const list[] = { "phone", "tel", "telefon", "call", "mobile", "handy", "nummer", "cell",
		"reach me", "whatsapp", "me on", "me at" };
	struct str before = str_sub(t, at > 24 ? at - 24 : 0, at > 24 ? 24 : at);

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (str_find_nocase(before, str_from(list[i])) >= 0)
			return true;
	return false;
}

static void
find_phones(struct found *f)
{
	struct str t = f->text;

	for (size_t i = 0; i < t.n; i++) {
		char digits[20];
		size_t from = i, to = i, n = 0;
		bool start = t.p[i] == '+' || t.p[i] == '(' || is_digit(t.p[i]);

		if (!start || (i > 0 && (is_code_char(t.p[i - 1]) || t.p[i - 1] == '.' || t.p[i - 1] == '#')))
			continue;
		for (size_t k = i; k < t.n && (is_digit(t.p[k]) || (t.p[k] != '\0' && strchr("+ -/().", t.p[k]) !=
		    NULL && !(k > i && t.p[k] == '+'))); k++)
			if (is_digit(t.p[k])) {
				if (n < sizeof(digits))
					digits[n] = t.p[k];
				n++;
				to = k + 1;
			}
		i = to > i ? to : i;
		if (n < 7 || n > 15 || (to < t.n && is_letter(t.p[to])))
			continue;
		if (t.p[from] != '+' && digits[0] != '0' && !after_phone_word(t, from))
			continue;
		if (t.p[from] == '+')
			found_add(f, STR("phone"), from, to, str_fmt(f->a, "+%S", (struct str){ digits, n }));
		else if (digits[0] == '0' && digits[1] == '0')
			found_add(f, STR("phone"), from, to, str_fmt(f->a, "+%S",
			    (struct str){ digits + 2, n - 2 }));
		else
			found_add(f, STR("phone"), from, to, str_dup(f->a, (struct str){ digits, n }));
	}
}

const struct entity *
entities_find(const struct patterns *pat, const struct policy *p, struct str text, struct str awaiting,
    int64_t now_us, const struct zone *zone, struct arena *a, size_t *n)
{
	struct found f = { .a = a, .text = str_clip_utf8(text, TEXT_MAX) };

	f.v = arena_array(a, struct entity, ENTITIES_MAX);
	if (f.text.n == 0) {
		*n = 0;
		return f.v;
	}
	if (p != NULL)
		find_formats(&f, pat, p, awaiting);
	find_emails(&f);
	find_amounts(&f, p != NULL && p->inboxes_n > 0 ? p->inboxes[0].region : STR_NONE);
	dates_find(&f, now_us, zone == NULL ? zone_utc() : zone);
	find_phones(&f);
	for (size_t i = 1; i < f.n; i++)
		for (size_t k = i; k > 0 && f.v[k].from < f.v[k - 1].from; k--) {
			struct entity t = f.v[k];

			f.v[k] = f.v[k - 1];
			f.v[k - 1] = t;
		}
	*n = f.n;
	return f.v;
}
