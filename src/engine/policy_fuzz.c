/* SPDX-License-Identifier: Apache-2.0 */
/* policy_fuzz.c - any bytes as one file of a policy: a snapshot or complaints.
 *
 * The first byte chooses the file of the fixture that is replaced.
 */
#include "engine/policy_load.h"

#include "engine/policy_fixture.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct policy_source v[POLICY_FIXTURE_N];
	struct arena *a = arena_new(0);
	struct policy_snapshot *p = NULL;
	struct complaints c;
	struct fault f = { 0 };

	if (n > 0) {
		memcpy(v, policy_fixture, sizeof(v));
		v[data[0] % POLICY_FIXTURE_N].bytes = (struct str){ (const char *)data + 1, n - 1 };
		complaints_init(&c, a);
		if (policy_load(v, POLICY_FIXTURE_N, &c, &p, &f) == E_OK)
			CHECK(p != NULL && c.n == 0);
		else
			CHECK(p == NULL && strlen(f.text) > 0);
		policy_snapshot_unref(&p);
	}
	arena_free(&a);
	return 0;
}
