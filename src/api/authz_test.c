/* SPDX-License-Identifier: Apache-2.0 */
/* authz_test.c - everybody against everything: the whole matrix. */
#include "api/authz.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct str halden[] = { { "halden", 6 } };

/* In the columns' order below. */
static const struct principal people[] = {
	{ .who = WHO_NOBODY },
	{ .who = WHO_VISITOR, .id = { { 1 } }, .contact = { { 9 } }, .inbox = { "halden", 6 } },
	{ .who = WHO_VISITOR, .id = { { 2 } }, .contact = { { 8 } }, .inbox = { "halden", 6 } },
	{ .who = WHO_VISITOR, .id = { { 1 } }, .contact = { { 9 } }, .inbox = { "other", 5 } },
	{ .who = WHO_AGENT, .id = { { 3 } }, .inboxes = halden, .inboxes_n = 1 },
	{ .who = WHO_AGENT, .id = { { 4 } } },
	{ .who = WHO_ADMIN, .id = { { 5 } } },
};
#define PEOPLE (sizeof(people) / sizeof(people[0]))

/* y = may, n = denied, 0 = there is no such thing.  Columns: nobody, the
 * visitor, another one, the same in another inbox, member, other agent, admin. */
static const struct {
	enum authz_what what;
	const char *want;
} matrix[] = {
	{ AUTHZ_ROUTE_NOBODY, "yyyyyyy" },
	{ AUTHZ_ROUTE_VISITOR, "nyyynnn" },
	{ AUTHZ_ROUTE_AGENT, "nnnnyyy" },
	{ AUTHZ_USERS, "nnnnnny" },
	{ AUTHZ_POLICY, "nnnnnny" },
	{ AUTHZ_METRICS, "nnnnnny" },
	{ AUTHZ_INBOX, "0000y0y" },
	{ AUTHZ_CONV_READ, "0y00y0y" },
	{ AUTHZ_CONV_WRITE, "0y00y0y" },
	{ AUTHZ_TOPIC_AGENT, "0000y00" },
};

static void
test_matrix(void **state)
{
	struct authz_thing thing = { .inbox = STR("halden"), .contact = { { 9 } }, .user = { { 3 } } };

	(void)state;
	for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++)
		for (size_t k = 0; k < PEOPLE; k++) {
			struct fault f;
			enum err e = authz_check(&people[k], matrix[i].what, &thing, &f);
			char got = e == E_OK ? 'y' : e == E_DENIED ? 'n' : e == E_NOTFOUND ? '0' : '?';

			if (got != matrix[i].want[k])
				fail_msg("what %d, person %zu: %c", (int)matrix[i].what, k, got);
		}
}

static void
test_local_metrics(void **state)
{
	struct authz_thing local = { .local_peer = true };

	(void)state;
	assert_int_equal(authz_check(&people[0], AUTHZ_METRICS, &local, NULL), E_OK);
	/* Being near gives nothing else. */
	assert_int_equal(authz_check(&people[0], AUTHZ_USERS, &local, NULL), E_DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_local_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
