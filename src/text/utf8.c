/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c - stepping through text; utf8proc knows the properties, this knows the bytes. */
#include "text/utf8.h"

#include <utf8proc.h>

#define CLUSTER_BYTES_MAX 64

int32_t
utf8_next(struct str s, size_t *i)
{
	const unsigned char *p = (const unsigned char *)s.p + *i;
	size_t left = s.n - *i;
	utf8proc_int32_t cp;
	utf8proc_ssize_t n;

	if (p[0] < 0x80) {
		(*i)++;
		return p[0];
	}
	n = utf8proc_iterate(p, left > 4 ? 4 : (utf8proc_ssize_t)left, &cp);
	if (n <= 0) {
		(*i)++;
		return 0xfffd;
	}
	*i += (size_t)n;
	return cp;
}

size_t
utf8_put(int32_t cp, char out[4])
{
	utf8proc_uint8_t b[4] = { 0 };
	utf8proc_ssize_t n = utf8proc_encode_char(cp, b);

	if (n <= 0)
		n = utf8proc_encode_char(0xfffd, b);
	for (size_t i = 0; i < 4; i++)
		out[i] = (char)b[i];
	return (size_t)n;
}

struct str
utf8_clip_graphemes(struct str s, size_t n)
{
	size_t at = 0, start = 0, clusters = 0;
	int32_t before = 0;
	utf8proc_int32_t state = 0;

	while (at < s.n) {
		size_t here = at;
		int32_t cp = utf8_next(s, &at);

		if (here == 0 || utf8proc_grapheme_break_stateful(before, cp, &state)) {
			if (clusters++ == n)
				return str_sub(s, 0, here);
			start = here;
		} else if (at - start > CLUSTER_BYTES_MAX) {
			return str_sub(s, 0, here);
		}
		before = cp;
	}
	return s;
}
