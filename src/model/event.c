/* SPDX-License-Identifier: Apache-2.0 */
/* event.c - kinds, hashes, and reading the record. */
#include "model/event.h"

#include "model/conv_state.h"
#include "model/event_hash.h"
#include "model/sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_LAYOUT 1
#define KIND_BYTES 32
#define TOKEN_HASH_BYTES 8

static const struct {
	const char *name, *help;
	size_t name_n;
	int v;
	enum audience audience;
} kinds[EV_N] = {
#define EVENT(id, name, v, audience, help) [EV_##id] = { name, help, sizeof(name) - 1, v, AUDIENCE_##audience },
#include "model/event.def"
#undef EVENT
};

const char *
event_kind_name(enum event_kind k)
{
	CHECK((unsigned)k < EV_N);
	return kinds[k].name;
}

const char *
event_help(enum event_kind k)
{
	CHECK((unsigned)k < EV_N);
	return kinds[k].help;
}

enum audience
event_audience(enum event_kind k)
{
	CHECK((unsigned)k < EV_N);
	return kinds[k].audience;
}

int
event_version(enum event_kind k)
{
	CHECK((unsigned)k < EV_N);
	return kinds[k].v;
}

bool
event_kind_parse(struct str name, enum event_kind *out)
{
	for (unsigned k = 0; k < EV_N; k++) {
		if (name.n == kinds[k].name_n && memcmp(name.p, kinds[k].name, name.n) == 0) {
			*out = (enum event_kind)k;
			return true;
		}
	}
	return false;
}

const char *
audience_name(enum audience a)
{
	static const char *const names[] = { "public", "agents", "internal" };

	CHECK((unsigned)a < 3);
	return names[a];
}

const char *
actor_type_name(enum actor_type t)
{
	static const char *const names[] = { "system", "customer", "ai", "agent" };

	CHECK((unsigned)t < 4);
	return names[t];
}

/* Every kind is at version 1 today; a second version adds its case here and its
 * line in test/events/. */
enum err
event_upcast(enum event_kind kind, int v, struct str body, struct arena *a, struct str *out,
    struct fault *f)
{
	(void)a;
	if (v != event_version(kind))
		return fault(f, E_INVALID, "event %s: version %d is unknown to this program (it knows %d)",
		    event_kind_name(kind), v, event_version(kind));
	*out = body;
	return E_OK;
}

static void
put(uint8_t **at, uint64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		*(*at)++ = (uint8_t)(v >> (8 * i));
}

