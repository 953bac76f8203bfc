/* SPDX-License-Identifier: Apache-2.0 */
/* gate.c - what leaves the AI is checked once more. Pure.
 *
 * A text is taken apart into the things that could be wrong (e-mails, phone
 * numbers, codes, numbers), and each must stand in a ground: the template's
 * own words, a value that was filled in, the quoted passage, or what the
 * customer said.  The error names the kind of thing, never the thing.
 */
#include "engine/gate.h"

#include "rules/phrase.h"

#define STOP_PPM 500000		/* a flag as grave as this is not sent */

struct grounds {
	const struct str *lists[2];
	size_t n[2];
	const struct slot *slots;
	size_t slots_n;
};

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

static bool
is_alnum(char c)
{
	return is_digit(c) || is_letter(c);
}

struct str
gate_text(const struct said *said, struct arena *a)
{
	size_t n = 1, max = 1;
	struct str *v;

	for (size_t i = 0; i < said->parts_n; i++)
		max += 2 + said->parts[i].lines_n;
	v = arena_array(a, struct str, max);
	v[0] = said->text;
	for (size_t i = 0; i < said->parts_n; i++) {
		const struct said_part *part = &said->parts[i];

		v[n++] = part->title;
		v[n++] = part->link_label;
		for (size_t k = 0; k < part->lines_n; k++)
			v[n++] = part->lines[k];
	}
	return str_join(a, v, n, STR("\n"));
}

/* --- the things in a text: each scanner takes the next one off *rest --- */

static bool
is_mail_char(char c)
{
	return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' ||
	    (unsigned char)c >= 0x80;
}

static bool
next_email(struct str *rest, struct str *out)
{
	for (size_t at = 1; at + 1 < rest->n; at++) {
		size_t from = at, to = at + 1;

		if (rest->p[at] != '@')
			continue;
		while (from > 0 && is_mail_char(rest->p[from - 1]))
			from--;
		while (to < rest->n && is_mail_char(rest->p[to]))
			to++;
		while (to > at + 1 && !is_alnum(rest->p[to - 1]))
			to--;
		if (from == at || to == at + 1)
			continue;
		*out = str_sub(*rest, from, to - from);
		*rest = str_sub(*rest, to, rest->n);
		return true;
	}
	return false;
}

static bool
is_phone_char(char c)
{
	return is_digit(c) || c == ' ' || c == '-' || c == '(' || c == ')' || c == '/' || c == '.';
}

/* Begins with + or 0 and has at least seven digits. */
static bool
next_phone(struct str *rest, struct str *out)
{
	for (size_t i = 0; i < rest->n; i++) {
		size_t to = i + 1, digits = is_digit(rest->p[i]);

		if ((rest->p[i] != '+' && rest->p[i] != '0') ||
		    (i > 0 && (is_alnum(rest->p[i - 1]) || is_phone_char(rest->p[i - 1])) &&
		    rest->p[i - 1] != ' ' && rest->p[i - 1] != '('))
			continue;
		while (to < rest->n && is_phone_char(rest->p[to]))
			digits += is_digit(rest->p[to++]);
		while (!is_digit(rest->p[to - 1]) && to > i + 1)
			to--;
		if (digits < 7)
			continue;
		*out = str_sub(*rest, i, to - i);
		*rest = str_sub(*rest, to, rest->n);
		return true;
	}
	return false;
}

/* Letters and at least three digits in one piece: HP-1042, JD014600003NO. */
static bool
next_code(struct str *rest, struct str *out)
{
	for (size_t i = 0; i < rest->n;) {
		size_t from = i, letters = 0, digits = 0;

		while (i < rest->n && (is_alnum(rest->p[i]) || (rest->p[i] == '-' && i > from &&
		    i + 1 < rest->n && is_alnum(rest->p[i + 1])))) {
			letters += is_letter(rest->p[i]);
			digits += is_digit(rest->p[i]);
			i++;
		}
		if (letters > 0 && digits >= 3) {
			*out = str_sub(*rest, from, i - from);
			*rest = str_sub(*rest, i, rest->n);
			return true;
		}
		if (i == from)
			i++;
	}
	return false;
}

static bool
joins_digits(char c)
{
	return c == '.' || c == ',' || c == ':' || c == '-' || c == '/';
}

/* Digits joined by single . , : - /: amounts, dates, times, plain numbers. */
static bool
next_number(struct str *rest, struct str *out)
{
	size_t from = 0, to;

	while (from < rest->n && !is_digit(rest->p[from]))
		from++;
	if (from == rest->n)
		return false;
	for (to = from + 1; to < rest->n; to++)
		if (!is_digit(rest->p[to]) && !(joins_digits(rest->p[to]) && to + 1 < rest->n &&
		    is_digit(rest->p[to + 1])))
			break;
	*out = str_sub(*rest, from, to - from);
	*rest = str_sub(*rest, to, rest->n);
	return true;
}

/* --- is it grounded? --- */

