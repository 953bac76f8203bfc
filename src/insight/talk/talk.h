/* SPDX-License-Identifier: Apache-2.0 */
/* talk.h - plays a .talk script against a workspace's policy.
 *
 * Real perceive, decide, workflows, articles, connectors and store (a file in a
 * temporary folder); one thread, a clock that moves only when told, a seeded
 * random: the same script gives the same record.
 */
#pragma once

#include "base/buf.h"
#include "engine/policy_load.h"
#include "insight/talk/script.h"

struct embedder;

struct talk_result {
	size_t talks, expectations, failed;
};

/* embedder: NULL, intents are understood by words alone. The report of what failed is appended to out. E_INVALID: the script cannot
 * be read, or expects nothing; E_CONFIG: the policy is wrong. */
enum err talk_play(const char *workspace, struct embedder *embedder, const struct policy_source *sources,
    size_t sources_n, struct str file, struct str bytes, bool colour, struct buf *out, struct talk_result *result,
    struct fault *f) NODISCARD;
