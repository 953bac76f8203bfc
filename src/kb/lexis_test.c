/* SPDX-License-Identifier: Apache-2.0 */
/* lexis_test.c - related words, phrases, slips and compounds meet what they stand for. */
#include "kb/lexis.h"

#include "text/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct lexis *
learn(struct arena *a, const char *lang, const char *const *texts)
{
	struct lexis *x = lexis_new(a, str_from(lang), 500);

	for (; *texts != NULL; texts++)
		lexis_learn(x, str_from(*texts));
	lexis_close(x);
	return x;
}

/* The best match of any word asked with any that stands there, in hundredths. */
static int
best(const struct lexis *x, const char *asked, const char *there, struct arena *a)
{
	struct terms t = lexis_read_text(x, str_from(there), 40, a), q;
	const struct str *w;
	float found = 0;
	size_t n;

	text_words(a, str_from(asked), &w, &n);
	q = lexis_read(x, w, n, true, 40, a);
	for (size_t i = 0; i < q.n; i++)
		for (size_t k = 0; k < t.n; k++) {
			float m = lexis_match(&q.v[i], &t.v[k]);

			found = m > found ? m : found;
		}
	return (int)(found * 100 + 0.5f);
}

static void
meets(void **state)
{
	static const char *const en[] = { "We deliver to Poland and Norway", "Return the jacket",
		"A parcel costs money", NULL };
	static const char *const de[] = { "Die Jacke passt", "Das Paket kommt", NULL };
	struct arena *a = arena_new((size_t)64 << 20);
	const struct lexis *x = learn(a, "en", en);

	(void)state;
	assert_int_equal(best(x, "jackets", "the jacket", a), 100);
	assert_int_equal(best(x, "shipment", "a parcel", a), 85);
	assert_int_equal(best(x, "send it back", "return it", a), 85);
	assert_int_equal(best(x, "send it back", "you can send the thing back", a), 100);
	assert_int_equal(best(x, "retrun", "return", a), 90);
	/* a kind of it finds the general one, not the other way */
	assert_int_equal(best(x, "warsaw", "we deliver to Poland", a), 85);
	assert_int_equal(best(x, "poland", "a shop in Warsaw", a), 0);
	assert_int_equal(best(x, "drone", "the jacket", a), 0);
	assert_int_equal(best(x, "size 41", "size 45", a), 100);
	assert_int_equal(best(x, "41", "45", a), 50);
	assert_int_equal(best(x, "the of and", "the of and", a), 0);
	assert_int_equal(best(learn(a, "de", de), "daunenjacke", "die Jacke", a), 60);
	arena_free(&a);
}

static void
weighs(void **state)
{
	static const char *const en[] = { "boots here", "boots there", "boots and laces", NULL };
	struct arena *a = arena_new((size_t)64 << 20);
	const struct lexis *x = learn(a, "en", en);
	struct terms t = lexis_read_text(x, STR("boots laces drone idea"), 10, a);
	struct str out[40];

	(void)state;
	assert_int_equal(t.n, 4);
	assert_true(t.v[0].weight < t.v[1].weight && t.v[1].weight < t.v[2].weight);
	assert_true(t.v[0].known && !t.v[2].known && t.v[3].weak);
	assert_true(t.v[3].weight < t.v[0].weight);
	/* what articles have, and no more */
	t = lexis_read_text(x, STR("footwear"), 10, a);
	assert_true(lexis_related(x, &t.v[0], out, 40) >= 1);
	assert_true(str_eqz(out[0], "boot"));
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meets),
		cmocka_unit_test(weighs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
