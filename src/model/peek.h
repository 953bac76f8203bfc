/* SPDX-License-Identifier: Apache-2.0 */
/* peek.h - one member of a JSON text, without building a tree.
 *
 * The projection reads a few members of each event inside the writer, where a
 * parser's allocations would be most of the work.  Total: what is absent, of
 * another type or not JSON gives the default.  Only what Baton wrote itself is
 * read this way; requests go through base/json.h.  Pure; texts in the arena.
 */
#pragma once

#include "base/str.h"

/* The raw text of a member's value; empty when there is none. */
struct str peek_raw(struct str object, const char *key);
struct str peek_str(struct str object, const char *key, struct arena *a);
int64_t peek_i64(struct str object, const char *key, int64_t otherwise);
bool peek_bool(struct str object, const char *key, bool otherwise);
/* The raw text of an array's first item; empty when there is none. */
struct str peek_first(struct str array);
