/* SPDX-License-Identifier: Apache-2.0 */
/* trigger_bench.h - what each trigger's test needs: tests only. */
#pragma once

#include "engine/trigger/trigger.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena *arena;
static struct policy policy;
static struct perception now;
static struct situation situation;

/* The trigger's defaults and nothing else. */
static void
bench_begin(const struct trigger *t)
{
	struct fault f = { 0 };

	arena = arena_new(0);
	policy = (struct policy){ .unknown_ppm = 600000 };
	now = (struct perception){ 0 };
	situation = (struct situation){ .workflow = -1 };
	for (const struct setting *s = t->settings; s->key != NULL; s++)
		assert_int_equal(setting_parse(s, str_from(s->initial), &policy.trigger, arena,
		    &f), E_OK);
	assert_true(t->on(&policy));
}

/* What the queue would show. */
static struct str
bench_reason(const struct trigger *t, const struct verdict *v)
{
	return v->reason.n > 0 ? v->reason : str_from(t->reason);
}

/* Asks; a verdict always says why, and fires with its urgency and a reason in words. */
static struct verdict
bench_ask(const struct trigger *t, const struct perception *p)
{
	struct verdict v = t->check(&policy, p, &situation, arena);

	assert_true(v.text.n > 0);
	assert_true(v.urgency > 0 && v.urgency <= 100);
	if (v.fired) {
		struct str reason = bench_reason(t, &v);

		assert_true(reason.n > 0 && reason.n < 80);
		for (size_t i = 0; i < reason.n; i++)
			assert_false(reason.p[i] >= '0' && reason.p[i] <= '9');
	}
	return v;
}

static void
bench_end(void)
{
	arena_free(&arena);
}
