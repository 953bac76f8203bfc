/* SPDX-License-Identifier: Apache-2.0 */
/* play.c - a script against the world: what happens, and whether it was expected. */
#include "insight/talk/judge.h"
#include "insight/talk/talk.h"
#include "insight/talk/world.h"
#include "engine/why.h"
#include "engine/published.h"
#include "insight/replay.h"

/* The Monday that "default: a Monday, 10:00" means. */
static const struct talk_when usual = { 2026, 11, 23, 10, 0 };

struct play {
	const char *workspace;
	struct embedder *embedder;
	const struct policy_source *sources;
	size_t sources_n;
	struct str file;
	bool colour;
	struct buf *out;
	struct talk_result *result;
	struct arena *a;
	struct fault *f;
	/* of the talk that runs */
	struct policy_snapshot *snap;
	struct world *w;
	struct talk_when at;
	struct str inbox, title;
	struct world_person *speaker;	/* the customer who spoke last */
	int32_t mark;			/* seq before they spoke */
	bool failed;
};

static enum err
play_world(struct play *p)
{
	int inbox = p->inbox.n > 0 ? policy_inbox(p->snap->policy, p->inbox) : 0;
	struct civil c = { .year = p->at.year, .month = p->at.month, .day = p->at.day,
		.hour = p->at.hour, .minute = p->at.minute };

	if (p->w != NULL)
		return E_OK;
	if (inbox < 0)
		return fault(p->f, E_INVALID, "there is no inbox \"%.*s\"", STR_ARG(p->inbox));
	p->result->talks++;
	TRY(world_open(p->workspace, p->embedder, p->sources, p->sources_n,
	    zone_instant(p->snap->zones[inbox], c), &p->w, p->f));
	p->w->inbox = p->snap->policy->inboxes[inbox].id;
	return E_OK;
}

static enum err
again_find(void *ctx, struct str hash, struct published **out, struct fault *f)
{
	/* what was perceived is on record: no encoder is asked */
	return published_read(ctx, NULL, hash, out, f);
}

/* Everything that was decided is decided again from the record: byte for byte
 * the same, or the script fails. */
static enum err
play_again(struct play *p, const struct world_person *who)
{
	struct replay_result r = { 0 };
	struct conv_row row;
	struct db *db = db_borrow(p->w->readers);
	struct replay_source from = { again_find, db };
	enum err err = conv_get(db, who->conv, p->a, &row, p->f);

	if (err == E_OK)
		err = replay_conversation(db, &row, &from, p->a, &r, p->f);
	db_return(p->w->readers, &db);
	TRY(err);
	if (r.different == 0)
		return E_OK;
	p->result->failed++;
	buf_fmt(p->out, "%.*s: %.*s\n    decided again, event %d comes out otherwise\n    - %.*s\n    + %.*s\n",
	    STR_ARG(p->file), STR_ARG(p->title), r.first_seq, STR_ARG(r.was), STR_ARG(r.is));
	return E_OK;
}

/* The talk is over: its world goes. */
static enum err
play_finish(struct play *p)
{
	if (p->w == NULL)
		return E_OK;
	for (size_t i = 0; i < p->w->customers; i++)
		if (p->w->customer[i].has_conv)
			TRY(play_again(p, &p->w->customer[i]));
	return E_OK;
}

static void
play_end(struct play *p)
{
	world_close(&p->w);
	p->speaker = NULL;
	p->mark = 0;
	p->failed = false;
	p->at = usual;
	p->inbox = STR_NONE;
}

static enum err
play_seq(struct play *p, struct world_person *who, int32_t *seq)
{
	struct db *db;
	struct conv_row row;
	enum err err;

	*seq = 0;
	if (!who->has_conv)
		return E_OK;
	db = db_borrow(p->w->readers);
	err = conv_get(db, who->conv, p->a, &row, p->f);
	db_return(p->w->readers, &db);
	if (err == E_OK)
		*seq = row.last_seq;
	return err;
}

static enum err
play_customer(struct play *p, const struct talk_line *l, enum from_customer kind)
{
	TRY(world_customer(p->w, l->name, &p->speaker, p->f));
	TRY(play_seq(p, p->speaker, &p->mark));
	return world_customer_does(p->w, p->speaker, kind, l->text, p->f);
}

static enum err
play_agent(struct play *p, const struct talk_line *l, enum from_agent kind)
{
	struct world_person *agent;

	TRY(world_agent(p->w, l->name, &agent, p->f));
	if (p->speaker == NULL || !p->speaker->has_conv)
		return fault(p->f, E_INVALID, "no customer has written yet");
	world_set_online(p->w, agent, true);
	return world_agent_does(p->w, agent, p->speaker->conv, kind, l->text, p->f);
}

static enum err
play_connector(struct play *p, const struct talk_line *l)
{
	struct world *w = p->w;
	enum world_fault mode = str_eqz(l->value, "fails") ? WORLD_FAILS :
	    str_eqz(l->value, "hangs") ? WORLD_HANGS : WORLD_WORKS;

	for (size_t i = 0; i < w->connectors; i++)
		if (str_eq(w->connector[i], l->name)) {
			w->fault[i] = mode;
			return E_OK;
		}
	if (w->connectors == WORLD_PEOPLE_MAX)
		return fault(p->f, E_TOOBIG, "too many connectors");
	w->connector[w->connectors] = l->name;
	w->fault[w->connectors++] = mode;
	return E_OK;
}

