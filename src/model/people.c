/* SPDX-License-Identifier: Apache-2.0 */
/* people.c - contacts, visitors, users, sessions; an audit row a change. */
#include "model/people.h"

#include "model/sql.h"

#include <string.h>

static enum err
audit_id(struct db *db, int64_t at_us, const char *what, struct id who, struct str detail, struct fault *f)
{
	char text[ID_LEN + 1];

	id_text(who, text);
	return sql_audit(db, at_us, what, str_from(text), detail, f);
}

/* contacts and visitors */

enum err
visitor_create(struct db *db, const struct visitor *v, const uint8_t token_hash[32], struct str language,
    int64_t now_us, struct fault *f)
{
	struct stmt *s;

	role_assert_writer();
	s = db_stmt(db, SQL_contact_add);
	db_bind_blob(s, 1, v->contact.b, sizeof(v->contact.b));
	db_bind_str(s, 2, language);
	db_bind_i64(s, 3, now_us);
	TRY(sql_exec(s, f));
	s = db_stmt(db, SQL_visitor_add);
	db_bind_blob(s, 1, v->id.b, sizeof(v->id.b));
	db_bind_blob(s, 2, token_hash, 32);
	db_bind_blob(s, 3, v->contact.b, sizeof(v->contact.b));
	db_bind_str(s, 4, v->inbox);
	db_bind_str(s, 5, v->address);
	db_bind_i64(s, 6, now_us);
	TRY(sql_exec(s, f));
	return audit_id(db, now_us, "visitor.created", v->id, v->inbox, f);
}

enum err
visitor_by_token(struct db *db, const uint8_t token_hash[32], struct arena *a, struct visitor *out,
    struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_visitor_get);
	bool found;

	db_bind_blob(s, 1, token_hash, 32);
	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_DENIED, "this visit is not known");
	(void)db_bytes(s, 0, out->id.b, sizeof(out->id.b));
	(void)db_bytes(s, 1, out->contact.b, sizeof(out->contact.b));
	out->inbox = db_str(s, 2, a);
	out->address = db_str(s, 3, a);
	db_done(s);
	return E_OK;
}

static enum err
read_contact(struct db *db, const struct id *id, struct arena *a, struct contact *out, int64_t *num,
    struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_contact_get);
	bool found;

	db_bind_blob(s, 1, id->b, sizeof(id->b));
	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_NOTFOUND, "there is no such contact");
	(void)db_bytes(s, 0, out->id.b, sizeof(out->id.b));
	out->name = db_str(s, 1, a);
	out->email = db_str(s, 2, a);
	out->tier = db_str(s, 3, a);
	out->language = db_str(s, 4, a);
	out->verified = db_i64(s, 5) != 0;
	out->version = (int32_t)db_i64(s, 6);
	out->since_us = db_i64(s, 7);
	out->conversations = db_i64(s, 8);
	out->way_back = db_str(s, 9, a);
	*num = db_i64(s, 10);
	db_done(s);
	return E_OK;
}

enum err
contact_get(struct db *db, struct id id, struct arena *a, struct contact *out, struct fault *f)
{
	int64_t num;

	return read_contact(db, &id, a, out, &num, f);
}

static enum err
index_contact(struct db *db, int which, int64_t num, struct str name, struct str email, struct fault *f)
{
	struct stmt *s = db_stmt(db, which);

	db_bind_i64(s, 1, num);
	db_bind_str(s, 2, name);
	db_bind_str(s, 3, email);
	return sql_exec(s, f);
}

static enum err
identify(struct db *db, const struct id *id, struct str name, struct str email, struct arena *a, struct fault *f)
{
	struct contact was;
	struct stmt *s;
	int64_t num;

	TRY(read_contact(db, id, a, &was, &num, f));
	if (was.name.n > 0 || was.email.n > 0)
		TRY(index_contact(db, SQL_contact_fts_del, num, was.name, was.email, f));
	s = db_stmt(db, SQL_contact_identify);
	db_bind_blob(s, 1, id->b, sizeof(id->b));
	db_bind_str(s, 2, name);
	db_bind_str(s, 3, email);
	TRY(sql_exec(s, f));
	if (name.n > 0 || email.n > 0)
		return index_contact(db, SQL_contact_fts_add, num, name, email, f);
	return E_OK;
}

enum err
contact_identify(struct db *db, struct id id, struct str name, struct str email, int64_t now_us,
    struct fault *f)
{
	struct arena *a = arena_new(0);
	enum err e;

