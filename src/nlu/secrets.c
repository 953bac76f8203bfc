/* SPDX-License-Identifier: Apache-2.0 */
/* secrets.c - credentials: "password is hunter2", keys by their known beginnings, JWT, PEM, tokens in URLs.
 *
 * "My password is wrong" holds none: after a bare "is" a plain word counts only
 * where it ends the sentence and is no word that passwords are described with.
 */
#include "nlu/personal_parts.h"

#include <string.h>

#define SECRET_MOST 200
#define PEM_MOST 8000
#define LONG_LOOKS 64		/* URLs and tokens with dots that are read to their ends: bounds the time */

static bool
is_key_char(char c)
{
	return (scan_is_word(c) && c != PLAIN_LETTER) || c == '_' || c == '-';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* --- keys --- */

static const struct key {
	const char *prefix;
	size_t least;		/* characters behind it */
	const char *what;
} keys[] = {
	{ "sk-", 20, "api_key" }, { "sk_live_", 10, "api_key" }, { "sk_test_", 10, "api_key" },
	{ "rk_live_", 10, "api_key" }, { "pk_live_", 10, "api_key" }, { "ghp_", 30, "api_key" },
	{ "gho_", 30, "api_key" }, { "ghu_", 30, "api_key" }, { "ghs_", 30, "api_key" }, { "ghr_", 30, "api_key" },
	{ "github_pat_", 20, "api_key" }, { "glpat-", 18, "api_key" }, { "AKIA", 16, "api_key" },
	{ "ASIA", 16, "api_key" }, { "xoxb-", 10, "api_key" }, { "xoxp-", 10, "api_key" }, { "xoxa-", 10, "api_key" },
	{ "xoxr-", 10, "api_key" }, { "xoxs-", 10, "api_key" }, { "AIza", 30, "api_key" }, { "ya29.", 20, "token" },
	{ "SG.", 30, "api_key" }, { "hf_", 30, "api_key" }, { "npm_", 30, "api_key" }, { "pypi-", 30, "api_key" },
	{ "shpat_", 30, "api_key" }, { "dop_v1_", 40, "api_key" }, { "whsec_", 20, "api_key" },
};

#define KEY_LEAST 15		/* the shortest of them, with its beginning */

/* Keys may hold dots: ya29., SG., JWT. */
static size_t
key_end(struct str t, size_t at, bool dots)
{
	size_t k = at;

	while (k < t.n && (is_key_char(t.p[k]) || (dots && t.p[k] == '.' && k + 1 < t.n && is_key_char(t.p[k + 1]))))
		k++;
	return k;
}

/* Most words are too short for any of them. */
static bool
may_be_key(struct str t, size_t at)
{
	return key_end(str_sub(t, 0, at + KEY_LEAST + 1), at, true) >= at + KEY_LEAST;
}

/* looks: of those that may go on for long. */
static void
keys_at(struct sightings *x, size_t at, unsigned *looks)
{
	struct str t = x->s->plain.s;

	if (!may_be_key(t, at))
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i].prefix), end;

		if (t.p[at] != keys[i].prefix[0] || !str_starts(str_sub(t, at, n), str_from(keys[i].prefix)))
			continue;
		end = key_end(t, at + n, keys[i].prefix[n - 1] == '.');
		if (end - at - n >= keys[i].least)
			sighting_add(x, STR("secret"), str_from(keys[i].what), at, end, 980000);
	}
	if (*looks > 0 && str_starts(str_sub(t, at, 3), STR("eyJ"))) {
		size_t end = key_end(t, at, true), dots = 0;

		--*looks;
		for (size_t k = at; k < end; k++)
			dots += t.p[k] == '.';
		if (dots == 2 && end - at >= 30)
			sighting_add(x, STR("secret"), STR("token"), at, end, 990000);
	}
}

static void
pem_find(struct sightings *x)
{
	struct str t = x->s->plain.s, rest = t;
	size_t at = 0;

	for (;;) {
		ptrdiff_t from = str_find(rest, STR("-----BEGIN ")), key, end;

		if (from < 0)
			return;
		at += (size_t)from;
		rest = str_sub(t, at, PEM_MOST);
		key = str_find(str_sub(rest, 0, 60), STR("PRIVATE KEY-----"));
		end = str_find(rest, STR("-----END "));
		if (key > 0)
			sighting_add(x, STR("secret"), STR("private_key"), at, end < 0 ? at + rest.n :
			    at + str_sub(t, at, (size_t)end + 45 < rest.n ? (size_t)end + 45 : rest.n).n, 999000);
		at += 11;
		rest = str_sub(t, at, t.n);
	}
}

/* --- URLs: a password before the host, a token behind the question mark --- */

static bool
has_secret_parameter(struct str url)
{
	static const char *const names[] = { "token=", "key=", "secret=", "password=", "passwd=", "pwd=", "sig=",
		"signature=", "auth=", "session=", "sid=", "code=", "apikey=", "otp=" };
	ptrdiff_t q = str_find(url, STR("?"));
	struct str query;

	if (q < 0 && (q = str_find(url, STR("#"))) < 0)
		return false;
	query = str_sub(url, (size_t)q, url.n);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ptrdiff_t at = str_find_nocase(query, str_from(names[i]));

		if (at > 0 && query.n - (size_t)at > strlen(names[i]) + 5)
			return true;
	}
	return false;
}

