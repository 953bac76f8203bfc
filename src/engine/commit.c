/* SPDX-License-Identifier: Apache-2.0 */
/* commit.c - one batch through the writer, then memory and publication, then what follows. */
#include "engine/engine_private.h"

#include "engine/outside.h"
#include "engine/recall.h"

#include <stdlib.h>

struct pending {
	struct commit c;
};

static enum err
commit_apply(struct db *db, void *arg, struct fault *f)
{
	struct pending *p = arg;

	role_assert_writer();
	TRY(batch_apply(db, p->c.b, f));
	if (p->c.extra == NULL || p->c.b->replayed)
		return E_OK;
	TRY(p->c.extra(db, p->c.b, p->c.arg, f));
	/* It may have learned who the customer is: what is published says so. */
	return batch_reread_names(db, p->c.b, f);
}

static void
commit_done(void *arg, enum err err, const struct fault *f)
{
	struct pending *p = arg;
	struct engine *e = p->c.e;

	if (err == E_OK && !p->c.b->replayed) {
		recall_note(e->recall, p->c.b, p->c.extra != NULL);
		outside_note(e->outside, p->c.b);
		if (e->spec.publish != NULL)
			e->spec.publish(e->spec.publish_ctx, p->c.b);
	}
	if (p->c.then != NULL)
		p->c.then(e, p->c.b, err, f, p->c.arg);
	batch_free(&p->c.b);
	free(p);
}

enum err
commit_submit(const struct commit *c, struct fault *f)
{
	struct pending *p = malloc(sizeof(*p));
	enum err err;

	CHECK(p != NULL);
	p->c = *c;
	err = writer_submit(c->e->spec.writer,
	    &(struct write_item){ .apply = commit_apply, .done = commit_done, .arg = p });
	/* Taken: commit_done frees it. */
	if (err != E_OK) {
		batch_free(&p->c.b);
		free(p);
		return fault(f, err, "too much is waiting to be stored; try again in a moment");
	}
	return E_OK; // cppcheck-suppress memleak
}
