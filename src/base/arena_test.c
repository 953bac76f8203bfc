/* SPDX-License-Identifier: Apache-2.0 */
/* arena_test.c - ceilings, deferred releases, red zones. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char order[16];

static void
note(void *arg)
{
	size_t n = strlen(order);

	order[n] = *(const char *)arg;
	order[n + 1] = '\0';
}

static void
test_memory_is_aligned_and_distinct(void **state)
{
	struct arena *a = arena_new(0);
	unsigned char *last = NULL;

	(void)state;
	for (size_t n = 0; n < 300; n++) {
		unsigned char *p = arena_zalloc(a, n);

		assert_int_equal((uintptr_t)p % 16, 0);
		assert_ptr_not_equal(p, last);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xEE, n);
		last = p;
	}
	assert_true(arena_used(a) >= 300 * 299 / 2);
	arena_reset(a);	/* reads the red zones back */
	assert_int_equal(arena_used(a), 0);
	arena_free(&a);
	assert_null(a);
	arena_free(&a);
}

static void
test_large_and_small_mix(void **state)
{
	struct arena *a = arena_new(4 << 20);
	char *small = arena_alloc(a, 10), *large = arena_alloc(a, 1 << 20), *next;

	(void)state;
	memcpy(small, "123456789", 10);
	memset(large, 1, 1 << 20);
	next = arena_alloc(a, 10);
	memset(next, 2, 10);
	assert_string_equal(small, "123456789");
	/* A large one must not cost the first chunk's room. */
	assert_true(next > small && next - small < 4096);
	arena_free(&a);
}

static void
test_deferred_newest_first(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	order[0] = '\0';
	arena_defer(a, note, &(char){ 'a' });
	arena_defer(a, note, &(char){ 'b' });
	arena_defer(a, note, &(char){ 'c' });
	assert_string_equal(order, "");
	arena_reset(a);
	assert_string_equal(order, "cba");
	arena_reset(a);
	assert_string_equal(order, "cba");
	arena_defer(a, note, &(char){ 'd' });
	arena_free(&a);
	assert_string_equal(order, "cbad");
}

static enum err
eat(struct arena *a, void *arg, struct fault *f)
{
	size_t *each = arg;

	(void)f;
	arena_defer(a, note, &(char){ 'x' });
	for (;;)
		(void)arena_alloc(a, *each);
	return E_OK;
}

static void
test_ceiling_leaves_the_job(void **state)
{
	static const size_t each[] = { 1, 100, 5000, 70000, 1 << 20, SIZE_MAX, SIZE_MAX - 8 };

	(void)state;
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		struct arena *a = arena_new(1 << 18);
		struct fault f = { E_OK, "" };
		size_t n = each[i];

		order[0] = '\0';
		assert_int_equal(arena_run(a, eat, &n, &f), E_TOOBIG);
		assert_int_equal(f.err, E_TOOBIG);
		assert_non_null(strstr(f.text, "262144"));
		assert_string_equal(order, "x");
		/* There is a reserve to say why with. */
		memset(arena_alloc(a, 1000), 0, 1000);
		arena_reset(a);
		assert_string_equal(order, "x");
		/* And the arena serves the next job. */
		assert_int_equal(arena_run(a, eat, &n, NULL), E_TOOBIG);
		arena_free(&a);
	}
}

static enum err
eat_array(struct arena *a, void *arg, struct fault *f)
{
	(void)f;
	(void)arg;
	(void)arena_zalloc_n(a, SIZE_MAX / 2, 3);
	return E_OK;
}

static enum err
say(struct arena *a, void *arg, struct fault *f)
{
	(void)a;
	(void)arg;
	return fault(f, E_NOTFOUND, "nothing there");
}

static void
test_run_returns_what_fn_returned(void **state)
{
	struct arena *a = arena_new(0);
	struct fault f = { E_OK, "" };

	(void)state;
	assert_int_equal(arena_run(a, say, NULL, &f), E_NOTFOUND);
	assert_string_equal(f.text, "nothing there");
	assert_int_equal(arena_run(a, eat_array, NULL, &f), E_TOOBIG);
	arena_free(&a);
}

/* Runs fn in a child and returns the signal that ended it. */
static int
signal_of(void (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) != 0 ? SIGABRT : 0;
}

static void
pass_the_ceiling(void)
{
	(void)arena_alloc(arena_new(4096), 5000);
}

static void
write_past_the_end(void)
{
	struct arena *a = arena_new(0);
	volatile char *p = arena_alloc(a, 10);

	p[10] = 'x';
	arena_reset(a);
}

static void
test_misuse_aborts(void **state)
{
	(void)state;
	assert_int_equal(signal_of(pass_the_ceiling), SIGABRT);
	assert_int_equal(signal_of(write_past_the_end), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_aligned_and_distinct),
		cmocka_unit_test(test_large_and_small_mix),
		cmocka_unit_test(test_deferred_newest_first),
		cmocka_unit_test(test_ceiling_leaves_the_job),
		cmocka_unit_test(test_run_returns_what_fn_returned),
		cmocka_unit_test(test_misuse_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
