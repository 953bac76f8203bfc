/* SPDX-License-Identifier: Apache-2.0 */
/* policy_edit.h - examples put into, and taken out of, the text of intents.yaml.
 *
 * Somebody wrote that file: their comments, order and quotes stay.  Only lines of the
 * `examples:` lists change.  What came out is read again and must say exactly what was
 * wanted, else E_CONFLICT and nothing: a list in a form that cannot be edited line by line
 * is for its author.  Pure.
 */
#pragma once

#include "base/fault.h"
#include "base/str.h"

struct example_edit {
	bool add;		/* else take away */
	struct str intent, text;
};

/* E_CONFLICT names the intent whose list could not be edited. */
enum err policy_edit_examples(struct arena *a, struct str file, const struct example_edit *v, size_t n,
    struct str *out, struct fault *f) NODISCARD;