static void
put_bytes(uint8_t **at, const void *p, size_t n)
{
	memcpy(*at, p, n);
	*at += n;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
policy_bytes(struct str hex, uint8_t out[32])
{
	memset(out, 0, 32);
	if (hex.n == 0)
		return true;
	if (hex.n != 64)
		return false;
	for (size_t i = 0; i < 32; i++) {
		int hi = hex_digit(hex.p[2 * i]), lo = hex_digit(hex.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

enum err
event_header(const struct event *e, uint8_t out[EVENT_HEADER_BYTES], struct fault *f)
{
	static const struct id none;
	uint8_t *at = out, policy[32], kind[KIND_BYTES] = { 0 };
	const char *name = event_kind_name(e->kind);

	if (!policy_bytes(e->policy_hash, policy))
		return fault(f, E_INVALID, "event %s: the policy hash \"%.*s\" is not 64 hex digits", name,
		    STR_ARG(str_clip_utf8(e->policy_hash, 80)));
	CHECK(strlen(name) < KIND_BYTES);
	memcpy(kind, name, strlen(name));
	put(&at, HEADER_LAYOUT, 1);
	put_bytes(&at, e->conv_id.b, 16);
	put(&at, (uint64_t)e->seq, 4);
	put(&at, (uint64_t)e->at_us, 8);
	put(&at, (uint64_t)e->actor.type, 1);
	put_bytes(&at, e->actor.id.b, 16);
	put(&at, (uint64_t)e->audience, 1);
	put_bytes(&at, kind, KIND_BYTES);
	put(&at, (uint64_t)e->v, 2);
	put(&at, (uint64_t)e->turn, 8);
	put_bytes(&at, policy, 32);
	put(&at, e->has_cmid ? 1 : 0, 1);
	put_bytes(&at, e->has_cmid ? e->cmid.b : none.b, 16);
	CHECK(at == out + EVENT_HEADER_BYTES);
	return E_OK;
}

void
event_body_hash(const uint8_t salt[EVENT_SALT_BYTES], struct str body, uint8_t out[32])
{
	sha256_parts((const struct sha256_part[]){ { salt, EVENT_SALT_BYTES }, { body.p, body.n } }, 2, out);
}

enum err
event_hash(const uint8_t previous[32], const struct event *e, const uint8_t body_hash[32],
    uint8_t out[32], struct fault *f)
{
	uint8_t header[EVENT_HEADER_BYTES];

	TRY(event_header(e, header, f));
	sha256_parts((const struct sha256_part[]){ { previous, 32 }, { header, sizeof(header) },
	    { body_hash, 32 } }, 3, out);
	return E_OK;
}

enum err
event_row_read(struct stmt *s, struct arena *a, struct event_raw *out, struct fault *f)
{
	struct event *e = &out->e;
	struct str kind = db_str(s, 8, a), body;

	*out = (struct event_raw){ 0 };
	e->gid = db_i64(s, 0);
	e->conv = db_i64(s, 1);
	(void)db_bytes(s, 2, e->conv_id.b, sizeof(e->conv_id.b));
	e->seq = (int32_t)db_i64(s, 3);
	e->at_us = db_i64(s, 4);
	e->actor.type = (enum actor_type)db_i64(s, 5);
	(void)db_bytes(s, 6, e->actor.id.b, sizeof(e->actor.id.b));
	e->audience = (enum audience)db_i64(s, 7);
	if (!event_kind_parse(kind, &e->kind))
		return fault(f, E_INVALID, "event %d: the kind \"%.*s\" is unknown to this program", e->seq,
		    STR_ARG(kind));
	e->v = (int)db_i64(s, 9);
	e->turn = db_i64(s, 10);
	e->policy_hash = db_str(s, 11, a);
	e->has_cmid = db_bytes(s, 12, e->cmid.b, sizeof(e->cmid.b));
	(void)db_bytes(s, 13, out->body_hash, sizeof(out->body_hash));
	(void)db_bytes(s, 14, e->hash, sizeof(e->hash));
	e->erased = db_is_null(s, 15);
	(void)db_bytes(s, 15, out->salt, sizeof(out->salt));
	body = db_str(s, 16, a);
	return e->erased ? E_OK : event_upcast(e->kind, e->v, body, a, &e->body, f);
}

enum err
event_list(struct db *db, int64_t conv, int32_t after, enum audience most, size_t limit,
    struct arena *a, struct event **out, size_t *n, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_event_list);
	size_t cap = limit < 32 ? limit : 32;
	struct event *v = arena_array(a, struct event, cap + 1);
	bool row;
	enum err e;

	db_bind_i64(s, 1, conv);
	db_bind_i64(s, 2, after);
	db_bind_i64(s, 3, most);
	db_bind_i64(s, 4, limit > INT32_MAX ? INT32_MAX : (int64_t)limit);
	*n = 0;
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		struct event_raw raw;

		e = event_row_read(s, a, &raw, f);
		if (e != E_OK)
			break;
		if (*n == cap) {
			struct event *grown = arena_array(a, struct event, cap * 2 + 1);

			memcpy(grown, v, cap * sizeof(v[0]));
			v = grown;
			cap *= 2;
		}
		v[(*n)++] = raw.e;
	}
	db_done(s);
	*out = v;
	return e;
}

enum err
event_last_of(struct db *db, int64_t conv, enum event_kind kind, struct arena *a, struct event *out,
    struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_event_last_of);
	struct event_raw raw = { 0 };
	bool row;
	enum err e;

	db_bind_i64(s, 1, conv);
	db_bind_str(s, 2, str_from(event_kind_name(kind)));
	e = db_step(s, &row, f);
	if (e == E_OK && !row)
		e = fault(f, E_NOTFOUND, "no %s in this conversation", event_kind_name(kind));
	else if (e == E_OK)
		e = event_row_read(s, a, &raw, f);
	db_done(s);
	if (e == E_OK)
		*out = raw.e;
	return e;
}

enum err
event_last_gid(struct db *db, int64_t *gid, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_event_last_gid);
	bool row;

	TRY(sql_row(s, &row, f));
	*gid = row ? db_i64(s, 0) : 0;
	db_done(s);
	return E_OK;
}

void
event_resume_of(const struct event *e, char out[EVENT_RESUME_BYTES])
{
	int at = snprintf(out, EVENT_RESUME_BYTES, "%d.", (int)e->seq);

	for (size_t i = 0; i < TOKEN_HASH_BYTES; i++)
		(void)snprintf(out + at + 2 * i, 3, "%02x", e->hash[i]);
}

