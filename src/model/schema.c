/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c - model/schema.def in both dialects. */
#include "model/schema.h"

#include <stddef.h>

#define INDEX(text) text,

/* SQLite: tables are STRICT; AUTOINCREMENT never gives an id again, so gid
 * stays in commit order even after a deletion. */
#define INT "INTEGER"
#define KEY "INTEGER"
#define BYTES "BLOB"
#define SERIAL "INTEGER PRIMARY KEY AUTOINCREMENT"
#define TABLE(text) "CREATE TABLE " text " STRICT",
#define SQLITE_ONLY(text) text,
#define POSTGRES_ONLY(text)
const char *const schema_sqlite[] = {
#include "model/schema.def"
	NULL
};
#undef INT
#undef KEY
#undef BYTES
#undef SERIAL
#undef TABLE
#undef SQLITE_ONLY
#undef POSTGRES_ONLY

#define INT "BIGINT"
#define KEY "BIGINT"
#define BYTES "BYTEA"
#define SERIAL "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
#define TABLE(text) "CREATE TABLE " text,
#define SQLITE_ONLY(text)
#define POSTGRES_ONLY(text) text,
const char *const schema_postgres[] = {
#include "model/schema.def"
	NULL
};
