/* SPDX-License-Identifier: Apache-2.0 */
/* recall.c - see recall.h. */
#include "engine/recall.h"

#include "engine/published.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096		/* a power of two */
#define NOTES_MAX 32		/* not folded yet: nobody asks */
#define NOTE_BYTES ((size_t)12 << 10)	/* of a batch, about */
#define SEQ_MAX 2000		/* a longer conversation is read each time */
#define FOLD_BYTES ((size_t)1 << 20)
#define LEFT_BYTES ((size_t)24 << 10)	/* left behind in a fold's arena: then it is copied */

struct note {
	struct note *next;
	struct batch *b;
};

struct recalled {
	struct recall *all;
	struct id conv;
	struct recalled *in_bucket, *newer, *older;
	/* under the lock */
	bool busy, lost;
	int32_t seq;			/* newest known; -1: nothing is */
	struct conv_row row;		/* its texts are the newest note's, or in `a` */
	struct note *first, *last;
	size_t notes;
	size_t held, bytes;		/* of the fold; of all */
	/* the owner's, and nobody's when not busy */
	struct published *pub;
	struct arena *a;
	struct fold *fold;
	int inbox;
	int32_t folded;			/* seq */
	size_t live;			/* bytes after the last copy */
};

struct recall {
	pthread_mutex_t lock;
	struct recalled *bucket[BUCKETS];
	struct recalled *newest, *oldest;
	size_t n, bytes;
};

static int32_t
last_seq(const struct batch *b)
{
	return b->stored[b->stored_n - 1].seq;
}

static struct recalled **
bucket_of(struct recall *r, struct id conv)
{
	uint32_t h;

	memcpy(&h, conv.b, sizeof(h));
	return &r->bucket[h & (BUCKETS - 1)];
}

static struct recalled *
find(struct recall *r, struct id conv)
{
	struct recalled *c = *bucket_of(r, conv);

	while (c != NULL && !id_eq(c->conv, conv))
		c = c->in_bucket;
	return c;
}

static void
unlink_age(struct recall *r, struct recalled *c)
{
	*(c->newer != NULL ? &c->newer->older : &r->newest) = c->older;
	*(c->older != NULL ? &c->older->newer : &r->oldest) = c->newer;
	c->newer = c->older = NULL;
}

static void
link_newest(struct recall *r, struct recalled *c)
{
	c->older = r->newest;
	*(r->newest != NULL ? &r->newest->newer : &r->oldest) = c;
	r->newest = c;
}

static void
drop_note(struct recalled *c)
{
	struct note *n = c->first;

	c->first = n->next;
	if (c->first == NULL)
		c->last = NULL;
	c->notes--;
	batch_free(&n->b);
	free(n);
}

static void
fold_forget(struct recalled *c)
{
	c->fold = NULL;
	arena_free(&c->a);
	published_unref(&c->pub);
}

/* Out of all lists; nobody has it. */
static void
forget(struct recall *r, struct recalled *c)
{
	struct recalled **at = bucket_of(r, c->conv);

	while (*at != c)
		at = &(*at)->in_bucket;
	*at = c->in_bucket;
	unlink_age(r, c);
	r->n--;
	r->bytes -= c->bytes;
	while (c->first != NULL)
		drop_note(c);
	fold_forget(c);
	free(c);
}

static void
make_room(struct recall *r)
{
	struct recalled *c = r->oldest;

	while (c != NULL && (r->n > RECALL_MAX || r->bytes > RECALL_BYTES)) {
		struct recalled *next = c->newer;

		if (!c->busy)
			forget(r, c);
		c = next;
	}
}

static struct recalled *
add(struct recall *r, struct id conv)
{
	struct recalled *c = calloc(1, sizeof(*c));

	CHECK(c != NULL);
	c->all = r;
	c->conv = conv;
	c->seq = -1;
	c->in_bucket = *bucket_of(r, conv);
	*bucket_of(r, conv) = c;
	link_newest(r, c);
	r->n++;
	make_room(r);
	return c;
}

static void
weigh(struct recalled *c)
{
	size_t now = sizeof(*c) + c->held + c->notes * NOTE_BYTES;

	c->all->bytes += now - c->bytes;
	c->bytes = now;
}

struct recall *
recall_new(void)
{
	struct recall *r = calloc(1, sizeof(*r));

	CHECK(r != NULL && pthread_mutex_init(&r->lock, NULL) == 0);
	return r;
}

