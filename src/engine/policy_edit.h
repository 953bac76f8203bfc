/* SPDX-License-Identifier: Apache-2.0 */
/* policy_edit.h - intents and their examples, changed in the text of intents.yaml.
 *
 * Somebody wrote that file: their comments, order and quotes stay.  Only lines of the
 * `examples:` lists, of a name or a description change, a new intent comes last, and one that is
 * deleted takes its lines with it.  What came
 * out is read again and must say exactly what was wanted, else E_CONFLICT and nothing: what stands in
 * a form that cannot be edited line by line is for its author.  Pure.
 */
#pragma once

#include "base/fault.h"
#include "base/str.h"

enum policy_edit_kind { EDIT_TAKE_OUT, EDIT_PUT_IN, EDIT_INTENT, EDIT_NAME, EDIT_DESCRIPTION,
	EDIT_DELETE };
struct policy_edit {
	enum policy_edit_kind kind;
	struct str intent;	/* its id; INTENT: the new one's */
	struct str text;	/* the example; INTENT, DESCRIPTION: the description; NAME: the name */
	struct str name;	/* INTENT: the new one's; else empty */
};

/* The only intent is not deleted. A new intent reads only, and a person answers it, until somebody writes what else is to be done.
 * E_CONFLICT names the intent that could not be edited. */
enum err policy_edit(struct arena *a, struct str file, const struct policy_edit *v, size_t n,
    struct str *out, struct fault *f) NODISCARD;
