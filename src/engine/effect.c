/* SPDX-License-Identifier: Apache-2.0 */
/* effect.c - calls outside: requested is in the record before, done after.
 *
 * The key of a call is (conversation, turn, step).  A call whose result cannot
 * be stored is made again from the record: it is a read.
 */
#include "engine/engine_private.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "connector/connector.h"
#include "engine/record_json.h"

#include <stdlib.h>

struct effect {
	struct engine *e;
	struct arena *a;	/* owns the copies below */
	struct published *pub;
	struct id conv, contact;
	struct str address;
	int64_t turn, began_us;
	int step;
	const struct connector_policy *system;
	const struct connector_action *action;
	struct slot *params;
	size_t params_n;
	/* what the batch's savepoint also writes */
	bool identified, failed;
	struct str name, email, tier;
};

enum err
effect_identity_allowed(struct engine *e, struct db *db, const struct conv_row *c,
    const struct situation *s, struct arena *a, bool *allowed, struct fault *f)
{
	struct str address;
	int64_t n = 0;

	*allowed = s->identity_failures < IDENTITY_TRIES_CONV;
	TRY(contact_address(db, c->contact, a, &address, f));
	if (*allowed && address.n > 0) {
		TRY(identity_failures(db, address, engine_now_us(e) - IDENTITY_WINDOW_US, &n, f));
		*allowed = n < IDENTITY_TRIES_ADDRESS;
	}
	return E_OK;
}

static void
effect_free(struct effect *x)
{
	struct arena *a = x->a;	/* x itself lives in it */

	published_unref(&x->pub);
	arena_free(&a);
}

/* With the outcome, in one transaction: who was proved, or that it failed. */
static enum err
effect_extra(struct db *db, const struct batch *b, void *arg, struct fault *f)
{
	struct effect *x = arg;

	role_assert_writer();
	if (x->identified) {
		TRY(contact_identify(db, x->contact, x->name, x->email, b->at_us, f));
		return x->tier.n > 0 ? contact_set_tier(db, x->contact, x->tier, b->at_us, f) : E_OK;
	}
	if (x->failed && x->address.n > 0)
		return identity_failure_add(db, x->address, b->at_us, f);
	return E_OK;
}

static void
effect_stored(struct engine *e, const struct batch *b, enum err err, const struct fault *f, void *arg)
{
	struct effect *x = arg;

	if (err == E_OK || err == E_RETRY || err == E_FULL)
		turn_resume(e, b->conv);
	else
		log_info(LOG_EFFECT, K_Z("result", "dropped"), K_Z("text", f->text));
	effect_free(x);
}

static struct str
record_field(const struct outcome *o, const char *name)
{
	for (size_t i = 0; i < o->fields_n; i++)
		if (str_eqz(o->fields[i].name, name))
			return o->fields[i].value;
	return STR_NONE;
}

static struct str
param_value(const struct effect *x, const char *name)
{
	for (size_t i = 0; i < x->params_n; i++)
		if (str_eqz(x->params[i].name, name))
			return x->params[i].value;
	return STR_NONE;
}

static void
effect_identity(struct effect *x, const struct outcome *o, struct batch *b)
{
	json_t *body;

	x->failed = o->kind == OUTCOME_NO_RECORD;
	if (o->kind != OUTCOME_RECORD)
		return;
	x->identified = true;
	x->email = str_dup(x->a, param_value(x, "email"));
	x->name = str_dup(x->a, record_field(o, "customer"));
	x->tier = str_dup(x->a, record_field(o, "customer_tier"));
	body = json_obj(b->arena);
	json_set_str(body, "name", x->name);
	json_set_str(body, "email", x->email);
	json_set_str(body, "by", str_fmt(b->arena, "%S.%S", x->system->id, x->action->id));
	batch_add(b, EV_IDENTIFIED, (struct actor){ .type = ACTOR_SYSTEM }, x->turn,
	    x->pub->policy->hash, json_text(b->arena, body));
}

