/* SPDX-License-Identifier: Apache-2.0 */
/* stream.c - reads lines, perceives each, writes lines. */
#include "insight/eval/stream.h"

#include "base/buf.h"
#include "base/clock.h"
#include "nlu/perceive.h"
#include "nlu/perception_json.h"
#include "text/zone.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((size_t)64 << 10)
#define LINE_ARENA ((size_t)256 << 20)	/* JSON of 4 MB, taken apart */
#define LANGUAGES_MAX 32

struct stream {
	const struct stream_spec *spec;
	struct arena *a;	/* of one line */
	struct buf line;
	bool cut;		/* the line was longer than can be kept */
	size_t number, errors;
	FILE *out;
};

struct message {		/* of one line */
	struct stream *s;
	struct str text;
	struct history history;
	json_t *id;
	struct str made;	/* the line that is written */
};

static enum err
need_text(const json_t *o, const char *what, struct str *out, struct fault *f)
{
	const json_t *v = json_object_get(o, "text");

	if (!json_is_string(v))
		return fault(f, E_INVALID, "%s: expected a string", what);
	*out = (struct str){ json_string_value(v), json_string_length(v) };
	return E_OK;
}

static enum err
optional_text(const json_t *o, const char *name, struct str *out, struct fault *f)
{
	const json_t *v = json_object_get(o, name);

	if (v == NULL || json_is_null(v))
		return E_OK;
	if (!json_is_string(v))
		return fault(f, E_INVALID, "%s: expected a string", name);
	*out = (struct str){ json_string_value(v), json_string_length(v) };
	return E_OK;
}

static enum err
speaker_of(const json_t *item, size_t i, enum speaker *out, struct fault *f)
{
	static const char *const names[] = { "customer", "ai", "agent" };
	struct str by = json_get_str(item, "by");

	for (int k = 0; k < 3; k++)
		if (str_eqz(by, names[k])) {
			*out = (enum speaker)k;
			return E_OK;
		}
	return fault(f, E_INVALID, "history[%zu].by: expected customer, ai or agent", i);
}

static enum err
read_history(struct message *m, const json_t *v, int64_t now_us, struct arena *a, struct fault *f)
{
	struct history_item *items;
	size_t n = json_array_size(v);

	if (v == NULL || json_is_null(v))
		return E_OK;
	if (!json_is_array(v))
		return fault(f, E_INVALID, "history: expected a list");
	if (n > STREAM_HISTORY_MAX)
		return fault(f, E_TOOBIG, "history: more than %d messages", STREAM_HISTORY_MAX);
	items = arena_array(a, struct history_item, n + 1);
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(v, i);
		char what[48];

		(void)snprintf(what, sizeof(what), "history[%zu].text", i);
		TRY(need_text(one, what, &items[i].text, f));
		TRY(speaker_of(one, i, &items[i].by, f));
		items[i].seq = (int32_t)i + 1;
		items[i].at_us = now_us - (int64_t)(n - i) * 60 * US_PER_S;
	}
	m->history.v = items;
	m->history.n = n;
	return E_OK;
}

/* Names of what was said before. */
static enum err
read_known(struct message *m, const json_t *v, struct arena *a, struct fault *f)
{
	size_t n = json_array_size(v);
	struct str *names;

	if (v == NULL || json_is_null(v))
		return E_OK;
	if (!json_is_array(v) || n > STREAM_KNOWN_MAX)
		return fault(f, E_INVALID, "known: expected a list of at most %d names", STREAM_KNOWN_MAX);
	names = arena_array(a, struct str, n + 1);
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(v, i);

		if (!json_is_string(one))
			return fault(f, E_INVALID, "known[%zu]: expected the name of a kind", i);
		names[i] = (struct str){ json_string_value(one), json_string_length(one) };
	}
	m->history.known = names;
	m->history.known_n = n;
	return E_OK;
}

