/* SPDX-License-Identifier: Apache-2.0 */
/* wait.c - what a waiting customer may honestly be told (ENGINE §9). */
#include "engine/engine_private.h"
#include "rules/hours.h"

/* Four classes in which waiting is alike: weekday morning, weekday afternoon,
 * weekend, closed. */
int
hours_class(const struct zone *z, const struct hours *h, int64_t at_us)
{
	struct civil c = zone_civil(z, at_us);

	if (!hours_at(h, z, at_us).open)
		return 3;
	if (c.weekday >= 5)
		return 2;
	return c.hour < 13 ? 0 : 1;
}

enum err
engine_wait(struct engine *e, struct db *db, struct str inbox, const struct conv_row *c,
    struct arena *a, struct wait *out, struct fault *f)
{
	struct published *p = engine_published(e);
	int at = policy_inbox(p->policy, inbox);
	int64_t now = engine_now_us(e);
	struct wait_range range = { 0 };
	enum err err = E_OK;

	*out = (struct wait){ 0 };
	if (at < 0) {
		published_unref(&p);
		return fault(f, E_NOTFOUND, "no inbox \"%.*s\"", STR_ARG(inbox));
	}
	const struct inbox_policy *in = &p->policy->inboxes[at];
	struct hours_verdict v = hours_at(&in->hours, p->snap->zones[at], now);

	out->team = str_dup(a, in->team);
	out->open = v.open;
	out->next_us = v.open ? 0 : v.next_us;
	out->until_us = v.until_us;
	out->agents_online = desk_online(e->desk, inbox);
	if (c != NULL && c->holder == HOLDER_QUEUE)
		err = conv_queue_place(db, c, &out->place, f);
	/* Out of hours a range of minutes would be a lie: the opening is told. */
	if (err == E_OK && v.open)
		err = wait_range_read(db, inbox, hours_class(p->snap->zones[at], &in->hours, now), &range, f);
	if (err == E_OK && range.n >= 10) {
		out->low_s = range.p50_s;
		out->high_s = range.p80_s;
	}
	published_unref(&p);
	return err;
}
