/* SPDX-License-Identifier: Apache-2.0 */
/* renew.c - stores the model that was trained in the place of one that could not be used. */
#include "engine/renew.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/published.h"
#include "store/writer.h"

#include <string.h>

#define RENEWAL_ARENA (MODEL_BYTES_MAX + ARENA_CEILING_DEFAULT)

struct renewal {
	struct arena *a;	/* its own: everything of it lives there */
	struct model_renewal r;
	int64_t now_us;
	bool renewed;
};

static enum err
renewal_apply(struct db *db, void *arg, struct fault *f)
{
	struct renewal *n = arg;

	role_assert_writer();
	return policy_renew_model(db, &n->r, n->now_us, &n->renewed, f);
}

static void
renewal_done(void *arg, enum err e, const struct fault *f)
{
	struct renewal *n = arg;
	struct arena *a = n->a;

	if (e != E_OK)
		log_warn(LOG_FAULT, K_Z("what", "storing the model again"), K_Z("text", f->text));
	else if (n->renewed)
		log_info(LOG_MODEL_RENEWED, K_STR("policy", str_sub(n->r.hash, 0, 12)),
		    K_I64("bytes", n->r.bytes.n), K_I64("past", n->r.past.n));
	arena_free(&a);
}

static bool
knows_less(const struct published *p)
{
	return p->past.max > 0 && model_encoder(p->model).n == 0;
}

void
renew_model(struct writer *w, struct clock *clock, const struct published *p)
{
	struct renewal *n;
	struct arena *a;
	struct buf b;

	if (p->unfit.err == E_OK || knows_less(p))
		return;
	buf_init(&b, MODEL_BYTES_MAX);
	model_save(p->model, &b);
	if (b.over) {
		buf_free(&b);
		return;	/* publishing refuses it as well, and says so */
	}
	a = arena_new(RENEWAL_ARENA);
	n = arena_new_of(a, struct renewal);
	n->a = a;
	n->now_us = clock_now_us(clock);
	n->r = (struct model_renewal){
		.hash = str_dup(a, p->policy->hash),
		.bytes = str_dup(a, buf_str(&b)),
		.past = p->past,
		.why = str_fmt(a, "made again by baton %s: %s", BATON_VERSION, p->unfit.text),
	};
	n->r.past.sum = str_dup(a, p->past.sum);
	memcpy(n->r.refused, p->refused, sizeof(n->r.refused));
	buf_free(&b);
	if (writer_submit(w, &(struct write_item){ .apply = renewal_apply, .done = renewal_done, .arg = n }) != E_OK)
		arena_free(&a);	/* a full queue: the next start tries again */
}
