/* SPDX-License-Identifier: Apache-2.0 */
/* related.c - the table of related.txt, as tools/related_table compiles it. */
#include "text/related.h"

static const struct related_row rows[] = {
#include "text/related.inc"
};

const struct related_row *
related_rows(size_t *n)
{
	*n = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
