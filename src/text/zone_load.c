/* SPDX-License-Identifier: Apache-2.0 */
/* zone_load.c - reads TZif (RFC 8536) from the system's tzdata.
 *
 * Apart from zone.c, so that the pure library can link the reckoning without
 * the I/O.  Version 1 blocks are skipped where a 64-bit one follows.
 */
#include "text/zone.h"

#include "text/zone_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ZONE_DIR "/usr/share/zoneinfo/"
#define ZONE_BYTES_MAX ((size_t)64 << 10)

static int64_t
be(const unsigned char *p, size_t bytes)
{
	uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

struct counts {
	size_t isut, isstd, leap, time, type, chars;
};

/* Header at p (44 bytes): counts, and the length of the data block after it. */
static bool
read_counts(struct str file, size_t at, size_t time_bytes, struct counts *c, size_t *length)
{
	const unsigned char *p = (const unsigned char *)file.p + at;
	size_t v[6];

	if (at + 44 > file.n || memcmp(p, "TZif", 4) != 0)
		return false;
	for (size_t i = 0; i < 6; i++) {
		int64_t x = be(p + 20 + 4 * i, 4);

		if (x < 0 || x > 20000)
			return false;
		v[i] = (size_t)x;
	}
	*c = (struct counts){ v[0], v[1], v[2], v[3], v[4], v[5] };
	*length = c->time * (time_bytes + 1) + c->type * 6 + c->chars +
	    c->leap * (time_bytes + 4) + c->isstd + c->isut;
	return c->type > 0 && at + 44 + *length <= file.n;
}

static bool
read_block(struct arena *a, struct str file, size_t at, size_t time_bytes, const struct counts *c,
    struct zone *z)
{
	const unsigned char *times = (const unsigned char *)file.p + at + 44;
	const unsigned char *index = times + c->time * time_bytes, *types = index + c->time;
	int64_t *when = arena_array(a, int64_t, c->time + 1);
	int32_t *off = arena_array(a, int32_t, c->time + 1);

	z->first_s = (int32_t)be(types, 4);
	for (size_t i = 0; i < c->time; i++) {
		if (index[i] >= c->type)
			return false;
		when[i] = be(times + i * time_bytes, time_bytes);
		off[i] = (int32_t)be(types + (size_t)index[i] * 6, 4);
		if (i > 0 && when[i] <= when[i - 1])
			return false;
		if (off[i] < -90000 || off[i] > 93600)
			return false;
	}
	z->at_s = when;
	z->off_s = off;
	z->n = c->time;
	return true;
}

static bool
parse(struct arena *a, struct str file, struct zone *z)
{
	struct counts c;
	size_t length, at = 0;
	struct str footer, rest;

	if (!read_counts(file, 0, 4, &c, &length))
		return false;
	if (file.p[4] < '2')
		return read_block(a, file, 0, 4, &c, z);
	at = 44 + length;
	if (!read_counts(file, at, 8, &c, &length) || !read_block(a, file, at, 8, &c, z))
		return false;
	footer = str_sub(file, at + 44 + length, file.n);
	if (footer.n < 2 || footer.p[0] != '\n')
		return false;
	footer = str_cut(str_sub(footer, 1, footer.n), '\n', &rest);
	return footer.n == 0 || zone_posix_parse(footer, z);
}

/* Area/City, no way out of the folder. */
static bool
name_is_good(struct str name)
{
	if (name.n == 0 || name.n > 64 || name.p[0] == '/' || name.p[0] == '.')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '/' || c == '_' || c == '-' || c == '+';

		if (!good)
			return false;
	}
	return true;
}

enum err
zone_load(struct arena *a, struct str name, const struct zone **out, struct fault *f)
{
	char path[sizeof(ZONE_DIR) + 64];
	char *bytes;
	size_t n;
	FILE *file;
	struct zone *z;

	if (!name_is_good(name))
		return fault(f, E_CONFIG, "zone \"%.*s\" is not the name of a time zone, like "
		    "Europe/Oslo", STR_ARG(str_clip_utf8(name, 64)));
	snprintf(path, sizeof(path), "%s%.*s", ZONE_DIR, STR_ARG(name));
	bytes = arena_alloc(a, ZONE_BYTES_MAX);
	z = arena_new_of(a, struct zone);
	file = fopen(path, "rbe");
	if (file == NULL)
		return fault(f, E_CONFIG, "zone \"%.*s\": %s: %s (is tzdata installed?)", STR_ARG(name),
		    path, strerror(errno));
	n = fread(bytes, 1, ZONE_BYTES_MAX, file);
	fclose(file);
	if (!parse(a, (struct str){ bytes, n }, z))
		return fault(f, E_CONFIG, "zone \"%.*s\": %s is not a time zone file", STR_ARG(name), path);
	*out = z;
	return E_OK;
}
