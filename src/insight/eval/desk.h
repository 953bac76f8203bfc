/* SPDX-License-Identifier: Apache-2.0 */
/* desk.h - a policy's intents as a training set: what `baton train` and `baton eval` look at. */
#pragma once

#include "facts/policy.h"
#include "nlu/classifier.h"

/* Views into the policy, patterns compiled in the arena. */
enum err desk_training(struct arena *a, const struct policy *p, struct training *out, struct fault *f) NODISCARD;
