/* SPDX-License-Identifier: Apache-2.0 */
/* invisible.c - text that a person does not see but a machine reads, and letters that pose as others.
 *
 * Not flagged: what ordinary writing needs.  Joiners within emoji and in scripts that
 * join (Arabic, Indic), direction marks, one variation selector after its character,
 * the tags of a flag emoji, one soft hyphen, a byte order mark at the beginning.
 */
#include "nlu/moderate.h"
#include "text/utf8.h"

#include <string.h>

#define HIDDEN_SHOWN 60

struct seen {
	uint32_t n, from, to;
};

struct scan {
	struct seen tags, joiners, bidi, selectors, blanks;
	char hidden[HIDDEN_SHOWN];	/* what the tag characters spell */
	size_t hidden_n;
};

static void
see(struct seen *s, size_t from, size_t to)
{
	if (s->n++ == 0)
		s->from = (uint32_t)from;
	s->to = (uint32_t)to;
}

static bool
is_joining(int32_t cp)
{
	return (cp >= 0x600 && cp <= 0x8ff) || (cp >= 0x900 && cp <= 0xdff) || (cp >= 0xfb50 && cp <= 0xfefc) ||
	    (cp >= 0xe00 && cp <= 0x109f) || (cp >= 0x1780 && cp <= 0x18af) || cp == 0x200c || cp == 0x200d;
}

static bool
is_emoji(int32_t cp)
{
	return cp >= 0x1f000 || (cp >= 0x2190 && cp <= 0x2bff) || cp == 0xfe0f || cp == 0x200d || cp == 0x20e3;
}

