/* SPDX-License-Identifier: Apache-2.0 */
/* search.c - conversations by name, e-mail, or words in messages.
 *
 * People first (name and e-mail, by prefix), then messages by BM25, the newest
 * first on ties; a conversation appears once, with its best message.  Of more than
 * MESSAGES_MAX messages that match, the newest MESSAGES_MAX are ranked.  What a
 * person types is never query syntax: each word is quoted, the last is a prefix.
 */
#include "model/conv.h"

#include "base/buf.h"
#include "model/conv_state.h"
#include "model/sql.h"

#include <string.h>

#define QUERY_BYTES 400
#define TOKENS_MAX 16
#define MESSAGES_MAX 1000
#define HITS_MAX 1000
#define PAGE_MAX 100
#define MARKS_MAX 256

static bool
is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

/* A token that FTS5 would cut to nothing makes the whole query match nothing. */
static bool
has_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_word_byte(s.p[i]))
			return true;
	return false;
}

/* "late" "parc"* : empty when there is nothing to search for. */
static struct str
fts_query(struct arena *a, struct str typed)
{
	struct buf b;
	struct str out, rest = str_clip_utf8(typed, QUERY_BYTES);
	size_t tokens = 0;

	buf_init(&b, QUERY_BYTES * 4);
	while (rest.n > 0 && tokens < TOKENS_MAX) {
		size_t n = 0;
		struct str token;

		while (n < rest.n && (unsigned char)rest.p[n] > ' ' && rest.p[n] != '"' && rest.p[n] != 0x7f)
			n++;
		token = str_sub(rest, 0, n);
		rest = str_sub(rest, n + 1, rest.n);
		if (!has_word(token))
			continue;
		if (tokens++ > 0)
			buf_add_c(&b, ' ');
		buf_add_c(&b, '"');
		buf_add_str(&b, token);
		buf_add_c(&b, '"');
	}
	if (tokens > 0)
		buf_add_c(&b, '*');
	CHECK(!b.over);
	out = str_dup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

struct found {
	int64_t conv, gid;	/* gid 0: by name or e-mail */
	int32_t seq;
};

struct search {
	struct db *db;
	struct arena *a;
	struct str query, inboxes;
	struct found *hits;
	size_t n;
};

static bool
has_conv(const struct search *x, int64_t conv)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->hits[i].conv == conv)
			return true;
	return false;
}

static void
add_hit(struct search *x, struct found hit)
{
	if (x->n < HITS_MAX && !has_conv(x, hit.conv))
		x->hits[x->n++] = hit;
}

static enum err
find_contacts(struct search *x, struct fault *f)
{
	struct stmt *s = db_stmt(x->db, SQL_search_contact);
	bool row;
	enum err e;

	db_bind_str(s, 1, x->query);
	db_bind_str(s, 2, x->inboxes);
	while ((e = db_step(s, &row, f)) == E_OK && row)
		add_hit(x, (struct found){ db_i64(s, 0), 0, 0 });
	db_done(s);
	return e;
}

static enum err
find_messages(struct search *x, struct fault *f)
{
	struct stmt *s = db_stmt(x->db, SQL_search_message);
	bool row;
	enum err e;

	db_bind_str(s, 1, x->query);
	db_bind_str(s, 2, x->inboxes);
	db_bind_i64(s, 3, MESSAGES_MAX);
	while ((e = db_step(s, &row, f)) == E_OK && row)
		add_hit(x, (struct found){ db_i64(s, 1), db_i64(s, 0), (int32_t)db_i64(s, 2) });
	db_done(s);
	return e;
}

/* UTF-16 units of the character whose first byte is c; 0 inside one. */
static uint32_t
utf16_units(char c)
{
	unsigned char u = (unsigned char)c;

	if ((u & 0xC0) == 0x80)
		return 0;
	return u >= 0xF0 ? 2 : 1;
}

/* The marked copy differs from the text by \1 and \2 only.  A text that has
 * such characters itself is still read right: what is in both is text. */
