/* SPDX-License-Identifier: Apache-2.0 */
/* script.c - reading a .talk file, a line at a time. */
#include "insight/talk/script.h"

#include <string.h>

#define LINES_MAX 20000

struct reader {
	struct str file;
	int line;
	struct str rest;	/* of the line */
	const char *start;	/* of the line */
	struct arena *a;
	struct fault *f;
};

static enum err
expected(struct reader *r, const char *what)
{
	return fault(r->f, E_INVALID, "%.*s:%d:%d: expected %s", STR_ARG(r->file), r->line,
	    (int)(r->rest.p - r->start) + 1, what);
}

static void
skip_blank(struct reader *r)
{
	while (r->rest.n > 0 && (*r->rest.p == ' ' || *r->rest.p == '\t' || *r->rest.p == '\r')) {
		r->rest.p++;
		r->rest.n--;
	}
}

static bool
at_end(struct reader *r)
{
	skip_blank(r);
	return r->rest.n == 0 || *r->rest.p == '#';
}

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    strchr("_-.:@", c) != NULL;
}

/* The next word, without taking it. */
static struct str
peek_word(struct reader *r)
{
	size_t n = 0;

	skip_blank(r);
	while (n < r->rest.n && r->rest.p[n] != '\0' && is_word_byte(r->rest.p[n]))
		n++;
	return (struct str){ r->rest.p, n };
}

static void
take(struct reader *r, size_t n)
{
	r->rest.p += n;
	r->rest.n -= n;
}

static bool
take_if(struct reader *r, const char *z)
{
	struct str w = peek_word(r);

	if (!str_eqz(w, z))
		return false;
	take(r, w.n);
	return true;
}

static enum err
need_name(struct reader *r, const char *what, struct str *out)
{
	struct str w = peek_word(r);

	if (w.n == 0)
		return expected(r, what);
	take(r, w.n);
	*out = w;
	return E_OK;
}

static enum err
need_word(struct reader *r, const char *z)
{
	return take_if(r, z) ? E_OK : expected(r, z);
}

static bool
at_string(struct reader *r)
{
	skip_blank(r);
	return r->rest.n > 0 && *r->rest.p == '"';
}

static enum err
need_string(struct reader *r, const char *what, struct str *out)
{
	char *to;
	size_t n = 0;

	if (!at_string(r))
		return expected(r, what);
	to = arena_alloc(r->a, r->rest.n + 1);
	take(r, 1);
	while (r->rest.n > 0 && *r->rest.p != '"') {
		char c = *r->rest.p;

		take(r, 1);
		if (c == '\\') {
			if (r->rest.n == 0 || strchr("\"\\n", *r->rest.p) == NULL || *r->rest.p == '\0')
				return expected(r, "\\\", \\\\ or \\n after a backslash");
			c = *r->rest.p == 'n' ? '\n' : *r->rest.p;
			take(r, 1);
		}
		to[n++] = c;
	}
	if (r->rest.n == 0)
		return expected(r, "a closing \"");
	take(r, 1);
	if (!str_utf8_valid((struct str){ to, n }, NULL))
		return expected(r, "text in UTF-8 before this");
	*out = (struct str){ to, n };
	return E_OK;
}

/* "0.82" to 820000. */
static enum err
need_number(struct reader *r, int64_t *ppm)
{
	struct str w = peek_word(r), frac, whole = str_cut(w, '.', &frac);
	int64_t v = 0, scale = 100000;

	if (w.n == 0 || !str_i64(whole, &v) || v < 0 || v > 1 || frac.n > 6)
		return expected(r, "a number between 0 and 1");
	v *= 1000000;
	for (size_t i = 0; i < frac.n; i++, scale /= 10) {
		if (frac.p[i] < '0' || frac.p[i] > '9')
			return expected(r, "a number between 0 and 1");
		v += (frac.p[i] - '0') * scale;
	}
	if (v > 1000000)
		return expected(r, "a number between 0 and 1");
	take(r, w.n);
	*ppm = v;
	return E_OK;
}

static enum err
need_duration(struct reader *r, int64_t *us)
{
	static const struct {
		const char *unit;
		int64_t us;
	} units[] = { { "ms", 1000 }, { "s", 1000000 }, { "m", 60000000 }, { "h", 3600000000 },
		{ "d", 86400000000 } };
	struct str w = peek_word(r);
	size_t digits = 0;
	int64_t v;

	while (digits < w.n && w.p[digits] >= '0' && w.p[digits] <= '9')
		digits++;
	for (size_t i = 0; i < 5; i++)
		if (str_eqz(str_sub(w, digits, w.n), units[i].unit) && digits <= 6 &&
		    str_i64(str_sub(w, 0, digits), &v)) {
			take(r, w.n);
			*us = v * units[i].us;
			return E_OK;
		}
	return expected(r, "a duration such as 30s, 10m or 2d");
}