/* On a thread of the connector's. */
static void
effect_done(void *arg, const struct outcome *got)
{
	struct effect *x = arg;
	struct batch *b = batch_new(x->conv);
	struct outcome o = *got;

	o.step = x->step;
	o.at_us = engine_now_us(x->e);
	o.source = str_fmt(b->arena, "%S.%S", x->system->id, x->action->id);
	(void)FAIL(effect_after_call);
	log_info(LOG_EFFECT, K_STR("call", o.source), K_I64("us", o.at_us - x->began_us),
	    K_I64("outcome", o.kind));
	b->at_us = o.at_us;
	b->pre = PRE_TURN_CURRENT;
	b->turn = x->turn;
	batch_add(b, EV_EFFECT_DONE, (struct actor){ .type = ACTOR_SYSTEM }, x->turn, x->pub->policy->hash,
	    json_text(b->arena, outcome_to_json(&o, b->arena)));
	if (x->action->proves_identity)
		effect_identity(x, &o, b);
	if (commit_submit(&(struct commit){ .e = x->e, .b = b, .extra = effect_extra,
	    .then = effect_stored, .arg = x }, NULL) != E_OK) {
		turn_resume(x->e, x->conv);
		effect_free(x);
	}
}

static bool
effect_find(struct effect *x, const struct pending_effect *p)
{
	const struct policy *pol = x->pub->policy;

	for (size_t i = 0; i < pol->connectors_n; i++) {
		if (!str_eq(pol->connectors[i].id, p->connector))
			continue;
		x->system = &pol->connectors[i];
		for (size_t k = 0; k < x->system->actions_n; k++)
			if (str_eq(x->system->actions[k].id, p->action))
				x->action = &x->system->actions[k];
	}
	return x->action != NULL;
}

static enum err
effect_read(struct engine *e, struct effect *x, struct str policy_hash, struct fault *f)
{
	struct db *db = db_borrow(e->spec.readers);
	struct conv_row row;
	enum err err = engine_published_hash(e, db, policy_hash, &x->pub, f);

	if (err == E_OK)
		err = conv_get(db, x->conv, x->a, &row, f);
	if (err == E_OK) {
		x->contact = row.contact;
		err = contact_address(db, row.contact, x->a, &x->address, f);
	}
	db_return(e->spec.readers, &db);
	return err;
}

void
effect_call(struct engine *e, struct id conv, int64_t turn, struct str policy_hash,
    const struct pending_effect *p)
{
	struct arena *a = arena_new(1 << 20);
	struct effect *x = arena_new_of(a, struct effect);
	const struct connector *kind;
	struct fault f = { 0 };

	*x = (struct effect){ .e = e, .a = a, .conv = conv, .turn = turn, .step = p->step,
		.began_us = engine_now_us(e) };
	x->params = arena_array(a, struct slot, p->params_n + 1);
	for (size_t i = 0; i < p->params_n; i++)
		x->params[x->params_n++] = (struct slot){ str_dup(a, p->params[i].name),
			str_dup(a, p->params[i].value) };
	if (effect_read(e, x, policy_hash, &f) != E_OK || !effect_find(x, p)) {
		log_error(LOG_EFFECT, K_STR("connector", p->connector), K_Z("text", f.text));
		effect_free(x);
		turn_to_people(e, conv, "tool_failed", "a look-up is missing from the policy");
		return;
	}
	kind = connector_find(x->system->kind);
	CHECK(kind != NULL);	/* baton check saw to it */
	(void)FAIL(effect_before_call);
	struct connector_call call = { .system = x->system, .action = x->action, .params = x->params,
		.params_n = x->params_n, .workspace = e->spec.workspace, .ext = e->spec.ext,
		.done = effect_done, .arg = x };
	if (e->spec.connector_fault != NULL) {
		struct outcome o = { 0 };

		if (e->spec.connector_fault(e->spec.connector_fault_ctx, x->system->id, &o)) {
			effect_done(x, &o);
			return;
		}
	}
	if (kind->call(&call, &f) != E_OK)
		effect_done(x, &(struct outcome){ .kind = OUTCOME_ERROR, .error = str_from(f.text) });
}