static void
decref(void *j)
{
	json_decref(j);
}

/* Not json_parse(): a number with a fraction somewhere in the line does no harm here. */
static enum err
read_object(struct message *m, struct str line, int64_t now_us, struct arena *a, struct fault *f)
{
	json_error_t why;
	json_t *o = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &why);

	if (o == NULL)
		return fault(f, E_INVALID, "not JSON: column %d: %s", why.column, why.text);
	arena_defer(a, decref, o);
	TRY(need_text(o, "text", &m->text, f));
	TRY(optional_text(o, "language", &m->history.language, f));
	TRY(optional_text(o, "awaiting", &m->history.awaiting, f));
	TRY(read_known(m, json_object_get(o, "known"), a, f));
	m->id = json_object_get(o, "id");
	if (!json_is_string(m->id) && !json_is_integer(m->id))
		m->id = NULL;
	return read_history(m, json_object_get(o, "history"), now_us, a, f);
}

static enum err
perceive_line(struct arena *a, void *arg, struct fault *f)
{
	struct message *m = arg;
	const struct stream_spec *spec = m->s->spec;
	struct str line = buf_str(&m->s->line);
	int64_t now_us = spec->now_us != 0 ? spec->now_us : clock_now_us(clock_real());
	struct perception p;
	json_t *o;

	if (!spec->plain && str_starts(str_trim(line), STR("{"))) {
		if (m->s->cut)
			return fault(f, E_TOOBIG, "longer than %zu MB", STREAM_LINE_MAX >> 20);
		TRY(read_object(m, line, now_us, a, f));
	} else
		m->text = line;
	p = perceive(spec->model, spec->policy, spec->inbox, &m->history, m->text, now_us, spec->zone, a);
	o = perception_to_json(a, spec->policy, &p);
	json_set_str(o, "text", m->text);
	if (m->id != NULL)
		json_set(o, "id", m->id);
	m->made = json_text(a, o);
	return E_OK;
}

static enum err
put(struct stream *s, struct str text, struct fault *f)
{
	if (fwrite(text.p, 1, text.n, s->out) != text.n || fputc('\n', s->out) == EOF || fflush(s->out) != 0)
		return fault(f, E_UPSTREAM, "the output cannot be written: %s", strerror(errno));
	return E_OK;
}

static enum err
line_done(struct stream *s, struct fault *f)
{
	struct message m = { .s = s };
	struct fault why = { 0 };
	json_t *said;
	enum err e;

	s->number++;
	if (s->line.n > 0 && s->line.p[s->line.n - 1] == '\r')
		s->line.n--;
	if (arena_run(s->a, perceive_line, &m, &why) == E_OK)
		e = put(s, m.made, f);
	else {
		s->errors++;
		arena_reset(s->a);
		said = json_obj(s->a);
		json_set_str(said, "error", str_from(why.text));
		json_set_i64(said, "line", (int64_t)s->number);
		e = put(s, json_text(s->a, said), f);
	}
	arena_reset(s->a);
	buf_reset(&s->line);
	s->cut = false;
	return e;
}

static void
keep(struct stream *s, const char *p, size_t n)
{
	size_t room = STREAM_LINE_MAX - s->line.n;

	s->cut |= n > room;
	if (n > 0)
		buf_add(&s->line, p, n < room ? n : room);
}

static enum err
take(struct stream *s, const char *p, size_t n, struct fault *f)
{
	while (n > 0) {
		const char *end = memchr(p, '\n', n);
		size_t part = end == NULL ? n : (size_t)(end - p);

		keep(s, p, part);
		if (end == NULL)
			return E_OK;
		TRY(line_done(s, f));
		p = end + 1;
		n -= part + 1;
	}
	return E_OK;
}

