/* SPDX-License-Identifier: Apache-2.0 */
/* cond_compile.c - the text of a condition to nodes, by recursive descent.
 *
 * Nodes stand in prefix order in one array; children are indexes.  Depth and
 * size are bounded, so neither reading nor evaluating can run away.
 */
#include "rules/cond.h"

#include "rules/phrase_normalise.h"

#include <string.h>

enum token_kind { T_END, T_NAME, T_STRING, T_CMP, T_PUNCT, T_BAD };

struct parser {
	struct arena *a;
	struct fault *f;
	struct str text;
	size_t at;		/* after the current token */
	enum token_kind kind;
	struct str token;	/* STRING: without quotes, escapes resolved */
	size_t token_at;
	struct cond v[COND_MAX_NODES];
	size_t n;
	int depth;
};

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

static void
take_string(struct parser *p)
{
	char *out = arena_alloc(p->a, p->text.n + 1);
	size_t n = 0, i = p->at + 1;

	p->kind = T_BAD;
	for (; i < p->text.n && p->text.p[i] != '"'; i++) {
		if (p->text.p[i] == '\\' && i + 1 < p->text.n)
			i++;
		out[n++] = p->text.p[i];
	}
	if (i < p->text.n) {
		p->kind = T_STRING;
		i++;
	}
	p->token = (struct str){ out, n };
	p->at = i;
}

static void
advance(struct parser *p)
{
	const char *z = p->text.p;
	size_t n = p->text.n, from;

	while (p->at < n && (z[p->at] == ' ' || z[p->at] == '\t' || z[p->at] == '\n' ||
	    z[p->at] == '\r'))
		p->at++;
	from = p->token_at = p->at;
	if (p->at == n) {
		p->kind = T_END;
		p->token = STR_NONE;
		return;
	}
	if (z[from] == '"') {
		take_string(p);
		return;
	}
	if (is_name_char(z[from])) {
		while (p->at < n && is_name_char(z[p->at]))
			p->at++;
		p->kind = T_NAME;
	} else if (z[from] == '<' || z[from] == '>') {
		p->at += from + 1 < n && z[from + 1] == '=' ? 2 : 1;
		p->kind = T_CMP;
	} else {
		p->kind = strchr("()[],", z[from]) != NULL ? T_PUNCT : T_BAD;
		p->at++;
	}
	p->token = str_sub(p->text, from, p->at - from);
}

static enum err
expected(struct parser *p, const char *what)
{
	struct str found = str_clip_utf8(p->token, 40);

	if (p->kind == T_END)
		return fault(p->f, E_INVALID, "column %zu: expected %s, found the end",
		    p->token_at + 1, what);
	return fault(p->f, E_INVALID, "column %zu: expected %s, found \"%.*s\"", p->token_at + 1,
	    what, STR_ARG(found));
}

static bool
at_word(const struct parser *p, const char *word)
{
	return p->kind == T_NAME && str_eqz(p->token, word);
}

static bool
take_word(struct parser *p, const char *word)
{
	if (!at_word(p, word))
		return false;
	advance(p);
	return true;
}

static bool
take_punct(struct parser *p, char c)
{
	if (p->kind != T_PUNCT || p->token.p[0] != c)
		return false;
	advance(p);
	return true;
}

static enum err
new_node(struct parser *p, enum cond_op op, int *at)
{
	if (p->n == COND_MAX_NODES)
		return fault(p->f, E_INVALID, "column %zu: more than %d tests", p->token_at + 1,
		    COND_MAX_NODES);
	p->v[p->n] = (struct cond){ .op = op, .a = -1, .b = -1 };
	*at = (int)p->n++;
	return E_OK;
}

static enum err
parse_item(struct parser *p, bool words, struct str *out)
{
	if (p->kind != T_NAME && p->kind != T_STRING)
		return expected(p, words ? "a word or a \"text\"" : "a name");
	*out = words ? phrase_normalise(p->a, p->token) : str_dup(p->a, p->token);
	if (out->n == 0)
		return expected(p, "a word");
	advance(p);
	return E_OK;
}

