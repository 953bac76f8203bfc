/* SPDX-License-Identifier: Apache-2.0 */
/* customer.c - accept: what a customer does becomes a batch, and wakes a turn. */
#include "engine/engine_private.h"

#include "base/buf.h"

#include <stdlib.h>

static void
customer_stored(struct engine *e, const struct batch *b, enum err err, const struct fault *f, void *arg)
{
	struct engine_reply *reply = arg;

	reply->done(reply->arg, err, b, f);
	free(reply);
	if (err == E_OK && !b->replayed && b->after != NULL)
		turn_wake(e, b->after);
}

/* The canonical request: what a retry must repeat. */
static void
request_hash(const char *kind, struct str text, uint8_t out[32])
{
	struct str k = str_from(kind);
	struct sha256_part parts[] = { { k.p, k.n }, { "\n", 1 }, { text.p, text.n } };

	sha256_parts(parts, 3, out);
}

static const struct {
	const char *name, *key;
	enum event_kind event;
} customer_kind[] = {
	[CUSTOMER_MESSAGE] = { "message", "text", EV_MSG_CUSTOMER },
	[CUSTOMER_ASKS_PERSON] = { "person", NULL, EV_PERSON_ASKED },
	[CUSTOMER_WAY_BACK] = { "way_back", "email", EV_WAY_BACK },
};

enum err
engine_customer(struct engine *e, const struct customer_input *in, const struct engine_reply *reply,
    struct fault *f)
{
	struct batch *b;
	struct engine_reply *kept;
	struct buf body;

	CHECK_OBJ(e, ENGINE_MAGIC);
	buf_init(&body, 60000);
	buf_add_z(&body, "{");
	if (customer_kind[in->kind].key != NULL) {
		buf_fmt(&body, "\"%s\":", customer_kind[in->kind].key);
		buf_add_json(&body, in->text);
	}
	buf_add_z(&body, "}");
	if (body.over) {
		buf_free(&body);
		return fault(f, E_TOOBIG, "the message is too long");
	}
	b = batch_new(id_new(e->spec.rand));
	b->open = true;
	b->contact = in->contact;
	b->inbox = str_dup(b->arena, in->inbox);
	b->has_cmid = true;
	b->cmid = in->cmid;
	b->principal = in->visitor;
	b->at_us = engine_now_us(e);
	request_hash(customer_kind[in->kind].name, in->text, b->request_hash);
	batch_add(b, customer_kind[in->kind].event,
	    (struct actor){ ACTOR_CUSTOMER, in->contact }, 0, STR_NONE, buf_str(&body));
	buf_free(&body);
	kept = malloc(sizeof(*kept));
	CHECK(kept != NULL);
	*kept = *reply;
	enum err err = commit_submit(
	    &(struct commit){ .e = e, .b = b, .then = customer_stored, .arg = kept }, f);
	if (err != E_OK)
		free(kept);
	return err;
}

void
engine_customer_typing(struct engine *e, struct id conv, bool on)
{
	CHECK_OBJ(e, ENGINE_MAGIC);
	flight_typing(e->flights, conv, on ? engine_now_us(e) + TYPING_LASTS_US : 0);
}
