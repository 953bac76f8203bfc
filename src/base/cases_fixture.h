/* SPDX-License-Identifier: Apache-2.0 */
/* cases_fixture.h - a file of cases, one a line, fields parted by tabs; for tests.
 *
 *	struct cases c = cases_open("src/x/y.cases");
 *	struct str text, want;
 *
 *	while (cases_next(&c, &text)) {		// the line without its end
 *		text = str_cut(text, '\t', &want);
 *		...
 *	}
 *	cases_close(&c, 100);			// fewer than that were read: the test fails
 *
 * Lines that begin with # or hold no tab are for the reader.  A line's text is good
 * until the next one is read.
 */
#pragma once

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct cases {
	FILE *f;
	int n;
	char line[1024];
};

static inline struct cases
cases_open(const char *path)
{
	struct cases c = { .f = fopen(path, "r") };

	if (c.f == NULL)
		fail_msg("%s cannot be read", path);
	return c;
}

static inline bool
cases_next(struct cases *c, struct str *line)
{
	while (fgets(c->line, sizeof(c->line), c->f) != NULL) {
		if (c->line[0] == '#' || strchr(c->line, '\t') == NULL)
			continue;
		c->line[strcspn(c->line, "\n")] = '\0';
		c->n++;
		*line = str_from(c->line);
		return true;
	}
	return false;
}

static inline void
cases_close(struct cases *c, int at_least)
{
	(void)fclose(c->f);
	assert_true(c->n >= at_least);
}
