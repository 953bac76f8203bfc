/* SPDX-License-Identifier: Apache-2.0 */
/* places.c - where somebody is: lines of an address, and addresses of the network. */
#include "nlu/entity_parts.h"
#include "nlu/personal_parts.h"

#include <string.h>

/* --- addresses of the network --- */

static bool
is_version_word(const struct scan *s, size_t i)
{
	static const char *const list[] = { "version", "v", "ver", "firmware", "release", "build", "update", "os", "ios" };

	for (size_t k = 0; i > 0 && k < sizeof(list) / sizeof(list[0]); k++)
		if (str_eqz(scan_word(s, i - 1), list[k]))
			return true;
	return false;
}

static size_t
ipv4_at(struct sightings *x, size_t i)
{
	const struct scan *s = x->s;
	size_t wide = 0;

	if (i + 3 >= s->n || (i > 0 && (scan_gap(s, i).n == 0 || str_eqz(scan_gap(s, i), "."))))
		return 0;
	for (size_t k = i; k < i + 4; k++) {
		if (!s->v[k].digits || s->v[k].number < 0 || s->v[k].number > 255 || s->v[k].to - s->v[k].from > 3 ||
		    (k > i && !str_eqz(scan_gap(s, k), ".")))
			return 0;
		wide += s->v[k].to - s->v[k].from > 1;
	}
	if (i + 4 < s->n && (scan_gap(s, i + 4).n == 0 || (str_eqz(scan_gap(s, i + 4), ".") && s->v[i + 4].digits)))
		return 0;
	sighting_add(x, STR("ip"), STR("v4"), s->v[i].from, s->v[i + 3].to, is_version_word(s, i) ? 0 : wide > 0 ?
	    950000 : 600000);
	return 4;
}

static bool
is_hex(char c)
{
	return scan_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* Eight groups, or fewer with one "::". */
static size_t
ipv6_end(struct str t, size_t at)
{
	size_t groups = 0, doubles = 0, k = at, run = 0;

	for (; k < t.n; k++) {
		if (is_hex(t.p[k])) {
			groups += run == 0;
			if (++run > 4)
				return 0;
			continue;
		}
		if (t.p[k] != ':')
			break;
		if (k + 1 < t.n && t.p[k + 1] == ':') {
			doubles++;
			k++;
		} else if (run == 0 || !(k + 1 < t.n && is_hex(t.p[k + 1]))) {
			break;
		}
		run = 0;
	}
	if (k < t.n && scan_is_word(t.p[k]))
		return 0;
	if ((doubles == 0 && groups == 8) || (doubles == 1 && groups >= 2 && groups < 8))
		return k;
	return 0;
}

static size_t
ipv6_at(struct sightings *x, size_t at)
{
	struct str t = x->s->low;
	size_t end;

	if (at > 0 && (scan_is_word(t.p[at - 1]) || t.p[at - 1] == ':'))
		return 0;
	end = ipv6_end(t, at);
	if (end > at)
		sighting_add(x, STR("ip"), STR("v6"), at, end, 960000);
	return end;
}

/* --- lines of an address --- */

static const char states[] = "ALAKAZARCACOCTDEFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUT"
    "VTVAWAWVWIWYDCPRAPAE";

/* "Springfield, IL 62704": a state in capitals, then a ZIP. */
static void
us_place(struct sightings *x, size_t i)
{
	const struct scan *s = x->s;
	struct str w = str_sub(s->plain.s, s->v[i].from, s->v[i].to - s->v[i].from), gap;
	size_t to;
	bool state = false;

	if (w.n != 2 || i + 1 >= s->n || !s->v[i + 1].digits || s->v[i + 1].to - s->v[i + 1].from != 5 ||
	    !scan_is_near(s, i + 1))
		return;
	for (size_t k = 0; k + 1 < sizeof(states) - 1; k += 2)
		state |= states[k] == w.p[0] && states[k + 1] == w.p[1];
	if (!state)
		return;
	to = s->v[i + 1].to;
	gap = i + 2 < s->n ? scan_gap(s, i + 2) : STR_NONE;
	if (str_eqz(gap, "-") && s->v[i + 2].digits && s->v[i + 2].to - s->v[i + 2].from == 4)
		to = s->v[i + 2].to;
	sighting_add(x, STR("address"), STR("US place"), s->v[i].from, to, 850000);
}

static void
box_at(struct sightings *x, size_t i)
{
	const struct scan *s = x->s;
	size_t k = i;

	if (str_eqz(scan_word(s, i), "po"))
		k = i + 1;
	else if (str_eqz(scan_word(s, i), "p") && i + 1 < s->n && str_eqz(scan_word(s, i + 1), "o"))
		k = i + 2;
	else if (!str_eqz(scan_word(s, i), "postfach"))
		return;
	if (k > i && (k >= s->n || !str_eqz(scan_word(s, k), "box")))
		return;
	if (k + 1 < s->n && s->v[k + 1].digits && scan_is_near(s, k + 1))
		sighting_add(x, STR("address"), STR("box"), s->v[i].from, s->v[k + 1].to, 900000);
}

void
places_find(struct sightings *x)
{
	const struct scan *s = x->s;
	size_t ip_to = 0, street_to = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct hit h;
		struct str iso2;

		if (s->v[i].from >= ip_to) {
			size_t n = s->v[i].digits ? ipv4_at(x, i) : 0;

			ip_to = n > 0 ? s->v[i + n - 1].to : ipv6_at(x, s->v[i].from);
		}
		if (s->v[i].from >= street_to && address_at(s, i, &h)) {
			sighting_add(x, STR("address"), STR("street"), h.from, h.to, h.p_ppm);
			street_to = h.to;
		}
		/* those of whole countries say little; British and Dutch ones are a street */
		if (postcode_shaped(s, i, &h, &iso2) && h.p_ppm >= 700000)
			sighting_add(x, STR("address"), str_fmt(s->a, "%S postcode", iso2), h.from, h.to, h.p_ppm);
		us_place(x, i);
		box_at(x, i);
	}
}