static enum err
parse_list(struct parser *p, bool words, struct cond *c)
{
	struct str *items = arena_array(p->a, struct str, 200);
	size_t n = 0;

	if (!take_punct(p, '['))
		return expected(p, "a list: [");
	do {
		if (n == 200)
			return expected(p, "at most 200 items");
		TRY(parse_item(p, words, &items[n]));
		n++;
	} while (take_punct(p, ','));
	if (!take_punct(p, ']'))
		return expected(p, "\",\" or \"]\"");
	c->items = items;
	c->items_n = n;
	return E_OK;
}

/* "is" name | "in" list; only_is: the first alone. */
static enum err
parse_is(struct parser *p, bool only_is, struct cond *c)
{
	struct str *item;

	if (!only_is && take_word(p, "in"))
		return parse_list(p, false, c);
	if (!take_word(p, "is"))
		return expected(p, only_is ? "is" : "is or in");
	item = arena_array(p->a, struct str, 1);
	TRY(parse_item(p, false, item));
	c->items = item;
	c->items_n = 1;
	return E_OK;
}

/* 0..1 with at most six decimals, to millionths. */
static bool
parse_ppm(struct str s, int32_t *out)
{
	struct str frac, whole = str_cut(s, '.', &frac);
	int64_t w, v = 0, unit = PPM;

	if (!str_i64(whole, &w) || w < 0 || w > 1 || whole.p[0] == '-')
		return false;
	if (frac.p != NULL && (frac.n == 0 || frac.n > 6))
		return false;
	for (size_t i = 0; i < frac.n; i++) {
		if (frac.p[i] < '0' || frac.p[i] > '9')
			return false;
		unit /= 10;
		v += (frac.p[i] - '0') * unit;
	}
	v += w * PPM;
	if (v > PPM)
		return false;
	*out = (int32_t)v;
	return true;
}

static enum err
parse_cmp(struct parser *p, struct cond *c)
{
	if (p->kind != T_CMP)
		return expected(p, ">=, <=, > or <");
	if (p->token.n == 2)
		c->cmp = p->token.p[0] == '>' ? CMP_GE : CMP_LE;
	else
		c->cmp = p->token.p[0] == '>' ? CMP_GT : CMP_LT;
	advance(p);
	if (p->kind != T_NAME || !parse_ppm(p->token, &c->ppm))
		return expected(p, "a number from 0 to 1 with at most six decimals");
	advance(p);
	return E_OK;
}

static enum err
parse_words(struct parser *p, struct cond *c)
{
	if (take_word(p, "any"))
		c->op = COND_WORDS_ANY;
	else if (take_word(p, "all"))
		c->op = COND_WORDS_ALL;
	else if (take_word(p, "exactly"))
		c->op = COND_WORDS_EXACTLY;
	else
		return expected(p, "any, all or exactly");
	return parse_list(p, true, c);
}

static enum err
parse_mood(struct parser *p, struct cond *c)
{
	for (int m = 0; m < MOOD_N; m++)
		if (take_word(p, mood_name[m])) {
			c->mood = (enum mood)m;
			return parse_cmp(p, c);
		}
	return expected(p, "anger, annoyance, disappointment, frustration, confusion, urgency or gratitude");
}

static enum err
parse_test(struct parser *p, struct cond *c)
{
	static const struct {
		const char *word;
		enum cond_op op;
	} tests[] = {
		{ "words", COND_WORDS_ANY }, { "intent", COND_INTENT }, { "score", COND_SCORE },
		{ "unknown", COND_UNKNOWN }, { "mood", COND_MOOD }, { "entity", COND_ENTITY },
		{ "tier", COND_TIER }, { "language", COND_LANGUAGE },
		{ "hours", COND_HOURS_OPEN }, { "region", COND_REGION },
		{ "asks_person", COND_ASKS_PERSON },
		{ "churn", COND_CHURN }, { "legal", COND_LEGAL }, { "injection", COND_INJECTION },
		{ "flag", COND_FLAG },
	};
	size_t i = 0, n = sizeof(tests) / sizeof(tests[0]);
	struct str *item;

	while (i < n && !take_word(p, tests[i].word))
		i++;
	if (i == n)
		return expected(p, "a test: words, intent, score, unknown, mood, entity, tier, "
		    "language, hours, region, asks_person, churn, legal, injection or flag");
	c->op = tests[i].op;
	switch (c->op) {
	case COND_WORDS_ANY:
		return parse_words(p, c);
	case COND_SCORE:
	case COND_UNKNOWN:
	case COND_CHURN:
	case COND_LEGAL:
	case COND_INJECTION:
		return parse_cmp(p, c);
	case COND_MOOD:
		return parse_mood(p, c);
	case COND_INTENT:
	case COND_LANGUAGE:
	case COND_REGION:
		return parse_is(p, false, c);
	case COND_TIER:
		return parse_is(p, true, c);
	case COND_ENTITY:
	case COND_FLAG:
		item = arena_array(p->a, struct str, 1);
		c->items = item;
		c->items_n = 1;
		return parse_item(p, false, item);
	case COND_HOURS_OPEN:
		c->open = at_word(p, "open");
		if (!take_word(p, "open") && !take_word(p, "closed"))
			return expected(p, "open or closed");
		return E_OK;
	case COND_ASKS_PERSON:
		return E_OK;
	case COND_AND:
	case COND_OR:
	case COND_NOT:
	case COND_WORDS_ALL:
	case COND_WORDS_EXACTLY:
	default:
		NEVER("not in the table of tests");
	}
}

