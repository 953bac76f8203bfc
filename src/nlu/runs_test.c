/* SPDX-License-Identifier: Apache-2.0 */
/* runs_test.c - hashes made eight at a time are those made byte by byte. */
#include "nlu/runs.h"

#include "base/arena_fixture.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
leave(runs_lanes *h)
{
	(void)h;
}

static void
every_length(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789'-";

	(void)state;
	for (size_t n = 0; n <= RUNS_WORD - 2; n++) {
		char *own = arena_alloc(arena, n);	/* a byte too far is seen by the sanitizers */
		struct runs_word w;
		struct runs_keys k;

		memcpy(own, letters + sizeof(letters) - 1 - n, n);
		runs_word(&w, '<', own, n, '>');
		assert_true(runs_is_ascii(&w));
		assert_int_equal(w.n, n + 2);
		runs_hash(&w, 77, leave, &k);
		for (uint32_t size = RUNS_FROM; size <= RUNS_TO; size++)
			for (size_t i = 0; i + size <= w.n; i++) {
				char z[RUNS_WORD];

				z[0] = '<';
				memcpy(z + 1, letters + sizeof(letters) - 1 - n, n);
				z[n + 1] = '>';
				assert_int_equal(k.key[size - RUNS_FROM][i],
				    str_hash_more(77 + size, (struct str){ z + i, size }));
			}
	}
}

static void
a_letter_of_more_bytes_is_seen_anywhere(void **state)
{
	(void)state;
	for (size_t n = 1; n <= RUNS_WORD - 2; n++)
		for (size_t at = 0; at < n; at++) {
			char word[RUNS_WORD];
			struct runs_word w;

			memset(word, 'a', sizeof(word));
			word[at] = (char)0xc3;
			runs_word(&w, '_', word, n, '_');
			assert_false(runs_is_ascii(&w));
			assert_memory_equal(w.z + 1, word, n);
			assert_int_equal(w.z[0], '_');
			assert_int_equal(w.z[n + 1], '_');
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length),
		cmocka_unit_test(a_letter_of_more_bytes_is_seen_anywhere),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
