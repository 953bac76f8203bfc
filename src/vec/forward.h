/* SPDX-License-Identifier: Apache-2.0 */
/* forward.h - a BERT-family forward pass over weights packed for one kernel.
 *
 * Embeddings, LayerNorm, the layers (attention, GELU feed-forward, each with its
 * residual and LayerNorm), pooling, L2 norm; exactly n tokens, no padding in between.
 * The embeddings are read where they lie: the weights' words, positions and types must
 * outlive this.  Immutable, thread-safe.
 */
#pragma once

#include "vec/kernel.h"

struct forward;

struct forward *forward_new(const struct encoder_weights *w, const struct kernel *k);
void forward_free(struct forward **f);
size_t forward_bytes(const struct forward *f);
const struct kernel *forward_kernel(const struct forward *f);
/* 1 <= n <= ENCODER_TOKENS_MAX and <= info.positions, each id < info.vocab.  out: width
 * floats of length 1; zeros where the weights gave no finite number. */
void forward_run(const struct forward *f, struct arena *a, const uint32_t *ids, size_t n,
    float *out);