static enum err parse_or(struct parser *p, int *at);

static enum err
parse_not(struct parser *p, int *at)
{
	if (take_word(p, "not")) {
		int child;

		TRY(new_node(p, COND_NOT, at));
		if (++p->depth > COND_MAX_DEPTH)
			return expected(p, "less nesting (at most 32 deep)");
		TRY(parse_not(p, &child));
		p->depth--;
		p->v[*at].a = child;
		return E_OK;
	}
	if (take_punct(p, '(')) {
		if (++p->depth > COND_MAX_DEPTH)
			return expected(p, "less nesting (at most 32 deep)");
		TRY(parse_or(p, at));
		p->depth--;
		return take_punct(p, ')') ? E_OK : expected(p, "\"and\", \"or\" or \")\"");
	}
	TRY(new_node(p, COND_AND, at));
	return parse_test(p, &p->v[*at]);
}

/* One operator's row, leaning right: a and (b and c). */
static enum err
parse_row(struct parser *p, const char *word, enum cond_op op,
    enum err (*part)(struct parser *, int *), int *at)
{
	int left, last = -1;

	TRY(part(p, &left));
	*at = left;
	while (take_word(p, word)) {
		int node, right;

		TRY(new_node(p, op, &node));
		TRY(part(p, &right));
		p->v[node].a = last < 0 ? left : p->v[last].b;
		p->v[node].b = right;
		if (last < 0)
			*at = node;
		else
			p->v[last].b = node;
		last = node;
	}
	return E_OK;
}

static enum err
parse_and(struct parser *p, int *at)
{
	return parse_row(p, "and", COND_AND, parse_not, at);
}

static enum err
parse_or(struct parser *p, int *at)
{
	return parse_row(p, "or", COND_OR, parse_and, at);
}

/* To prefix order, so that [0] is the root. */
static int
copy_prefix(const struct cond *from, int at, struct cond *to, size_t *n)
{
	size_t mine = (*n)++;

	to[mine] = from[at];
	if (from[at].a >= 0)
		to[mine].a = copy_prefix(from, from[at].a, to, n);
	if (from[at].b >= 0)
		to[mine].b = copy_prefix(from, from[at].b, to, n);
	return (int)mine;
}

static bool
needs_understanding(enum cond_op op)
{
	return op == COND_INTENT || op == COND_SCORE || op == COND_UNKNOWN || op == COND_MOOD ||
	    op == COND_ENTITY || op == COND_LANGUAGE || op == COND_ASKS_PERSON ||
	    op == COND_CHURN || op == COND_LEGAL || op == COND_INJECTION || op == COND_FLAG;
}

enum err
cond_compile(struct str text, struct arena *a, struct cond_code *out, struct fault *f)
{
	struct parser *p = arena_new_of(a, struct parser);
	struct cond *v;
	int root;

	*out = (struct cond_code){ .before = true };
	p->a = a;
	p->f = f;
	p->text = text;
	advance(p);
	TRY(parse_or(p, &root));
	if (p->kind != T_END)
		return expected(p, "\"and\", \"or\" or the end");
	v = arena_array(a, struct cond, p->n);
	copy_prefix(p->v, root, v, &out->n);
	out->v = v;
	for (size_t i = 0; i < out->n; i++)
		if (needs_understanding(v[i].op))
			out->before = false;
	return E_OK;
}
