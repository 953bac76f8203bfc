/* SPDX-License-Identifier: Apache-2.0 */
/* agent.c - what people do at the desk becomes a batch. */
#include "engine/engine_private.h"
#include "engine/said_json.h"
#include "flow/render.h"

#include "base/buf.h"

#include <stdlib.h>

static void
agent_stored(struct engine *e, const struct batch *b, enum err err, const struct fault *f, void *arg)
{
	struct engine_reply *reply = arg;

	(void)e;
	reply->done(reply->arg, err, b, f);
	free(reply);
}

static const struct {
	const char *name;
	enum event_kind event;
	const char *key;	/* of the text in the body */
	unsigned pre;
} agent_kind[] = {
	[AGENT_CLAIM] = { "claim", EV_HANDOVER_CLAIMED, "name", PRE_CLAIMABLE },
	[AGENT_RELEASE] = { "release", EV_HANDOVER_RETURNED, NULL, PRE_HELD_BY_ACTOR },
	[AGENT_RESOLVE] = { "resolve", EV_RESOLVED, NULL, PRE_CLAIMABLE },
	[AGENT_MESSAGE] = { "message", EV_MSG_AGENT, "text", PRE_HELD_BY_ACTOR },
	[AGENT_NOTE] = { "note", EV_NOTE, "text", 0 },
};

/* What the AI says when it has the conversation back.  What the customer wrote
 * to the person was the person's to answer: the AI waits for the next. */
static enum err
agent_came_back(struct engine *e, struct batch *b, struct fault *f)
{
	struct db *db = db_borrow(e->spec.readers);
	struct published *p = engine_published(e);
	struct conv_row row;
	enum err err = conv_get(db, b->conv, b->arena, &row, f);

	if (err == E_OK) {
		struct situation s = { .inbox = policy_inbox(p->policy, row.inbox), .workflow = -1,
			.step = -1, .language = row.language };

		if (s.inbox >= 0) {
			struct said said;
			json_t *body;

			if (s.language.n == 0)
				s.language = p->policy->inboxes[s.inbox].languages[0];
			said = render_reply(p->policy, p->policy->own[OWN_CAME_BACK], &s, b->arena);
			body = said_to_json(&said, b->arena);
			batch_add(b, EV_MSG_AI, (struct actor){ .type = ACTOR_AI }, 0, p->policy->hash,
			    json_text(b->arena, body));
		}
	}
	published_unref(&p);
	db_return(e->spec.readers, &db);
	return err;
}

enum err
engine_agent(struct engine *e, const struct agent_input *in, const struct engine_reply *reply,
    struct fault *f)
{
	struct batch *b = batch_new(in->conv);
	struct str text = in->kind == AGENT_CLAIM ? in->name : in->text;
	struct str kind = str_from(agent_kind[in->kind].name);
	struct engine_reply *kept;
	struct buf body;
	enum err err = E_OK;

	CHECK_OBJ(e, ENGINE_MAGIC);
	b->has_cmid = true;
	b->cmid = in->cmid;
	b->principal = in->agent;
	b->agent = in->agent;
	b->at_us = engine_now_us(e);
	b->pre = agent_kind[in->kind].pre;
	if (in->kind == AGENT_MESSAGE && in->basis >= 0) {
		b->pre |= PRE_BASIS;
		b->basis = in->basis;
	}
	struct sha256_part parts[] = { { kind.p, kind.n }, { in->conv.b, 16 }, { in->text.p, in->text.n } };
	sha256_parts(parts, 3, b->request_hash);
	buf_init(&body, 60000);
	buf_add_z(&body, "{");
	if (agent_kind[in->kind].key != NULL) {
		buf_fmt(&body, "\"%s\":", agent_kind[in->kind].key);
		buf_add_json(&body, text);
	}
	buf_add_z(&body, "}");
	if (body.over)
		err = fault(f, E_TOOBIG, "the text is too long");
	else
		batch_add(b, agent_kind[in->kind].event, (struct actor){ ACTOR_AGENT, in->agent }, 0,
		    STR_NONE, buf_str(&body));
	buf_free(&body);
	if (err == E_OK && in->kind == AGENT_RELEASE)
		err = agent_came_back(e, b, f);
	if (err != E_OK) {
		batch_free(&b);
		return err;
	}
	kept = malloc(sizeof(*kept));
	CHECK(kept != NULL);
	*kept = *reply;
	err = commit_submit(&(struct commit){ .e = e, .b = b, .then = agent_stored, .arg = kept }, f);
	if (err != E_OK)
		free(kept);
	return err;
}
