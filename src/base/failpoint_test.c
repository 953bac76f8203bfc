/* SPDX-License-Identifier: Apache-2.0 */
/* failpoint_test.c - passages are counted, wrong lists are refused. */
#include "base/failpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_error_at_the_nth(void **state)
{
	(void)state;
	assert_true(failpoint_arm("writer_before_commit:error@3"));
	assert_false(FAIL(writer_before_commit));
	assert_false(FAIL(writer_before_commit));
	assert_true(FAIL(writer_before_commit));
	assert_false(FAIL(writer_before_commit));
	assert_false(FAIL(writer_after_commit));

	assert_true(failpoint_arm("writer_before_commit:error@2+,writer_after_commit:error@1"));
	assert_false(FAIL(writer_before_commit));
	assert_true(FAIL(writer_before_commit));
	assert_true(FAIL(writer_before_commit));
	assert_true(FAIL(writer_after_commit));
	assert_false(FAIL(writer_after_commit));

	assert_true(failpoint_arm(""));
	assert_false(FAIL(writer_before_commit));
}

static void
test_wrong_lists(void **state)
{
	static const char *const bad[] = { "nope:error@1", "writer_before_commit",
		"writer_before_commit:error", "writer_before_commit:error@0",
		"writer_before_commit:error@x", "writer_before_commit:explode@1",
		"writer_before_commit:error@1,nope:kill@1", "writer_before_commit:error@-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(failpoint_arm(bad[i]));
	assert_true(failpoint_arm(""));
}

/* Runs two passages in a child whose environment names `spec`. */
static int
signal_under(const char *spec)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		(void)setenv("BATON_FAIL", spec, 1);
		if (!FAIL(writer_before_commit))
			(void)FAIL(writer_before_commit);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
test_environment_kills(void **state)
{
	(void)state;
	assert_int_equal(signal_under("writer_before_commit:kill@2"), SIGKILL);
	assert_int_equal(signal_under("writer_before_commit:kill@3"), 0);
	assert_int_equal(signal_under("a typing error"), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: the environment is read at the first passage. */
		cmocka_unit_test(test_environment_kills),
		cmocka_unit_test(test_error_at_the_nth),
		cmocka_unit_test(test_wrong_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
