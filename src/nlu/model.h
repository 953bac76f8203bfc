/* SPDX-License-Identifier: Apache-2.0 */
/* model.h - the intent model: trained from a policy, saved as bytes, loaded back.
 *
 * Linear softmax over hashed word 1-2-grams, character 2-5-grams and the concepts
 * of nlu/concepts.h (AdaGrad);
 * deterministic: the same policy gives the same bytes.  Probabilities are
 * temperature-scaled on held-out folds; `unknown` comes from the maximum logit
 * against held-out and synthetic out-of-scope text.  The bytes start with a
 * magic, a format version, the policy's hash and end with a SHA-256; a damaged
 * model is refused by name (E_INVALID), never half used.
 * A model also holds the compiled entity patterns of its policy.
 * Shared by reference count; immutable; thread-safe to use.
 */
#pragma once

#include "facts/policy.h"

struct model;
struct buf;

/* About 0.3 ms an example. No examples at all is not an error: a model that
 * knows nothing. `out` gets a reference. */
enum err model_train(const struct policy *p, struct model **out, struct fault *f) NODISCARD;
void model_save(const struct model *m, struct buf *out);
enum err model_load(const struct policy *p, struct str bytes, struct model **out,
    struct fault *f) NODISCARD;
struct model *model_ref(struct model *m);
void model_unref(struct model **m);
