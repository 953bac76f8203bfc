/* SPDX-License-Identifier: Apache-2.0 */
/* sql.h - the statement table; private to src/model and its tests. */
#pragma once

#include "base/fault.h"
#include "store/db.h"

enum sql {
#define SQL(id, use, ...) SQL_##id,
#include "model/sql.def"
#undef SQL
	SQL_N
};

extern const struct sql_row sql_table[SQL_N];

/* Steps a statement that gives no row, and ends it. */
enum err sql_exec(struct stmt *s, struct fault *f) NODISCARD;
/* Steps a statement that may give one row; *found says whether it did.
 * Without a row, or on an error, it is ended already. */
enum err sql_row(struct stmt *s, bool *found, struct fault *f) NODISCARD;
/* A row for the audit (people, policies, articles). */
enum err sql_audit(struct db *db, int64_t at_us, const char *what, struct str subject,
    struct str detail, struct fault *f) NODISCARD;
/* ["a","b"]: how a list of texts is bound to one parameter. */
struct str sql_list(struct arena *a, const struct str *v, size_t n);
/* A blob of an id; NULL when it is zero. */
struct id;
void sql_bind_id(struct stmt *s, int at, const struct id *id);
/* The first nine columns of a statement on passages; bm25 is left alone. */
struct passage_hit;
void passage_read(struct stmt *s, struct arena *a, struct passage_hit *h);