	role_assert_writer();
	e = identify(db, &id, name, email, a, f);
	arena_free(&a);
	return e == E_OK ? audit_id(db, now_us, "contact.identified", id, STR_NONE, f) : e;
}

enum err
contact_set_tier(struct db *db, struct id id, struct str tier, int64_t now_us, struct fault *f)
{
	struct stmt *s;

	role_assert_writer();
	s = db_stmt(db, SQL_contact_tier);
	db_bind_blob(s, 1, id.b, sizeof(id.b));
	db_bind_str(s, 2, tier);
	TRY(sql_exec(s, f));
	if (db_changes(db) == 0)
		return fault(f, E_NOTFOUND, "there is no such contact");
	return audit_id(db, now_us, "contact.tier", id, tier, f);
}

enum err
contact_address(struct db *db, struct id contact, struct arena *a, struct str *out, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_contact_address);
	bool found;

	*out = STR_NONE;
	db_bind_blob(s, 1, contact.b, sizeof(contact.b));
	TRY(sql_row(s, &found, f));
	if (!found)
		return E_OK;
	*out = db_str(s, 0, a);
	db_done(s);
	return E_OK;
}

/* users */

enum err
user_create(struct db *db, const struct user *u, int64_t now_us, struct fault *f)
{
	struct arena *a = arena_new(0);
	struct stmt *s = db_stmt(db, SQL_staff_add);
	enum err e;

	role_assert_writer();
	db_bind_blob(s, 1, u->id.b, sizeof(u->id.b));
	db_bind_str(s, 2, str_lower(a, u->email));
	db_bind_str(s, 3, u->name);
	db_bind_str(s, 4, u->password);
	db_bind_i64(s, 5, u->role);
	db_bind_i64(s, 6, u->available);
	db_bind_i64(s, 7, now_us);
	e = sql_exec(s, f);
	if (e == E_CONFLICT)
		e = fault(f, E_CONFLICT, "there is a user with the e-mail %.*s already", STR_ARG(u->email));
	for (size_t i = 0; i < u->inboxes_n && e == E_OK; i++) {
		s = db_stmt(db, SQL_staff_inbox_add);
		db_bind_blob(s, 1, u->id.b, sizeof(u->id.b));
		db_bind_str(s, 2, u->inboxes[i]);
		e = sql_exec(s, f);
	}
	arena_free(&a);
	return e == E_OK ? audit_id(db, now_us, "user.created", u->id, u->email, f) : e;
}

static enum err
read_inboxes(struct db *db, struct arena *a, struct user *u, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_staff_inboxes);
	size_t cap = 8;
	struct str *v = arena_array(a, struct str, cap);
	bool row;
	enum err e;

	u->inboxes_n = 0;
	db_bind_blob(s, 1, u->id.b, sizeof(u->id.b));
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		if (u->inboxes_n == cap) {
			struct str *grown = arena_array(a, struct str, cap * 2);

			memcpy(grown, v, cap * sizeof(v[0]));
			v = grown;
			cap *= 2;
		}
		v[u->inboxes_n++] = db_str(s, 0, a);
	}
	db_done(s);
	u->inboxes = v;
	return e;
}

static void
read_user(struct stmt *s, struct arena *a, struct user *u)
{
	*u = (struct user){ 0 };
	(void)db_bytes(s, 0, u->id.b, sizeof(u->id.b));
	u->email = db_str(s, 1, a);
	u->name = db_str(s, 2, a);
	u->password = db_str(s, 3, a);
	u->role = (enum user_role)db_i64(s, 4);
	u->revoked = db_i64(s, 5) != 0;
	u->available = db_i64(s, 6) != 0;
}

static enum err
one_user(struct db *db, struct stmt *s, struct arena *a, struct user *out, struct fault *f)
{
	bool found;

	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_NOTFOUND, "there is no such user");
	read_user(s, a, out);
	db_done(s);
	return read_inboxes(db, a, out, f);
}

enum err
user_by_email(struct db *db, struct str email, struct arena *a, struct user *out, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_staff_by_email);

	db_bind_str(s, 1, str_lower(a, email));
	return one_user(db, s, a, out, f);
}

enum err
user_get(struct db *db, struct id id, struct arena *a, struct user *out, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_staff_by_id);

	db_bind_blob(s, 1, id.b, sizeof(id.b));
	return one_user(db, s, a, out, f);
}