static enum err
hash_at(struct db *db, int64_t conv, int32_t seq, uint8_t out[32], struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_event_hash);
	bool row;

	db_bind_i64(s, 1, conv);
	db_bind_i64(s, 2, seq);
	TRY(sql_row(s, &row, f));
	if (!row)
		return fault(f, E_NOTFOUND, "no event %d", seq);
	(void)db_bytes(s, 0, out, 32);
	db_done(s);
	return E_OK;
}

enum err
event_resume_token(struct db *db, int64_t conv, int32_t seq, struct arena *a, struct str *out,
    struct fault *f)
{
	uint8_t hash[32] = { 0 };
	struct str hex;

	if (seq > 0)
		TRY(hash_at(db, conv, seq, hash, f));
	hex = hex_str(a, hash, TOKEN_HASH_BYTES);
	*out = str_fmt(a, "%d.%S", (int)seq, hex);
	return E_OK;
}

enum err
event_resume_seq(struct db *db, int64_t conv, struct str token, int32_t *seq, struct fault *f)
{
	struct str hex, number = str_cut(token, '.', &hex);
	uint8_t hash[32] = { 0 };
	int64_t at;

	if (!str_i64(number, &at) || at < 0 || at > INT32_MAX || hex.n != TOKEN_HASH_BYTES * 2)
		return fault(f, E_NOTFOUND, "this is not a resume token");
	if (at > 0)
		TRY(hash_at(db, conv, (int32_t)at, hash, f));
	for (size_t i = 0; i < TOKEN_HASH_BYTES; i++) {
		int hi = hex_digit(hex.p[2 * i]), lo = hex_digit(hex.p[2 * i + 1]);

		if (hi < 0 || lo < 0 || hash[i] != (hi << 4 | lo))
			return fault(f, E_NOTFOUND, "the position belongs to another history");
	}
	*seq = (int32_t)at;
	return E_OK;
}

/* One event against its predecessor. */
static enum err
verify_one(const struct event_raw *r, int32_t want_seq, const uint8_t previous[32], struct fault *f)
{
	uint8_t hash[32];

	if (r->e.seq != want_seq)
		return fault(f, E_INVALID, "event %d is missing", want_seq);
	if (!r->e.erased) {
		event_body_hash(r->salt, r->e.body, hash);
		if (memcmp(hash, r->body_hash, sizeof(hash)) != 0)
			return fault(f, E_INVALID, "event %d: the body is not the one that was recorded", want_seq);
	}
	TRY(event_hash(previous, &r->e, r->body_hash, hash, f));
	if (memcmp(hash, r->e.hash, sizeof(hash)) != 0)
		return fault(f, E_INVALID, "event %d: the chain is broken", want_seq);
	return E_OK;
}

static enum err
verify_all(struct db *db, int64_t conv, struct arena *a, int32_t *seq, uint8_t last[32], struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_event_list);
	bool row;
	enum err e;

	db_bind_i64(s, 1, conv);
	db_bind_i64(s, 2, 0);
	db_bind_i64(s, 3, AUDIENCE_INTERNAL);
	db_bind_i64(s, 4, INT32_MAX);
	memset(last, 0, 32);
	*seq = 0;
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		struct event_raw r;

		e = event_row_read(s, a, &r, f);
		if (e == E_OK)
			e = verify_one(&r, *seq + 1, last, f);
		if (e != E_OK)
			break;
		memcpy(last, r.e.hash, 32);
		++*seq;
		arena_reset(a);
	}
	db_done(s);
	return e;
}

enum err
event_chain_verify(struct db *db, int64_t conv, struct arena *a, struct fault *f)
{
	/* One of its own, emptied after each event: a record may be long. */
	struct arena *scratch = arena_new(0);
	struct conv_state c;
	uint8_t last[32];
	int32_t seq;
	enum err e;

	(void)a;
	e = verify_all(db, conv, scratch, &seq, last, f);
	if (e == E_OK)
		e = conv_state_load(db, conv, scratch, &c, f);
	if (e == E_OK && (c.row.last_seq != seq || memcmp(c.last_hash, last, sizeof(last)) != 0))
		e = fault(f, E_INVALID, "event %d is missing: the record ends before its head", seq + 1);
	arena_free(&scratch);
	return e;
}
