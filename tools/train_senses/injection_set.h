/* SPDX-License-Identifier: Apache-2.0 */
/* injection_set.h - the texts that src/nlu/injection.bin is fitted on.
 *
 * Not part of the program.
 */
#pragma once

#include "fit.h"

struct injection_set {
	struct fit_sample *v;	/* target[0]: it is one; fold 0..4 of the judged, -1 of what only teaches */
	char **text;
	size_t n;
};

/* FOLDER/deepset_train.jsonl (judged) and FOLDER/giskard_prompt_injections.csv. */
bool injection_read_public(const char *folder, struct injection_set *s);
/* Lines "+ TAB text" or "- TAB text"; # begins a comment. */
bool injection_read_ours(const char *path, struct injection_set *s);
/* Lines "- text" of a policy and {"q": "text"}, an eighth of the lines of a .tsv: none of them is one. */
bool injection_read_customers(const char *path, struct injection_set *s);
struct linear injection_fit(const struct injection_set *s, int leave_out);
