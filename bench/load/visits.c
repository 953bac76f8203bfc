/* SPDX-License-Identifier: Apache-2.0 */
/* visits.c - begins visits: `conns` connections, `active` visits in all; their
 * tokens go to stdout as {"token":...} lines before the reports. */
#include "load/load.h"

#include <stdio.h>
#include <stdlib.h>

struct visits {
	struct peer *peers;
	size_t asked, got;
	struct workload *w;
};

static void
ask(struct visits *v, struct peer *p)
{
	char body[128];

	if (v->asked == v->w->active)
		return;
	v->asked++;
	(void)snprintf(body, sizeof(body), "{\"inbox\":\"%s\"}", v->w->inbox);
	peer_post(p, "/api/v1/visits", NULL, body);
}

static void
on_reply(struct peer *p, int status, char *body, size_t n)
{
	struct visits *v = p->owner;
	char token[128];

	(void)n;
	v->got++;
	if (status != 201 || !field(body, "token", token, sizeof(token)))
		complain(v->w, "a visit was refused", body);
	else
		printf("{\"token\":\"%s\"}\n", token);
	ask(v, p);
}

static void
prepare(struct workload *w)
{
	struct visits *v = calloc(1, sizeof(*v));

	v->w = w;
	v->peers = calloc(w->conns, sizeof(v->peers[0]));
	for (size_t i = 0; i < w->conns; i++) {
		v->peers[i] = (struct peer){ .on_reply = on_reply, .owner = v, .index = i };
		peer_connect(&v->peers[i]);
		ask(v, &v->peers[i]);
	}
	w->state = v;
}

static bool
is_ready(struct workload *w)
{
	struct visits *v = w->state;

	return v->got == w->active;
}

static bool
start(struct workload *w, int64_t due)
{
	(void)w;
	(void)due;
	return false;
}

void
visits_setup(struct workload *w)
{
	w->prepare = prepare;
	w->is_ready = is_ready;
	w->start = start;
}
