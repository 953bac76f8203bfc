/* SPDX-License-Identifier: Apache-2.0 */
/* desk.c - who is at the desk: available, and connected at this moment.
 *
 * In memory only: a restart finds nobody until their sockets are back, which is
 * the truth.  At most 1,000 agents are counted; a team has 200.
 */
#include "engine/engine_private.h"

#include <stdlib.h>
#include <string.h>

#define DESK_MAX 1000
#define DESK_INBOXES 16

struct seat {
	struct id agent;
	int sockets;
	bool available, known;
	size_t inboxes_n;
	char inboxes[DESK_INBOXES][33];
};

struct desk {
	pthread_mutex_t lock;
	size_t n;
	struct seat seat[DESK_MAX];
};

struct desk *
desk_new(void)
{
	struct desk *d = calloc(1, sizeof(*d));

	CHECK(d != NULL);
	pthread_mutex_init(&d->lock, NULL);
	return d;
}

void
desk_free(struct desk **d)
{
	if (*d == NULL)
		return;
	pthread_mutex_destroy(&(*d)->lock);
	free(*d);
	*d = NULL;
}

static struct seat *
desk_seat(struct desk *d, struct id agent)
{
	for (size_t i = 0; i < d->n; i++)
		if (id_eq(d->seat[i].agent, agent))
			return &d->seat[i];
	if (d->n == DESK_MAX)
		return NULL;
	d->seat[d->n] = (struct seat){ .agent = agent, .available = true };
	return &d->seat[d->n++];
}

void
desk_presence(struct desk *d, struct id agent, const struct str *inboxes, size_t n,
    int sockets_delta, int available)
{
	struct seat *s;

	pthread_mutex_lock(&d->lock);
	s = desk_seat(d, agent);
	if (s != NULL) {
		s->sockets += sockets_delta;
		if (s->sockets < 0)
			s->sockets = 0;
		/* A socket brings what its sign-in check read, which may be older
		 * than what its agent has said since. */
		if (available >= 0 && (sockets_delta == 0 || !s->known)) {
			s->available = available != 0;
			s->known = true;
		}
		if (inboxes != NULL) {
			s->inboxes_n = n < DESK_INBOXES ? n : DESK_INBOXES;
			for (size_t i = 0; i < s->inboxes_n; i++) {
				struct str in = str_sub(inboxes[i], 0, 32);

				memcpy(s->inboxes[i], in.p, in.n);
				s->inboxes[i][in.n] = '\0';
			}
		}
	}
	pthread_mutex_unlock(&d->lock);
}

int32_t
desk_online(struct desk *d, struct str inbox)
{
	int32_t online = 0;

	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < d->n; i++) {
		const struct seat *s = &d->seat[i];

		if (s->sockets == 0 || !s->available)
			continue;
		for (size_t k = 0; k < s->inboxes_n; k++)
			if (str_eqz(inbox, s->inboxes[k])) {
				online++;
				break;
			}
	}
	pthread_mutex_unlock(&d->lock);
	return online;
}