static bool
is_bidi_control(int32_t cp)
{
	return (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

static bool
is_blank_letter(int32_t cp)
{
	return cp == 0x115f || cp == 0x1160 || cp == 0x3164 || cp == 0xffa0 || cp == 0x180e;
}

static bool
is_zero_width(int32_t cp)
{
	return (cp >= 0x200b && cp <= 0x200d) || (cp >= 0x2060 && cp <= 0x2064) || cp == 0xfeff || cp == 0xad;
}

static bool
is_selector(int32_t cp)
{
	return (cp >= 0xfe00 && cp <= 0xfe0f) || (cp >= 0xe0100 && cp <= 0xe01ef);
}

static void
scan_one(struct scan *s, int32_t cp, int32_t before, bool in_flag, size_t from, size_t to)
{
	if (cp >= 0xe0000 && cp <= 0xe007f) {
		if (in_flag)
			return;
		see(&s->tags, from, to);
		if (cp >= 0xe0020 && cp < 0xe007f && s->hidden_n < HIDDEN_SHOWN)
			s->hidden[s->hidden_n++] = (char)(cp - 0xe0000);
	} else if (is_bidi_control(cp)) {
		see(&s->bidi, from, to);
	} else if (is_selector(cp)) {
		if (is_selector(before) || (cp >= 0xe0100 && !(before >= 0x3400 && before <= 0x3ffff)))
			see(&s->selectors, from, to);
	} else if (is_blank_letter(cp)) {
		see(&s->blanks, from, to);
	} else if (is_zero_width(cp) && !(cp == 0xfeff && from == 0)) {
		if ((cp != 0x200c && cp != 0x200d) || !(is_joining(before) || is_emoji(before)))
			see(&s->joiners, from, to);
	}
}

static struct scan
scan_text(struct str text)
{
	struct scan s = { .hidden_n = 0 };
	int32_t before = 0;
	bool in_flag = false;

	for (size_t i = 0; i < text.n;) {
		size_t from = i;
		int32_t cp;

		if ((unsigned char)text.p[i] < 0xc2) {
			before = (unsigned char)text.p[i++];
			in_flag = false;
			continue;
		}
		cp = utf8_next(text, &i);
		in_flag = cp == 0x1f3f4 || (in_flag && cp >= 0xe0020 && cp <= 0xe007f);
		scan_one(&s, cp, before, in_flag, from, i);
		before = cp;
	}
	return s;
}

enum script { SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_GREEK, SCRIPT_CYRILLIC, SCRIPT_OTHER };

static enum script
script_of(int32_t cp)
{
	if ((cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || (cp >= 0xc0 && cp <= 0x24f && cp != 0xd7 && cp != 0xf7))
		return SCRIPT_LATIN;
	if (cp >= 0x370 && cp <= 0x3ff)
		return SCRIPT_GREEK;
	if (cp >= 0x400 && cp <= 0x52f)
		return SCRIPT_CYRILLIC;
	return cp >= 0x530 ? SCRIPT_OTHER : SCRIPT_NONE;
}

/* Cyrillic and Greek letters that look like a Latin one. */
static bool
is_lookalike(int32_t cp)
{
	static const int32_t list[] = { 0x391, 0x392, 0x395, 0x396, 0x397, 0x399, 0x39a, 0x39c, 0x39d, 0x39f, 0x3a1,
		0x3a4, 0x3a5, 0x3a7, 0x3bf, 0x3bd, 0x3b9, 0x405, 0x406, 0x408, 0x410, 0x412, 0x415, 0x41a, 0x41c,
		0x41d, 0x41e, 0x420, 0x421, 0x422, 0x423, 0x425, 0x430, 0x435, 0x43e, 0x440, 0x441, 0x443, 0x445,
		0x455, 0x456, 0x458, 0x4bb, 0x4cf, 0x501, 0x51b, 0x51d };

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i] == cp)
			return true;
	return false;
}

/* Latin with lookalikes before a last Latin letter: a Russian ending after a name
 * ("iPhone" + "om") is ordinary, one letter in the middle is not. */
static bool
is_masked_word(struct str w)
{
	size_t latin = 0, alike = 0, waiting = 0;

	for (size_t i = 0; i < w.n;) {
		int32_t cp = utf8_next(w, &i);
		enum script s = script_of(cp);

		if (s == SCRIPT_LATIN) {
			latin++;
			alike += waiting;
			waiting = 0;
		} else if (s == SCRIPT_GREEK || s == SCRIPT_CYRILLIC) {
			if (!is_lookalike(cp))
				return false;
			waiting++;
		} else if (s == SCRIPT_OTHER) {
			return false;
		}
	}
	return latin > 0 && alike > 0 && latin + alike >= 3;
}

static struct seen
find_masked(struct str text)
{
	struct seen s = { 0 };

	for (size_t i = 0; i < text.n;) {
		size_t from = i;
		bool ascii = true;

		while (i < text.n && (unsigned char)text.p[i] > ' ' && text.p[i] != '-' && text.p[i] != '/')
			ascii &= (unsigned char)text.p[i++] < 0x80;
		if (!ascii && is_masked_word(str_sub(text, from, i - from)))
			see(&s, from, i);
		i += i < text.n && i == from;
		while (i < text.n && ((unsigned char)text.p[i] <= ' ' || text.p[i] == '-' || text.p[i] == '/'))
			i++;
	}
	return s;
}

static size_t
put(struct flag *out, size_t n, size_t max, const struct seen *s, uint32_t least, int32_t ppm, struct str reason)
{
	if (s->n < least || n == max)
		return n;
	out[n] = (struct flag){ STR("invisible"), reason, s->from, s->to, ppm };
	return n + 1;
}

static bool
is_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			return false;
	return true;
}

size_t
invisible_find(struct str text, struct arena *a, struct flag *out, size_t max)
{
	struct scan s;
	struct seen masked;
	size_t n = 0;

	if (is_ascii(text))
		return 0;
	s = scan_text(text);
	masked = find_masked(text);
	n = put(out, n, max, &s.tags, 1, 950000, s.hidden_n == 0 ? STR("tag characters that nobody sees") :
	    str_fmt(a, "hidden in tag characters: \"%S\"", (struct str){ s.hidden, s.hidden_n }));
	n = put(out, n, max, &s.bidi, 1, 700000, STR("turns the direction of writing around"));
	n = put(out, n, max, &s.selectors, 2, 900000, STR("a row of variation selectors, which can carry bytes"));
	n = put(out, n, max, &s.blanks, 1, 600000, STR("letters that look like blanks"));
	n = put(out, n, max, &s.joiners, 1, s.joiners.n > 2 ? 700000 : 400000, s.joiners.n == 1 ?
	    STR("a character without width") : str_fmt(a, "%u characters without width", s.joiners.n));
	n = put(out, n, max, &masked, 1, 750000, STR("letters of another script that look alike, within a word"));
	return n;
}
