/* SPDX-License-Identifier: Apache-2.0 */
/* complaints.h - several mistakes of a user's files, each with its place.
 *
 * A person who mends a policy wants all mistakes at once.  At most
 * COMPLAINTS_MAX are kept, the rest is counted.  Texts are copied into the
 * arena given at the start.  Not thread-safe.
 */
#pragma once

#include "base/str.h"

#define COMPLAINTS_MAX 100

struct complaint {
	struct str file, text;
	int line;		/* from 1; 0 = the file as a whole */
};
struct complaints {
	struct arena *a;
	struct complaint v[COMPLAINTS_MAX];
	size_t n;
	size_t more;		/* not kept */
};

void complaints_init(struct complaints *c, struct arena *a);
void complain(struct complaints *c, struct str file, int line, struct str text);
/* Sorted by file and line: the checks run in an order of their own. */
void complaints_sort(struct complaints *c);
/* "file:line: text\n" each, then "... and N more"; appended to out. */
struct buf;
void complaints_print(const struct complaints *c, struct buf *out);
