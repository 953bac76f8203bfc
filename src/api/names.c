/* SPDX-License-Identifier: Apache-2.0 */
/* names.c - what agents are called, known without asking the database.
 *
 * Whoever acts passes through a route or a socket first, and leaves the name
 * here; the writer thread, which publishes, may not read the store.
 */
#include "api/wire.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_N 1024	/* a team has 200 */

struct names {
	pthread_mutex_t lock;
	struct {
		struct id id;
		char name[NAME_BYTES];
	} v[NAMES_N];
};

struct names *
names_new(void)
{
	struct names *n = calloc(1, sizeof(*n));

	CHECK(n != NULL);
	pthread_mutex_init(&n->lock, NULL);
	return n;
}

void
names_free(struct names **n)
{
	if (*n == NULL)
		return;
	pthread_mutex_destroy(&(*n)->lock);
	free(*n);
	*n = NULL;
}

/* Two places for each id; the second is the one that is overwritten. */
static size_t
place(const struct names *n, struct id user)
{
	size_t at = ((size_t)user.b[0] << 8 | user.b[1]) % NAMES_N;

	if (n->v[at].name[0] == '\0' || id_eq(n->v[at].id, user))
		return at;
	return (at + 1) % NAMES_N;
}

void
names_put(struct names *n, struct id user, struct str name)
{
	struct str s = str_clip_utf8(name, NAME_BYTES - 1);

	if (n == NULL || s.n == 0)
		return;
	pthread_mutex_lock(&n->lock);
	size_t at = place(n, user);
	n->v[at].id = user;
	memcpy(n->v[at].name, s.p, s.n);
	n->v[at].name[s.n] = '\0';
	pthread_mutex_unlock(&n->lock);
}

bool
names_get(struct names *n, struct id user, char out[NAME_BYTES])
{
	bool found;

	out[0] = '\0';
	if (n == NULL)
		return false;
	pthread_mutex_lock(&n->lock);
	size_t at = place(n, user);
	found = n->v[at].name[0] != '\0' && id_eq(n->v[at].id, user);
	if (found)
		memcpy(out, n->v[at].name, NAME_BYTES);
	pthread_mutex_unlock(&n->lock);
	return found;
}

struct str
names_of_event(struct names *n, struct db *db, const struct event *e, struct arena *a)
{
	char text[NAME_BYTES];
	struct user u;

	if (e->actor.type != ACTOR_AGENT)
		return STR_NONE;
	if (names_get(n, e->actor.id, text))
		return str_dup(a, str_from(text));
	if (user_get(db, e->actor.id, a, &u, NULL) != E_OK)
		return STR_NONE;
	names_put(n, e->actor.id, u.name);
	return u.name;
}