static size_t
grounds_count(const struct grounds *g)
{
	return g->n[0] + g->n[1] + g->slots_n;
}

static struct str
grounds_at(const struct grounds *g, size_t i)
{
	for (size_t k = 0; k < 2; k++) {
		if (i < g->n[k])
			return g->lists[k][i];
		i -= g->n[k];
	}
	return g->slots[i].value;
}

typedef bool next_fn(struct str *rest, struct str *out);

/* The same thing, found by the same scanner, stands in a ground. */
static bool
is_grounded(const struct grounds *g, next_fn *next, struct str thing)
{
	for (size_t i = 0; i < grounds_count(g); i++) {
		struct str rest = grounds_at(g, i), other;

		while (next(&rest, &other))
			if (str_eq_nocase(other, thing))
				return true;
	}
	return false;
}

/* yyyy-mm-dd must stand as a whole: its parts alone prove nothing. */
static bool
is_iso_date(struct str s)
{
	return s.n == 10 && s.p[4] == '-' && s.p[7] == '-';
}

/* A number as a whole; or, joined by - / or :, which may be the template's own
 * ("{from}-{to}"), each of its parts. An amount counts as a whole only. */
static bool
number_grounded(const struct grounds *g, struct str number)
{
	size_t from = 0;

	if (is_grounded(g, next_number, number))
		return true;
	if (is_iso_date(number))
		return false;
	for (size_t i = 0; i <= number.n; i++) {
		if (i < number.n && (is_digit(number.p[i]) || number.p[i] == '.' ||
		    number.p[i] == ','))
			continue;
		if (from == 0 && i == number.n)
			return false; /* one part: it was looked for above */
		if (!is_grounded(g, next_number, str_sub(number, from, i - from)))
			return false;
		from = i + 1;
	}
	return true;
}

/* --- the four questions --- */

static struct why
ask_personal(const struct grounds *g, struct str text)
{
	static const struct {
		next_fn *next;
		const char *what;
	} kinds[] = {
		{ next_email, "an e-mail address that is not the customer's" },
		{ next_phone, "a phone number that is not the customer's" },
		{ next_code, "a code that is in no source" },
	};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		struct str rest = text, thing;

		while (kinds[k].next(&rest, &thing))
			if (!is_grounded(g, kinds[k].next, thing))
				return (struct why){ WHY_GATE, STR("personal_data"), true,
					str_from(kinds[k].what), -1, -1 };
	}
	return (struct why){ WHY_GATE, STR("personal_data"), false, STR("nobody else's data"),
		-1, -1 };
}

static struct why
ask_prohibited(const struct policy *p, const struct gate_input *in, struct arena *a)
{
	int hit = phrase_first(p->prohibited, p->prohibited_n, in->words, in->words_n);

	return (struct why){ WHY_GATE, STR("prohibited"), hit >= 0,
		hit >= 0 ? str_fmt(a, "the prohibited phrase \"%S\"", p->prohibited[hit])
			 : STR("no prohibited phrase"), -1, -1 };
}

static struct why
ask_numbers(const struct grounds *g, struct str text)
{
	struct str rest = text, number;
	struct why why = { WHY_GATE, STR("numbers"), false, STR("every number has a source"),
		-1, -1 };

	while (!why.fired && next_number(&rest, &number))
		if (!number_grounded(g, number)) {
			why.fired = true;
			why.text = STR("a number that is in no source");
		}
	return why;
}

/* Help for somebody who speaks of self-harm may name it. */
static struct why
ask_moderation(const struct gate_input *in, struct arena *a)
{
	struct why why = { WHY_GATE, STR("moderation"), false, STR("nothing that must not be said"), -1, -1 };

	for (size_t i = 0; i < in->flags_n && !why.fired; i++) {
		const struct flag *f = &in->flags[i];

		if (f->p_ppm < STOP_PPM || str_eqz(f->kind, "self_harm"))
			continue;
		why = (struct why){ WHY_GATE, STR("moderation"), true,
			str_eqz(f->kind, "invisible") ? STR("it hides characters") :
			str_fmt(a, "moderation: %S", f->kind), f->p_ppm, STOP_PPM };
	}
	return why;
}

struct gate_verdict
gate_check(const struct policy *p, const struct gate_input *in, struct arena *a)
{
	const struct grounds g = {
		.lists = { in->said->grounds, in->own },
		.n = { in->said->grounds_n, in->own_n },
		.slots = in->slots, .slots_n = in->slots_n,
	};
	struct str text = gate_text(in->said, a);
	struct why *why = arena_array(a, struct why, 4);
	struct gate_verdict v = { .passed = true, .why = why, .why_n = 4 };

	why[0] = ask_personal(&g, text);
	why[1] = ask_prohibited(p, in, a);
	why[2] = ask_numbers(&g, text);
	why[3] = ask_moderation(in, a);
	for (size_t i = 0; i < 4; i++)
		if (why[i].fired && v.passed) {
			v.passed = false;
			v.error = why[i].text;
		}
	return v;
}