static enum err
pump(struct stream *s, int in, struct fault *f)
{
	char chunk[CHUNK];

	for (;;) {
		ssize_t n = read(in, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault(f, E_UPSTREAM, "the input cannot be read: %s", strerror(errno));
		if (n == 0)
			return s->line.n > 0 ? line_done(s, f) : E_OK;
		TRY(take(s, chunk, (size_t)n, f));
	}
}

enum err
stream_perceive(const struct stream_spec *spec, int in, FILE *out, size_t *errors, struct fault *f)
{
	struct stream s = { .spec = spec, .a = arena_new(LINE_ARENA), .out = out };
	enum err e;

	buf_init(&s.line, STREAM_LINE_MAX + 1);
	e = pump(&s, in, f);
	*errors = s.errors;
	buf_free(&s.line);
	arena_free(&s.a);
	return e;
}

/* --- without a workspace -------------------------------------------------- */

static bool
is_language(struct str s)
{
	return s.n == 2 && s.p[0] >= 'a' && s.p[0] <= 'z' && s.p[1] >= 'a' && s.p[1] <= 'z';
}

enum err
stream_policy(struct arena *a, struct str languages, struct str zone, const struct policy **out, struct fault *f)
{
	struct policy *p = arena_new_of(a, struct policy);
	struct inbox_policy *box = arena_new_of(a, struct inbox_policy);
	struct str *v = arena_array(a, struct str, LANGUAGES_MAX);

	while (languages.n > 0) {
		struct str one = str_trim(str_cut(languages, ',', &languages));

		if (!is_language(one) || box->languages_n == LANGUAGES_MAX)
			return fault(f, E_INVALID, "\"%.*s\" is no language: expected two letters each, as in en,de",
			    STR_ARG(one));
		v[box->languages_n++] = one;
	}
	box->id = STR("stdin");
	box->languages = v;
	box->zone = zone;
	p->hash = STR("0000000000000000000000000000000000000000000000000000000000000000");
	p->inboxes = box;
	p->inboxes_n = 1;
	*out = p;
	return E_OK;
}

/* `n` digits at `at`, or -1. */
static int
digits(struct str s, size_t at, size_t n)
{
	int v = 0;

	if (at + n > s.n)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		v = v * 10 + s.p[i] - '0';
	}
	return v;
}

enum err
stream_time(struct str s, int64_t *out_us, struct fault *f)
{
	struct civil t = { .year = digits(s, 0, 4), .month = digits(s, 5, 2), .day = digits(s, 8, 2) };
	bool date = s.n >= 10 && s.p[4] == '-' && s.p[7] == '-' && t.year > 0 && t.month >= 1 && t.month <= 12 &&
	    t.day >= 1 && t.day <= 31;
	int64_t seconds;

	if (str_i64(s, &seconds) && seconds > 0 && seconds < 253402300800) {
		*out_us = seconds * US_PER_S;
		return E_OK;
	}
	if (date && s.n > 10) {
		t.hour = digits(s, 11, 2);
		t.minute = digits(s, 14, 2);
		t.second = s.n > 17 ? digits(s, 17, 2) : 0;
		date = (s.p[10] == 'T' || s.p[10] == ' ') && s.n > 13 && s.p[13] == ':' && t.hour >= 0 && t.hour < 24 &&
		    t.minute >= 0 &&
		    t.minute < 60 && t.second >= 0 && t.second < 60 &&
		    (s.n < 19 || s.p[16] == ':') &&
		    (s.n == 16 || s.n == 19 || ((s.n == 17 || s.n == 20) && s.p[s.n - 1] == 'Z'));
	}
	if (!date)
		return fault(f, E_INVALID, "\"%.*s\" is no time: expected 2026-11-22T10:00:00Z, 2026-11-22 or seconds",
		    STR_ARG(s));
	*out_us = zone_instant(zone_utc(), t);
	if (zone_civil(zone_utc(), *out_us).day != t.day)
		return fault(f, E_INVALID, "\"%.*s\": that month has no day %d", STR_ARG(s), t.day);
	return E_OK;
}
