/* SPDX-License-Identifier: Apache-2.0 */
/* demo_policy.h - the demo's intents as a policy, for tests and benchmarks here: the real
 * loader lives above this layer. */
#pragma once

#include "facts/policy.h"

const struct policy *demo_policy(struct arena *a, const char *intents_yaml);
