/* SPDX-License-Identifier: Apache-2.0 */
/* arena_fixture.h - an arena for each test; for tests.
 *
 *	cmocka_unit_test_setup_teardown(test, arena_setup, arena_teardown)
 *
 * A test that needs more in its setup calls arena_setup first.
 */
#pragma once

#include "base/arena.h"

#define ARENA_FIXTURE_BYTES ((size_t)64 << 20)

static struct arena *arena;

static inline int
arena_setup(void **state)
{
	(void)state;
	arena = arena_new(ARENA_FIXTURE_BYTES);
	return 0;
}

static inline int
arena_teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}