enum err
user_list(struct db *db, struct arena *a, struct user **out, size_t *n, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_staff_list);
	size_t cap = 16;
	struct user *v = arena_array(a, struct user, cap);
	bool row;
	enum err e;

	*n = 0;
	while ((e = db_step(s, &row, f)) == E_OK && row) {
		if (*n == cap) {
			struct user *grown = arena_array(a, struct user, cap * 2);

			memcpy(grown, v, cap * sizeof(v[0]));
			v = grown;
			cap *= 2;
		}
		read_user(s, a, &v[(*n)++]);
	}
	db_done(s);
	for (size_t i = 0; i < *n && e == E_OK; i++)
		e = read_inboxes(db, a, &v[i], f);
	*out = v;
	return e;
}

enum err
user_revoke(struct db *db, struct id id, int64_t now_us, struct fault *f)
{
	struct stmt *s;

	role_assert_writer();
	s = db_stmt(db, SQL_staff_revoke);
	db_bind_blob(s, 1, id.b, sizeof(id.b));
	TRY(sql_exec(s, f));
	if (db_changes(db) == 0)
		return fault(f, E_NOTFOUND, "there is no such user");
	s = db_stmt(db, SQL_session_end_all);
	db_bind_blob(s, 1, id.b, sizeof(id.b));
	TRY(sql_exec(s, f));
	return audit_id(db, now_us, "user.revoked", id, STR_NONE, f);
}

enum err
user_set_available(struct db *db, struct id id, bool available, int64_t now_us, struct fault *f)
{
	struct stmt *s;

	role_assert_writer();
	s = db_stmt(db, SQL_staff_available);
	db_bind_blob(s, 1, id.b, sizeof(id.b));
	db_bind_i64(s, 2, available);
	TRY(sql_exec(s, f));
	if (db_changes(db) == 0)
		return fault(f, E_NOTFOUND, "there is no such user");
	return audit_id(db, now_us, available ? "user.available" : "user.away", id, STR_NONE, f);
}

/* sessions */

enum err
session_create(struct db *db, const struct session *v, const uint8_t cookie_hash[32], int64_t now_us,
    struct fault *f)
{
	struct stmt *s;

	role_assert_writer();
	s = db_stmt(db, SQL_session_sweep);
	db_bind_i64(s, 1, now_us);
	TRY(sql_exec(s, f));
	s = db_stmt(db, SQL_session_add);
	db_bind_blob(s, 1, cookie_hash, 32);
	db_bind_blob(s, 2, v->user.b, sizeof(v->user.b));
	db_bind_blob(s, 3, v->csrf, sizeof(v->csrf));
	db_bind_i64(s, 4, v->expires_us);
	TRY(sql_exec(s, f));
	return audit_id(db, now_us, "session.created", v->user, STR_NONE, f);
}

enum err
session_get(struct db *db, const uint8_t cookie_hash[32], int64_t now_us, struct arena *a, struct session *out,
    struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_session_get);
	bool found;

	(void)a;
	db_bind_blob(s, 1, cookie_hash, 32);
	db_bind_i64(s, 2, now_us);
	TRY(sql_row(s, &found, f));
	if (!found)
		return fault(f, E_DENIED, "you are not signed in");
	(void)db_bytes(s, 0, out->user.b, sizeof(out->user.b));
	(void)db_bytes(s, 1, out->csrf, sizeof(out->csrf));
	out->expires_us = db_i64(s, 2);
	db_done(s);
	return E_OK;
}

enum err
session_end(struct db *db, const uint8_t cookie_hash[32], struct fault *f)
{
	struct stmt *s;

	role_assert_writer();
	s = db_stmt(db, SQL_session_end);
	db_bind_blob(s, 1, cookie_hash, 32);
	return sql_exec(s, f);
}

/* identity tries */

enum err
identity_failures(struct db *db, struct str address, int64_t since_us, int64_t *n, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_identity_count);
	bool row;

	db_bind_str(s, 1, address);
	db_bind_i64(s, 2, since_us);
	TRY(sql_row(s, &row, f));
	CHECK(row);
	*n = db_i64(s, 0);
	db_done(s);
	return E_OK;
}

#define DAY_US INT64_C(86400000000)

enum err
identity_failure_add(struct db *db, struct str address, int64_t now_us, struct fault *f)
{
	struct stmt *s;

	role_assert_writer();
	/* Limits look an hour back: what is older than a day is nobody's business. */
	s = db_stmt(db, SQL_identity_sweep);
	db_bind_str(s, 1, address);
	db_bind_i64(s, 2, now_us - DAY_US);
	TRY(sql_exec(s, f));
	s = db_stmt(db, SQL_identity_add);
	db_bind_str(s, 1, address);
	db_bind_i64(s, 2, now_us);
	return sql_exec(s, f);
}
