/* SPDX-License-Identifier: Apache-2.0 */
/* judge_test.c - whom a judge believes, and what it calls sure. */
#include "nlu/classifier_parts.h"

#include "base/arena_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define N 240
#define CLASSES 3
#define TRUST 20

/* One that says `said`, more or less loudly. */
static void
speak(struct view *v, enum member m, int said, float loud)
{
	float sum = 0;

	v->logit[m] = arena_array(arena, float, CLASSES);
	v->logit[m][said] = v->top[m] = loud;
	for (size_t c = 0; c < CLASSES; c++)
		sum += expf(v->logit[m][c]);
	v->energy[m] = logf(sum);
}

/* Words are wrong one time in `words`, pieces of words one time in `pieces`. */
static struct judge
fitted(size_t words, size_t pieces)
{
	struct trial *v = arena_array(arena, struct trial, N);
	struct judge j = { 0 };

	for (size_t i = 0; i < N; i++) {
		int class = (int)(i % CLASSES);
		size_t k = i / CLASSES;

		v[i] = (struct trial){ .class = class, .weight = 1, .view = { .classes = CLASSES, .whole = 1,
		    .sight = { 1, 1, 1, 1 } } };
		speak(&v[i].view, MEMBER_SPARSE, k % words == 0 ? (class + 1) % CLASSES : class, 3);
		speak(&v[i].view, MEMBER_PIECES, k % pieces == 1 ? (class + 2) % CLASSES : class, 3);
	}
	judge_fit(&j, arena, v, N, TRUST);
	return j;
}

static void
believes_who_is_right(void **state)
{
	struct judge spelt = fitted(40, 2), misspelt = fitted(2, 40);

	(void)state;
	assert_true(spelt.weight[MEMBER_SPARSE] > 2 * spelt.weight[MEMBER_PIECES]);
	assert_true(misspelt.weight[MEMBER_PIECES] > 2 * misspelt.weight[MEMBER_SPARSE]);
	for (size_t m = 0; m < MEMBER_N; m++)
		assert_true(spelt.weight[m] >= 0 && misspelt.weight[m] >= 0);
	assert_true(spelt.weight[MEMBER_DENSE] <= 0);	/* it was not asked */
}

static void
words_are_no_encoder(void **state)
{
	struct judge j = fitted(40, 40);
	struct view v = { .classes = CLASSES, .whole = 1 };
	float logit[CLASSES];
	double p[CLASSES];

	(void)state;
	speak(&v, MEMBER_SPARSE, 2, 3);
	speak(&v, MEMBER_PIECES, 2, 3);
	assert_true(judge_encoder_share(&j, &v) <= 0);
	assert_int_equal(judge_probabilities(&j, &v, logit, p), 2);
	assert_true(p[2] > p[0] && fabs(p[0] + p[1] + p[2] - 1) < 1e-9);
}

/* A stranger is never sure; what may be one is less sure than its probability, but not by all of it. */
static void
confidence_of_what_may_be_a_stranger(void **state)
{
	const double p[CLASSES] = { 0.8, 0.1, 0.1 };

	(void)state;
	assert_true(fabs(judge_confidence(p, 0, 0) - 0.8) < 1e-9);
	assert_true(judge_confidence(p, 0, 1) <= 0);
	assert_true(judge_confidence(p, -1, 0) <= 0);
	for (int i = 1; i < 10; i++) {
		double u = i / 10.0, c = judge_confidence(p, 0, u);

		assert_true(c < 0.8 && c > 0.8 * (1 - u));
		assert_true(c < judge_confidence(p, 0, u - 0.1));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believes_who_is_right),
		cmocka_unit_test(words_are_no_encoder),
		cmocka_unit_test(confidence_of_what_may_be_a_stranger),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