static void
read_marks(struct arena *a, struct str text, struct str marked, struct search_hit *hit)
{
	uint32_t *marks = arena_array(a, uint32_t, MARKS_MAX), units = 0;
	size_t at = 0;

	for (size_t i = 0; i < marked.n; i++) {
		char c = marked.p[i];

		if ((c == 1 || c == 2) && (at >= text.n || text.p[at] != c)) {
			/* Begin and end alternate; a full table ends after an end. */
			if ((c == 1) == (hit->marks_n % 2 == 0) && hit->marks_n < MARKS_MAX)
				marks[hit->marks_n++] = units;
			continue;
		}
		units += utf16_units(c);
		at++;
	}
	hit->marks_n -= hit->marks_n % 2;
	hit->marks = marks;
}

static struct search_hit *
hit_of(const struct search *x, struct search_hit *page, size_t from, size_t n, int64_t gid)
{
	for (size_t i = 0; i < n; i++)
		if (x->hits[from + i].gid == gid)
			return &page[i];
	return NULL;
}

/* The texts of hits[from .. from + n); an erased one stays empty. */
static enum err
read_texts(struct search *x, size_t from, size_t n, struct search_hit *page, struct fault *f)
{
	struct str list = STR("[");
	int64_t lo = INT64_MAX, hi = 0;
	struct stmt *s;
	bool row;
	enum err e;

	for (size_t i = from; i < from + n; i++) {
		int64_t gid = x->hits[i].gid;

		if (gid == 0)
			continue;
		list = str_fmt(x->a, hi > 0 ? "%S,%ld" : "%S%ld", list, gid);
		lo = gid < lo ? gid : lo;
		hi = gid > hi ? gid : hi;
	}
	if (hi == 0)
		return E_OK;
	list = str_fmt(x->a, "%S]", list);
	s = db_stmt(x->db, SQL_search_text);
	db_bind_str(s, 1, x->query);
	db_bind_str(s, 2, list);
	db_bind_i64(s, 3, lo);
	db_bind_i64(s, 4, hi);
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		struct search_hit *hit = hit_of(x, page, from, n, db_i64(s, 0));
		struct str marked = db_str(s, 2, x->a);

		CHECK(hit != NULL);
		hit->text = db_str(s, 1, x->a);
		read_marks(x->a, hit->text, marked, hit);
	}
	db_done(s);
	return e;
}

static enum err
read_row(struct search *x, const struct found *at, struct search_hit *hit, struct fault *f)
{
	struct stmt *s = db_stmt(x->db, SQL_search_row);
	bool row;

	db_bind_i64(s, 1, at->conv);
	TRY(sql_row(s, &row, f));
	CHECK(row);	/* in one read transaction */
	conv_row_read_joined(s, x->a, &hit->row);
	db_done(s);
	hit->seq = at->seq;
	return E_OK;
}

enum err
conv_search(struct db *db, struct str query, const struct str *inboxes, size_t inboxes_n, struct str cursor,
    size_t limit, struct arena *a, struct search_hit **out, size_t *n, struct str *next, struct fault *f)
{
	struct search x = { .db = db, .a = a };
	int64_t from = 0;

	*out = NULL;
	*n = 0;
	*next = STR_NONE;
	if (cursor.n > 0 && (!str_i64(cursor, &from) || from < 0 || from > HITS_MAX))
		return fault(f, E_INVALID, "\"after\" is not a cursor of this search");
	limit = limit == 0 || limit > PAGE_MAX ? PAGE_MAX : limit;
	x.query = fts_query(a, query);
	if (x.query.n == 0)
		return E_OK;
	x.inboxes = sql_list(a, inboxes, inboxes_n);
	x.hits = arena_array(a, struct found, HITS_MAX);
	TRY(find_contacts(&x, f));
	TRY(find_messages(&x, f));
	*out = arena_array(a, struct search_hit, limit);
	for (size_t i = (size_t)from; i < x.n && *n < limit; i++)
		TRY(read_row(&x, &x.hits[i], &(*out)[(*n)++], f));
	TRY(read_texts(&x, (size_t)from, *n, *out, f));
	if ((size_t)from + *n < x.n)
		*next = str_fmt(a, "%ld", from + (int64_t)*n);
	return E_OK;
}
