/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - the end of a program whose invariant broke.
 *
 * Writes with write(2) only: stdio may be what broke, and its lock may be held.
 */
#include "base/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t
put(char *to, size_t at, size_t max, const char *z)
{
	while (*z != '\0' && at < max)
		to[at++] = *z++;
	return at;
}

void
check_fail(const char *file, int line, const char *what)
{
	char text[512], digits[12];
	size_t n = 0, d = sizeof(digits) - 1;
	unsigned rest = line > 0 ? (unsigned)line : 0;
	ssize_t wrote;

	digits[d] = '\0';
	do {
		digits[--d] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);

	n = put(text, n, sizeof(text) - 1, file);
	n = put(text, n, sizeof(text) - 1, ":");
	n = put(text, n, sizeof(text) - 1, digits + d);
	n = put(text, n, sizeof(text) - 1, ": broken invariant: ");
	n = put(text, n, sizeof(text) - 1, what);
	text[n++] = '\n';
	wrote = write(STDERR_FILENO, text, n);
	(void)wrote;	/* there is nobody left to tell */
	abort();
}