static bool
two_digits(struct str s, size_t at, int *out)
{
	int64_t v;

	if (!str_i64(str_sub(s, at, 2), &v) || v < 0)
		return false;
	*out = (int)v;
	return true;
}

static enum err
need_when(struct reader *r, struct talk_when *out)
{
	struct str date = peek_word(r), time;
	int64_t year;

	if (date.n != 10 || date.p[4] != '-' || date.p[7] != '-' || !str_i64(str_sub(date, 0, 4), &year) ||
	    !two_digits(date, 5, &out->month) || !two_digits(date, 8, &out->day) || out->month < 1 ||
	    out->month > 12 || out->day < 1 || out->day > 31 || year < 1970 || year > 2200)
		return expected(r, "a date such as 2026-11-23");
	out->year = (int)year;
	take(r, date.n);
	time = peek_word(r);
	if (time.n != 5 || time.p[2] != ':' || !two_digits(time, 0, &out->hour) ||
	    !two_digits(time, 3, &out->minute) || out->hour > 23 || out->minute > 59)
		return expected(r, "a time such as 10:00");
	take(r, time.n);
	return E_OK;
}

/* One of a list of words, given as "a|b|c". */
static enum err
need_one_of(struct reader *r, const char *list, struct str *out)
{
	struct str w = peek_word(r), rest = str_from(list);

	while (rest.p != NULL && w.n > 0) {
		struct str one = str_cut(rest, '|', &rest);

		if (str_eq(one, w)) {
			take(r, w.n);
			*out = w;
			return E_OK;
		}
	}
	return expected(r, list);
}

static enum err
read_at_least(struct reader *r, struct talk_line *l, bool required)
{
	skip_blank(r);
	if (r->rest.n < 2 || r->rest.p[0] != '>' || r->rest.p[1] != '=')
		return required ? expected(r, ">=") : E_OK;
	take(r, 2);
	l->has_number = true;
	return need_number(r, &l->number);
}

static enum err
read_optional_string(struct reader *r, struct talk_line *l)
{
	if (!at_string(r))
		return E_OK;
	l->has_text = true;
	return need_string(r, "a string", &l->text);
}

static enum err
read_cites(struct reader *r, struct talk_line *l)
{
	TRY(need_name(r, "an article", &l->name));
	skip_blank(r);
	if (r->rest.n == 0 || *r->rest.p != '#')
		return E_OK;
	take(r, 1);
	return need_name(r, "a section", &l->value);
}

static enum err
read_escalated(struct reader *r, struct talk_line *l)
{
	if (!take_if(r, "reason"))
		return E_OK;
	skip_blank(r);
	if (r->rest.n == 0 || *r->rest.p != '=')
		return expected(r, "= after reason");
	take(r, 1);
	return need_name(r, "a reason", &l->name);
}

static enum err
read_expectation(struct reader *r, struct talk_line *l)
{
	static const char *const names[] = {
		[EXPECT_SAYS] = "says", [EXPECT_ASKS] = "asks", [EXPECT_REPLIES] = "replies",
		[EXPECT_INTENT] = "intent", [EXPECT_UNKNOWN] = "unknown", [EXPECT_LANGUAGE] = "language",
		[EXPECT_ENTITY] = "entity", [EXPECT_MOOD] = "mood", [EXPECT_CITES] = "cites",
		[EXPECT_FACT] = "fact", [EXPECT_RULE] = "rule", [EXPECT_TRIGGER] = "trigger",
		[EXPECT_ESCALATED] = "escalated", [EXPECT_HOLDER] = "holder", [EXPECT_STATUS] = "status",
		[EXPECT_CARD] = "card", [EXPECT_SILENCE] = "silence",
	};
	size_t n = sizeof(names) / sizeof(names[0]), i = 0;

	l->not = take_if(r, "not");
	while (i < n && !take_if(r, names[i]))
		i++;
	if (i == n)
		return expected(r, "says, asks, replies, intent, unknown, language, entity, mood, cites, fact, "
		    "rule, trigger, escalated, holder, status, card or silence");
	l->expect = (enum talk_expectation)i;
	switch (l->expect) {
	case EXPECT_SAYS:
		l->has_text = true;
		return need_string(r, "the words in quotes", &l->text);
	case EXPECT_ASKS:
	case EXPECT_REPLIES:
	case EXPECT_LANGUAGE:
	case EXPECT_RULE:
	case EXPECT_TRIGGER:
		return need_name(r, "a name", &l->name);
	case EXPECT_INTENT:
		TRY(need_name(r, "an intent", &l->name));
		return read_at_least(r, l, false);
	case EXPECT_ENTITY:
	case EXPECT_CARD:
		TRY(need_name(r, "a name", &l->name));
		return read_optional_string(r, l);
	case EXPECT_MOOD:
		TRY(need_one_of(r, "anger|frustration|confusion|urgency|gratitude|annoyance|disappointment", &l->name));
		return read_at_least(r, l, true);
	case EXPECT_CITES:
		return read_cites(r, l);
	case EXPECT_FACT:
		TRY(need_name(r, "a field", &l->name));
		l->has_text = true;
		return need_string(r, "its value in quotes", &l->text);
	case EXPECT_ESCALATED:
		return read_escalated(r, l);
	case EXPECT_HOLDER:
		return need_one_of(r, "ai|queue|agent|none", &l->name);
	case EXPECT_STATUS:
		return need_one_of(r, "open|waiting_customer|resolved", &l->name);
	case EXPECT_UNKNOWN:
	case EXPECT_SILENCE:
		return E_OK;
	}
	NEVER("expectation");
}

