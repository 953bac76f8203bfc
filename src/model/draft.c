/* SPDX-License-Identifier: Apache-2.0 */
/* draft.c - the draft's rows, and the messages that are worth a label. */
#include "model/draft.h"

#include "model/peek.h"
#include "model/sql.h"

#define MESSAGES_BACK 20000	/* events that are looked at, from the newest */
#define MESSAGE_LONG 4000	/* of a record: nobody wants to label such a message */

const char *const draft_kind_name[DRAFT_KIND_N] = { "add", "remove", "move", "intent", "name", "describe",
	"delete" };

enum err
draft_read(struct db *db, struct arena *a, struct draft_change **out, size_t *n, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_draft_list);
	bool row;
	enum err e;

	*out = arena_array(a, struct draft_change, DRAFT_CHANGES_MAX + 1);
	*n = 0;
	while ((e = db_step(s, &row, f)) == E_OK && row && *n < DRAFT_CHANGES_MAX) {
		struct draft_change *c = &(*out)[(*n)++];
		int64_t kind = db_i64(s, 2);

		c->id = db_i64(s, 0);
		c->at_us = db_i64(s, 1);
		c->kind = kind < 0 || kind >= DRAFT_KIND_N ? DRAFT_ADD : (enum draft_kind)kind;
		c->intent = db_str(s, 3, a);
		c->to = db_str(s, 4, a);
		c->text = db_str(s, 5, a);
		c->by = db_str(s, 6, a);
	}
	db_done(s);
	return e;
}

static enum err
count_changes(struct db *db, int64_t *n, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_draft_count);
	bool row;

	*n = 0;
	TRY(sql_row(s, &row, f));
	if (row) {
		*n = db_i64(s, 0);
		db_done(s);
	}
	return E_OK;
}

/* By whom, and which text: what one asks of the audit. */
static enum err
audit(struct db *db, int64_t now_us, const char *what, struct str subject, struct str by, struct str text,
    struct fault *f)
{
	struct arena *a = arena_new(0);
	enum err e = sql_audit(db, now_us, what, subject,
	    text.n > 0 ? str_fmt(a, "%S: %S", by, text) : by, f);

	arena_free(&a);
	return e;
}

enum err
draft_add(struct db *db, struct draft_change *c, struct fault *f)
{
	static const char *const what[DRAFT_KIND_N] = { "draft.added", "draft.removed", "draft.moved",
		"draft.intent", "draft.named", "draft.described", "draft.deleted" };
	struct stmt *s;
	int64_t n;

	role_assert_writer();
	TRY(count_changes(db, &n, f));
	if (n >= DRAFT_CHANGES_MAX)
		return fault(f, E_TOOBIG, "The draft has %d changes: publish or discard it first.",
		    DRAFT_CHANGES_MAX);
	s = db_stmt(db, SQL_draft_add);
	db_bind_i64(s, 1, c->at_us);
	db_bind_i64(s, 2, c->kind);
	db_bind_str(s, 3, c->intent);
	db_bind_str(s, 4, c->to);
	db_bind_str(s, 5, c->text);
	db_bind_str(s, 6, c->by);
	TRY(sql_exec(s, f));
	c->id = db_last_id(db);
	return audit(db, c->at_us, what[c->kind], c->intent, c->by, c->text, f);
}

enum err
draft_undo(struct db *db, int64_t id, struct str by, int64_t now_us, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_draft_undo);

	role_assert_writer();
	db_bind_i64(s, 1, id);
	TRY(sql_exec(s, f));
	if (db_changes(db) == 0)
		return fault(f, E_NOTFOUND, "This change is no longer in the draft.");
	return audit(db, now_us, "draft.undone", STR("draft"), by, STR_NONE, f);
}

enum err
draft_clear(struct db *db, int64_t last, const char *what, struct str by, int64_t now_us, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_draft_clear);

	role_assert_writer();
	db_bind_i64(s, 1, last);
	TRY(sql_exec(s, f));
	return audit(db, now_us, what, STR("draft"), by, STR_NONE, f);
}

enum err
draft_messages(struct db *db, size_t max, struct arena *a, struct str **out, size_t *n, struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_event_last_gid);
	int64_t last = 0;
	bool row;
	enum err e;

	*n = 0;
	*out = arena_array(a, struct str, max + 1);
	TRY(sql_row(s, &row, f));
	if (row) {
		last = db_i64(s, 0);
		db_done(s);
	}
	s = db_stmt(db, SQL_draft_messages);
	db_bind_i64(s, 1, last - MESSAGES_BACK);
	db_bind_i64(s, 2, (int64_t)max);
	db_bind_i64(s, 3, MESSAGE_LONG);
	while ((e = db_step(s, &row, f)) == E_OK && row && *n < max) {
		struct str text = peek_str(db_str(s, 0, a), "text", a);
		bool known = text.n == 0;

		for (size_t i = 0; i < *n && !known; i++)
			known = str_eq((*out)[i], text);
		if (!known)
			(*out)[(*n)++] = text;
	}
	db_done(s);
	return e;
}