static void
url_at(struct sightings *x, size_t at)
{
	struct str t = x->s->plain.s, url;
	size_t end = at;
	ptrdiff_t sign, slash;

	while (end < t.n && !is_blank(t.p[end]) && t.p[end] != '<' && t.p[end] != '>' && t.p[end] != '"')
		end++;
	url = str_sub(t, at, end - at);
	slash = str_find(str_sub(url, 8, url.n), STR("/"));
	sign = str_find(url, STR("@"));
	if (sign > 8 && (slash < 0 || sign < slash + 8) && str_find(str_sub(url, 8, (size_t)sign - 8), STR(":")) >= 0)
		sighting_add(x, STR("secret"), STR("url"), at, end, 990000);
	else if (has_secret_parameter(url))
		sighting_add(x, STR("secret"), STR("url"), at, end, 995000);
}

/* --- "password is hunter2" --- */

struct value {
	size_t from, to;
	bool letters, digits, signs, capitals, small;
};

static struct value
value_at(struct str t, size_t at)
{
	struct value v = { .from = at };
	char quote = '\0';

	if (at < t.n && (t.p[at] == '"' || t.p[at] == '\'' || t.p[at] == '`')) {
		quote = t.p[at];
		v.from = ++at;
	}
	for (v.to = v.from; v.to < t.n && v.to - v.from < SECRET_MOST && !is_blank(t.p[v.to]) &&
	    (quote == '\0' || t.p[v.to] != quote); v.to++)
		continue;
	while (quote == '\0' && v.to > v.from && strchr(".,;:!?)\"'", t.p[v.to - 1]) != NULL &&
	    !(t.p[v.to - 1] == '!' && v.to - v.from > 6))
		v.to--;
	for (size_t i = v.from; i < v.to; i++) {
		char c = t.p[i];

		v.digits |= scan_is_digit(c);
		v.letters |= scan_is_letter(c);
		v.capitals |= c >= 'A' && c <= 'Z' && i > v.from;
		v.small |= c >= 'a' && c <= 'z';
		v.signs |= !scan_is_word(c) && c != '-' && c != '\'';
	}
	return v;
}

static bool
ends_sentence(struct str t, size_t at)
{
	while (at < t.n && (t.p[at] == '"' || t.p[at] == '\''))
		at++;
	return at >= t.n || strchr(".,;!?\n)", t.p[at]) != NULL;
}

/* 0: a password, 1: a short code, 2: a key. told: by a colon or an equals sign. */
static int32_t
value_sureness(const struct scan *s, const struct value *v, int kind, bool told, bool is)
{
	size_t n = v->to - v->from, i = scan_token_at(s, v->from);
	bool mixed = (v->digits && v->letters) || v->signs || (v->capitals && v->small);
	bool described = i < s->n && scan_role(s, i, ROLE_PUBLIC, LANGS_ALL) != NULL && !mixed;

	if (kind == 1)
		return v->digits && !v->signs && n >= 3 && n <= 8 ? (told || is ? 950000 : 850000) : 0;
	if (n < 4 || described || strchr(".,;)!?", s->plain.s.p[v->from]) != NULL)
		return 0;
	if (kind == 2)
		return n >= 12 && v->digits && v->letters ? 950000 : told && n >= 16 ? 800000 : 0;
	if (told)
		return mixed || v->digits ? 970000 : 850000;
	if (!is)
		return v->digits && v->letters && n >= 6 ? 800000 : 0;
	if (mixed || v->digits)
		return 950000;
	return ends_sentence(s->plain.s, v->to) && n >= 5 ? 600000 : 0;
}

/* The value after the word at token i. */
static void
said_at(struct sightings *x, size_t i, const struct reading *word)
{
	static const char *const what[] = { "password", "code", "token" };
	const struct scan *s = x->s;
	const struct reading *is;
	struct str t = s->plain.s;
	size_t at = s->v[i + word->words - 1].to, k = i + word->words;
	bool told = false;
	struct value v;
	int32_t p;

	/* "password for the shop is", "PIN number:" */
	for (int skip = 0; skip < 4 && k < s->n && scan_role(s, k, ROLE_IS, LANGS_ALL) == NULL; skip++, k++) {
		struct str gap = scan_gap(s, k);

		if (str_find(gap, STR(":")) >= 0 || str_find(gap, STR("=")) >= 0 || str_find(gap, STR(".")) >= 0)
			break;
	}
	is = scan_role(s, k, ROLE_IS, LANGS_ALL);
	if (is != NULL)
		at = s->v[k + is->words - 1].to;
	else if (k < s->n && k > i + word->words && str_find(scan_gap(s, k), STR(":")) >= 0)
		at = s->v[k - 1].to;
	while (at < t.n && (t.p[at] == ' ' || t.p[at] == ':' || t.p[at] == '=' || t.p[at] == '>' || t.p[at] == ')' ||
	    t.p[at] == '\n')) {
		told |= t.p[at] == ':' || t.p[at] == '=';
		at++;
	}
	v = value_at(t, at);
	p = value_sureness(s, &v, word->value, told, is != NULL);
	if (v.to > v.from)
		sighting_add(x, STR("secret"), str_from(what[word->value]), v.from, v.to, p);
}

void
secrets_find(struct sightings *x)
{
	const struct scan *s = x->s;
	struct str t = s->plain.s;
	unsigned looks = LONG_LOOKS;

	for (size_t i = 0; i < s->n; i++) {
		const struct reading *r = scan_role(s, i, ROLE_SECRET, LANGS_ALL);
		size_t at = s->v[i].from;

		if (r != NULL) {
			said_at(x, i, r);
			i += r->words - 1u;
			continue;
		}
		if (at > 0 && is_key_char(t.p[at - 1]))
			continue;
		keys_at(x, at, &looks);
		if (looks > 0 && s->low.p[at] == 'h' && (str_starts(str_sub(s->low, at, 8), STR("https://")) ||
		    str_starts(str_sub(s->low, at, 7), STR("http://")))) {
			looks--;
			url_at(x, at);
		}
	}
	if (str_find(t, STR("-----BEGIN ")) >= 0)
		pem_find(x);
}