void
recall_free(struct recall **pr)
{
	struct recall *r = *pr;

	*pr = NULL;
	if (r == NULL)
		return;
	while (r->newest != NULL)
		forget(r, r->newest);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

void
recall_clear(struct recall *r)
{
	pthread_mutex_lock(&r->lock);
	for (struct recalled *c = r->newest, *next; c != NULL; c = next) {
		next = c->older;
		c->lost = true;
		if (!c->busy)
			forget(r, c);
	}
	pthread_mutex_unlock(&r->lock);
}

/* ---- the writer ------------------------------------------------------ */

/* What b stored comes right after what is known, or it is not kept. */
static void
keep_note(struct recalled *c, struct batch *b)
{
	int32_t first = b->stored[0].seq, last = last_seq(b);
	struct note *n;

	if (c->seq >= 0 && last <= c->seq)
		return;		/* read from the store meanwhile */
	if ((c->seq >= 0 && first != c->seq + 1) || c->notes >= NOTES_MAX || last > SEQ_MAX) {
		c->lost = true;
		return;
	}
	n = malloc(sizeof(*n));
	CHECK(n != NULL);
	*n = (struct note){ NULL, batch_keep(b) };
	*(c->last != NULL ? &c->last->next : &c->first) = n;
	c->last = n;
	c->notes++;
	/* Before the owner has told what is known, only notes are kept. */
	if (c->seq >= 0) {
		c->seq = last;
		c->row = *b->after;
	}
	weigh(c);
}

/* Somebody was recognised: the contact's other conversations know an older one. */
static void
forget_contact(struct recall *r, const struct conv_row *now)
{
	for (struct recalled *c = r->newest, *next; c != NULL; c = next) {
		next = c->older;
		if (c->seq < 0 || !id_eq(c->row.contact, now->contact) ||
		    c->row.contact_version == now->contact_version)
			continue;
		c->lost = true;
		if (!c->busy)
			forget(r, c);
	}
}

void
recall_note(struct recall *r, struct batch *b, bool beside)
{
	struct recalled *c;
	bool answered;

	if (b->stored_n == 0 || b->after == NULL)
		return;
	answered = !beside && (b->after->holder == HOLDER_AI || b->after->holder == HOLDER_QUEUE);
	pthread_mutex_lock(&r->lock);
	if (beside)
		forget_contact(r, b->after);
	c = find(r, b->conv);
	if (c == NULL && answered && b->stored[0].seq == 1) {
		c = add(r, b->conv);
		c->seq = 0;
	}
	if (c != NULL && !answered)
		c->lost = true;
	if (c != NULL && !c->lost)
		keep_note(c, b);
	if (c != NULL && c->lost && !c->busy)
		forget(r, c);
	pthread_mutex_unlock(&r->lock);
}

/* ---- a job ----------------------------------------------------------- */

bool
recall_row(struct recall *r, struct id conv, struct conv_row *out)
{
	struct recalled *c;
	bool known;

	pthread_mutex_lock(&r->lock);
	c = find(r, conv);
	known = c != NULL && !c->lost && c->seq > 0;
	if (known)
		*out = c->row;
	pthread_mutex_unlock(&r->lock);
	if (known) {
		out->inbox = out->preview = out->preview_by = out->reason = out->reason_code = STR_NONE;
		out->intent = out->language = out->mood = out->subject = out->way_back = STR_NONE;
		out->contact_name = out->contact_email = out->contact_tier = out->agent_name = STR_NONE;
	}
	return known;
}

struct recalled *
recall_take(struct recall *r, struct id conv, struct published *pub)
{
	struct recalled *c;

	pthread_mutex_lock(&r->lock);
	c = find(r, conv);
	if (c == NULL)
		c = add(r, conv);
	if (c->busy) {
		pthread_mutex_unlock(&r->lock);
		return NULL;
	}
	c->busy = true;
	unlink_age(r, c);
	link_newest(r, c);
	/* Folded under another policy: from the beginning, which is in the store. */
	if (c->pub != NULL && c->pub != pub)
		c->seq = -1;
	pthread_mutex_unlock(&r->lock);
	if (c->pub != NULL && c->pub != pub)
		fold_forget(c);
	if (c->pub == NULL)
		c->pub = published_ref(pub);
	return c;
}

bool
recall_knows(const struct recalled *c)
{
	bool known;

	pthread_mutex_lock(&c->all->lock);
	known = c->seq > 0 && !c->lost;
	pthread_mutex_unlock(&c->all->lock);
	return known;
}

static void
fold_begin(struct recalled *c, int inbox)
{
	c->a = arena_new(2 * FOLD_BYTES);
	c->fold = fold_new(c->pub->policy, inbox, c->a);
	c->inbox = inbox;
	c->folded = 0;
	c->live = arena_used(c->a);
}

struct going_on {
	struct recalled *c;
	const struct event *v;
	size_t n;
	struct arena *tmp;
};

static enum err
go_on(struct arena *a, void *arg, struct fault *f)
{
	struct going_on *g = arg;

	(void)a;
	return fold_more(g->c->fold, g->v, g->n, g->tmp, f);
}

static void
row_copy(struct conv_row *r, struct arena *a)
{
	struct str *const texts[] = { &r->inbox, &r->preview, &r->preview_by, &r->reason, &r->reason_code,
		&r->intent, &r->language, &r->mood, &r->subject, &r->way_back, &r->contact_name,
		&r->contact_email, &r->contact_tier, &r->agent_name };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = texts[i]->n == 0 ? STR_NONE : str_dup(a, *texts[i]);
}

void
recall_tell(struct recalled *c, const struct conv_row *row, int inbox, const struct event *v, size_t n)
{
	struct arena *tmp = arena_new(0);
	struct going_on g = { c, v, n, tmp };
	struct conv_row copy = *row;
	struct note *at;
	bool good;

	c->fold = NULL;
	arena_free(&c->a);
	fold_begin(c, inbox);
	row_copy(&copy, c->a);
	good = row->last_seq <= SEQ_MAX && n > 0 && v[0].seq == 1 && v[n - 1].seq == row->last_seq &&
	    arena_run(c->a, go_on, &g, NULL) == E_OK;
	arena_free(&tmp);
	c->live = arena_used(c->a);
	c->folded = row->last_seq;
	pthread_mutex_lock(&c->all->lock);
	c->seq = row->last_seq;
	c->row = copy;
	c->lost |= !good;
	/* What came while the store was read. */
	for (at = c->first; at != NULL; at = at->next) {
		const struct batch *b = at->b;

		if (last_seq(b) <= c->seq)
			continue;
		c->lost |= b->stored[0].seq != c->seq + 1;
		c->seq = last_seq(b);
		c->row = *b->after;
	}
	pthread_mutex_unlock(&c->all->lock);
}

enum err
recall_fold(struct recalled *c, struct arena *a, struct conv_row *row, struct folded *out, struct fault *f)
{
	const struct note *at;
	int32_t seq;
	bool lost;

	pthread_mutex_lock(&c->all->lock);
	*row = c->row;
	seq = c->seq;
	at = c->first;
	lost = c->lost;
	pthread_mutex_unlock(&c->all->lock);
	if (lost)
		return fault(f, E_NOTFOUND, "the conversation is not remembered");
	if (c->fold == NULL) {
		c->inbox = policy_inbox(c->pub->policy, row->inbox);
		if (c->inbox < 0)
			return fault(f, E_NOTFOUND, "the conversation's inbox is not in the policy");
		fold_begin(c, c->inbox);
	}
	/* Up to seq the list stands: others only add to its end. */
	while (c->folded < seq) {
		struct going_on g = { c, at->b->stored, at->b->stored_n, a };

		if (last_seq(at->b) > c->folded) {
			if (arena_run(c->a, go_on, &g, f) != E_OK) {
				pthread_mutex_lock(&c->all->lock);
				c->lost = true;
				pthread_mutex_unlock(&c->all->lock);
				return E_NOTFOUND;
			}
			c->folded = last_seq(at->b);
		}
		if (c->folded < seq)
			at = at->next;
	}
	fold_now(c->fold, a, out);
	return E_OK;
}

/* Decisions, outcomes and perceptions of ended turns stay behind in the fold's
 * arena: now and then what holds is copied to a new one.  The old one, or NULL. */
static struct arena *
tidy(struct recalled *c)
{
	struct arena *old = c->a;

	if (c->fold == NULL || fold_turn_open(c->fold) || arena_used(old) < 2 * c->live + LEFT_BYTES ||
	    arena_used(old) > FOLD_BYTES)
		return NULL;
	c->a = arena_new(2 * FOLD_BYTES);
	c->fold = fold_copy(c->fold, c->a);
	return old;
}

void
recall_release(struct recalled **pc)
{
	struct recalled *c = *pc;
	struct recall *r;
	struct arena *old;

	*pc = NULL;
	if (c == NULL)
		return;
	r = c->all;
	old = tidy(c);
	pthread_mutex_lock(&r->lock);
	c->busy = false;
	if (c->lost || c->fold == NULL || arena_used(c->a) > FOLD_BYTES / 2) {
		forget(r, c);
	} else {
		/* Else the row is the newest note's. */
		if (c->seq == c->folded && (c->first != NULL || old != NULL))
			row_copy(&c->row, c->a);
		while (c->first != NULL && last_seq(c->first->b) <= c->folded)
			drop_note(c);
		if (old != NULL)
			c->live = arena_used(c->a);
		c->held = arena_used(c->a);
		weigh(c);
		make_room(r);
	}
	pthread_mutex_unlock(&r->lock);
	arena_free(&old);
}