static enum err
read_customer(struct reader *r, struct talk_line *l)
{
	TRY(need_name(r, "the customer's name", &l->name));
	if (take_if(r, "says")) {
		l->verb = TALK_SAYS;
		return need_string(r, "what they say, in quotes", &l->text);
	}
	if (take_if(r, "is")) {
		l->verb = TALK_TIER;
		TRY(need_word(r, "tier"));
		return need_name(r, "a tier", &l->value);
	}
	if (take_if(r, "asks")) {
		l->verb = TALK_BUTTON;
		TRY(need_word(r, "for"));
		TRY(need_word(r, "a"));
		return need_word(r, "person");
	}
	if (take_if(r, "leaves")) {
		l->verb = TALK_EMAIL;
		TRY(need_word(r, "email"));
		return need_string(r, "an address in quotes", &l->text);
	}
	return expected(r, "says, is tier, asks for a person, or leaves email");
}

static enum err
read_agent(struct reader *r, struct talk_line *l)
{
	TRY(need_name(r, "the agent's name", &l->name));
	if (take_if(r, "is")) {
		l->verb = TALK_AGENT_IS;
		return need_one_of(r, "online|away", &l->value);
	}
	if (take_if(r, "says")) {
		l->verb = TALK_AGENT_SAYS;
		return need_string(r, "what they say, in quotes", &l->text);
	}
	if (take_if(r, "notes")) {
		l->verb = TALK_AGENT_NOTES;
		return need_string(r, "the note, in quotes", &l->text);
	}
	l->verb = TALK_AGENT_DOES;
	TRY(need_one_of(r, "accepts|gives|resolves", &l->value));
	return str_eqz(l->value, "gives") ? need_word(r, "back") : E_OK;
}

static enum err
read_statement(struct reader *r, struct talk_line *l)
{
	if (take_if(r, "talk")) {
		l->verb = TALK_TALK;
		return need_string(r, "a title in quotes", &l->text);
	}
	if (take_if(r, "at")) {
		l->verb = TALK_AT;
		return need_when(r, &l->when);
	}
	if (take_if(r, "on")) {
		l->verb = TALK_ON;
		return need_name(r, "an inbox", &l->name);
	}
	if (take_if(r, "customer"))
		return read_customer(r, l);
	if (take_if(r, "agent"))
		return read_agent(r, l);
	if (take_if(r, "connector")) {
		l->verb = TALK_CONNECTOR;
		TRY(need_name(r, "a connector", &l->name));
		return need_one_of(r, "fails|hangs|works", &l->value);
	}
	if (take_if(r, "advance")) {
		l->verb = TALK_ADVANCE;
		return need_duration(r, &l->number);
	}
	if (take_if(r, "expect")) {
		l->verb = TALK_EXPECT;
		return read_expectation(r, l);
	}
	return expected(r, "talk, at, on, customer, agent, connector, advance or expect");
}

enum err
talk_read(struct str file, struct str bytes, struct arena *a, const struct talk_line **out, size_t *n,
    struct fault *f)
{
	struct str rest = bytes;
	struct talk_line *v;
	size_t lines = 1;
	struct reader r = { .file = file, .a = a, .f = f };

	for (size_t i = 0; i < bytes.n; i++)
		lines += bytes.p[i] == '\n';
	if (lines > LINES_MAX)
		return fault(f, E_TOOBIG, "%.*s: more than %d lines", STR_ARG(file), LINES_MAX);
	v = arena_array(a, struct talk_line, lines);
	*n = 0;
	while (rest.p != NULL) {
		struct str line = str_cut(rest, '\n', &rest);
		struct talk_line *l = &v[*n];

		r.line++;
		r.rest = line;
		r.start = line.p;
		if (at_end(&r))
			continue;
		*l = (struct talk_line){ .line = r.line, .source = str_trim(line) };
		TRY(read_statement(&r, l));
		if (!at_end(&r))
			return expected(&r, "the end of the line");
		(*n)++;
	}
	*out = v;
	return E_OK;
}
