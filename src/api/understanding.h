/* SPDX-License-Identifier: Apache-2.0 */
/* understanding.h - what the routes of the page *Understanding* share.
 *
 * The live policy and the draft are studied (insight/study.h) on the training pool when
 * somebody looks: a route takes what there is, says whether more is under way, and never
 * waits for it.
 */
#pragma once

#include "api/body.h"
#include "insight/study.h"

#define UNDERSTANDING_TEXT_MAX 16000	/* bytes */
#define EXAMPLE_MAX 1000

struct understanding;

struct understanding *understanding_new(struct api *api);
void understanding_free(struct understanding **u);	/* the training pool is drained */

/* What is known at this moment; references die with the request. */
struct understood {
	struct published *pub;		/* the live policy */
	struct study *live, *draft;	/* NULL: not studied (yet); draft also when there is none */
	struct draft_change *change;
	size_t change_n;
	const struct policy *policy;	/* live, with the draft's examples */
	const bool *applies;		/* change_n */
	struct str version;		/* of the draft */
	bool training;
	struct str fault;		/* why there is no study; empty: none */
};
enum err understanding_now(struct request *rq, struct understood *out, struct fault *f) NODISCARD;

/* {"version","state","fault","changes","compare"} */
void wire_draft(struct buf *out, const struct understood *u, struct arena *a);
/* {"right","of","ppm","low_ppm","high_ppm"}: a share of held-out examples with its 95 % interval. */
void wire_share(struct buf *out, const char *key, size_t right, size_t of);
