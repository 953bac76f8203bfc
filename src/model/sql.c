/* SPDX-License-Identifier: Apache-2.0 */
/* sql.c - the statement table, and what every file of this folder does with it. */
#include "model/sql.h"

#include "base/buf.h"
#include "base/rand.h"
#include "model/conv_state.h"
#include "model/schema.h"
#include "model/store_spec.h"

const struct sql_row sql_table[SQL_N] = {
#define SQL(id, use, ...) { #id, use, __VA_ARGS__ },
#include "model/sql.def"
#undef SQL
};

/* 1 to 2: a draft of the examples. */
static const char *const upgrade_1[] = {
	"CREATE TABLE draft_change (id INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, kind INTEGER NOT NULL, "
	"intent TEXT NOT NULL, other TEXT NOT NULL, example TEXT NOT NULL, by_whom TEXT NOT NULL)",
	NULL
};
/* 2 to 3: which past messages a model was trained with; those that are there: none. */
static const char *const upgrade_2[] = {
	"ALTER TABLE policy ADD COLUMN past_to INTEGER NOT NULL DEFAULT 0",
	"ALTER TABLE policy ADD COLUMN past_max INTEGER NOT NULL DEFAULT 0",
	"ALTER TABLE policy ADD COLUMN past_n INTEGER NOT NULL DEFAULT 0",
	"ALTER TABLE policy ADD COLUMN past_sum TEXT NOT NULL DEFAULT ''",
	NULL
};
static const struct db_upgrade upgrades[] = { { 1, upgrade_1 }, { 2, upgrade_2 } };

struct db_spec
model_db_spec(const char *path, bool writer, bool durable)
{
	return (struct db_spec){
		.path = path,
		.writer = writer,
		.table = sql_table,
		.table_n = SQL_N,
		.schema = schema_sqlite,
		.schema_version = SCHEMA_VERSION,
		.upgrades = upgrades,
		.upgrades_n = sizeof(upgrades) / sizeof(upgrades[0]),
		.durable = durable,
		.before_commit = conv_index_messages,
	};
}

enum err
sql_exec(struct stmt *s, struct fault *f)
{
	enum err e = db_step(s, NULL, f);

	db_done(s);
	return e;
}

enum err
sql_row(struct stmt *s, bool *found, struct fault *f)
{
	enum err e = db_step(s, found, f);

	if (e != E_OK || !*found)
		db_done(s);
	return e;
}

enum err
sql_audit(struct db *db, int64_t at_us, const char *what, struct str subject, struct str detail,
    struct fault *f)
{
	struct stmt *s = db_stmt(db, SQL_audit_add);

	db_bind_i64(s, 1, at_us);
	db_bind_str(s, 2, str_from(what));
	db_bind_str(s, 3, subject);
	db_bind_str(s, 4, detail);
	return sql_exec(s, f);
}

struct str
sql_list(struct arena *a, const struct str *v, size_t n)
{
	struct buf b;
	struct str out;

	buf_init(&b, 64 << 10);
	buf_add_c(&b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_c(&b, ',');
		buf_add_json(&b, v[i]);
	}
	buf_add_c(&b, ']');
	CHECK(!b.over);		/* inbox ids: 32 characters each */
	out = str_dup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

void
sql_bind_id(struct stmt *s, int at, const struct id *id)
{
	static const struct id zero;

	if (id_eq(*id, zero))
		db_bind_null(s, at);
	else
		db_bind_blob(s, at, id->b, sizeof(id->b));
}