/* The conversation as far as it went, and why the desk did what it did. */
static void
play_show(struct play *p)
{
	struct db *db = db_borrow(p->w->readers);
	struct conv_row row;
	struct event *v;
	size_t n;
	json_t *why;

	if (conv_get(db, p->speaker->conv, p->a, &row, NULL) == E_OK &&
	    event_list(db, row.conv, 0, AUDIENCE_AGENTS, 1000, p->a, &v, &n, NULL) == E_OK) {
		buf_add_z(p->out, "    so far:\n");
		for (size_t i = 0; i < n; i++)
			judge_print_event(&v[i], p->a, p->out);
		if (why_read(db, &row, 0, NULL, p->a, &why, NULL) == E_OK) {
			buf_add_z(p->out, "    why:\n");
			why_print(why, p->colour, p->out);
		}
	}
	db_return(p->w->readers, &db);
}

static enum err
play_expect(struct play *p, const struct talk_line *l)
{
	struct judge_input in = { .line = l, .mark = p->mark, .policy = p->snap->policy };
	struct db *db;
	struct str found;
	enum err err;
	bool ok;

	if (p->speaker == NULL || !p->speaker->has_conv)
		return fault(p->f, E_INVALID, "nothing to expect yet: no customer has written");
	db = db_borrow(p->w->readers);
	err = judge(db, p->speaker->conv, &in, p->a, &ok, &found, p->f);
	db_return(p->w->readers, &db);
	TRY(err);
	p->result->expectations++;
	if (ok)
		return E_OK;
	p->result->failed++;
	buf_fmt(p->out, "%.*s:%d: %.*s\n", STR_ARG(p->file), l->line, STR_ARG(p->title));
	buf_fmt(p->out, "    - %.*s\n    + %.*s\n", STR_ARG(l->source), STR_ARG(found));
	if (!p->failed)
		play_show(p);
	p->failed = true;
	return E_OK;
}

/* What must stand before anything happens. True: it was one of these. */
static enum err
play_heading(struct play *p, const struct talk_line *l, bool *was)
{
	*was = l->verb == TALK_TALK || l->verb == TALK_AT || l->verb == TALK_ON;
	if (l->verb == TALK_TALK) {
		TRY(play_finish(p));
		play_end(p);
		p->title = l->text;
		return E_OK;
	}
	if (*was && p->w != NULL)
		return fault(p->f, E_INVALID, "this must stand before anything happens in the conversation");
	if (l->verb == TALK_AT)
		p->at = l->when;
	if (l->verb == TALK_ON)
		p->inbox = l->name;
	return E_OK;
}

static enum err
play_line(struct play *p, const struct talk_line *l)
{
	struct world_person *who;
	bool heading;

	TRY(play_heading(p, l, &heading));
	if (heading)
		return E_OK;
	TRY(play_world(p));
	switch (l->verb) {
	case TALK_SAYS:
		return play_customer(p, l, CUSTOMER_MESSAGE);
	case TALK_BUTTON:
		return play_customer(p, l, CUSTOMER_ASKS_PERSON);
	case TALK_EMAIL:
		return play_customer(p, l, CUSTOMER_WAY_BACK);
	case TALK_TIER:
		TRY(world_customer(p->w, l->name, &who, p->f));
		return world_set_tier(p->w, who, l->value, p->f);
	case TALK_AGENT_IS:
		TRY(world_agent(p->w, l->name, &who, p->f));
		world_set_online(p->w, who, str_eqz(l->value, "online"));
		return E_OK;
	case TALK_AGENT_DOES:
		return play_agent(p, l, str_eqz(l->value, "accepts") ? AGENT_CLAIM :
		    str_eqz(l->value, "gives") ? AGENT_RELEASE : AGENT_RESOLVE);
	case TALK_AGENT_SAYS:
		return play_agent(p, l, AGENT_MESSAGE);
	case TALK_AGENT_NOTES:
		return play_agent(p, l, AGENT_NOTE);
	case TALK_CONNECTOR:
		return play_connector(p, l);
	case TALK_ADVANCE:
		world_advance(p->w, l->number);
		return E_OK;
	case TALK_EXPECT:
		return play_expect(p, l);
	case TALK_TALK:
	case TALK_AT:
	case TALK_ON:
		break;
	}
	NEVER("talk verb");
}

struct play_file {
	struct play *p;
	struct str bytes;
};

static enum err
play_all(struct arena *a, void *arg, struct fault *f)
{
	struct play_file *pf = arg;
	struct play *p = pf->p;
	const struct talk_line *v;
	size_t n, before = p->result->expectations;

	p->a = a;
	TRY(talk_read(p->file, pf->bytes, a, &v, &n, f));
	for (size_t i = 0; i < n; i++)
		if (play_line(p, &v[i]) != E_OK)
			return fault_wrap(f, "%.*s:%d", STR_ARG(p->file), v[i].line);
	TRY(play_finish(p));
	if (p->result->expectations == before)
		return fault(f, E_INVALID, "%.*s: the script expects nothing", STR_ARG(p->file));
	return E_OK;
}

enum err
talk_play(const char *workspace, struct embedder *embedder, const struct policy_source *sources,
    size_t sources_n, struct str file, struct str bytes, bool colour, struct buf *out, struct talk_result *result,
    struct fault *f)
{
	struct arena *a = arena_new((size_t)128 << 20), *own = arena_new((size_t)64 << 20);
	struct complaints *c = arena_zalloc(own, sizeof(*c));
	struct play p = { .workspace = workspace, .embedder = embedder, .sources = sources,
		.sources_n = sources_n, .file = file, .colour = colour, .out = out, .result = result, .at = usual, .f = f };
	struct play_file pf = { &p, bytes };
	enum err err;

	complaints_init(c, own);
	err = policy_load(sources, sources_n, c, &p.snap, f);
	if (err == E_OK)
		err = arena_run(a, play_all, &pf, f);
	play_end(&p);
	policy_snapshot_unref(&p.snap);
	arena_free(&a);
	arena_free(&own);
	return err;
}
