/* SPDX-License-Identifier: Apache-2.0 */
/* table.h - records of separated values: RFC 4180, and tabs as spreadsheets write them.
 *
 * A field that begins with a quote ends with one and holds separators, line breaks and
 * doubled quotes; elsewhere a quote is an ordinary character.  In a table with tabs a
 * quote counts only where a field begins and ends with one on its line.  CRLF, LF and CR
 * end a record; a byte-order mark is skipped; blank lines are no records.
 */
#pragma once

#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>

#define TABLE_FIELDS_MAX 256

struct table {
	struct str path, rest;
	char separator;
	uint32_t line;		/* of what comes next */
};
struct table_record {
	struct str field[TABLE_FIELDS_MAX];
	size_t n;
	uint32_t line;		/* it begins on */
};

/* separator 0: a tab if the first line has one, else a comma, else a semicolon. */
void table_open(struct table *t, struct str path, struct str bytes, char separator);
/* *more false at the end. E_INVALID: a quote that never ends, or text behind its end. */
enum err table_next(struct table *t, struct arena *a, struct table_record *out, bool *more,
    struct fault *f) NODISCARD;
