/* SPDX-License-Identifier: Apache-2.0 */
/* authz.h - the one function that decides who may do what.
 *
 * Used by routes and by socket topics.  What exists but is not yours is
 * E_NOTFOUND, like what does not exist; E_DENIED only when nothing is asked
 * about a thing (a role is missing).  Pure: no I/O.
 */
#pragma once

#include "api/principal.h"

enum authz_what {
	AUTHZ_ROUTE_NOBODY,	/* anyone */
	AUTHZ_ROUTE_VISITOR,	/* a visitor */
	AUTHZ_ROUTE_AGENT,	/* an agent or administrator */
	AUTHZ_USERS,		/* an administrator */
	AUTHZ_POLICY,		/* an administrator: what the desk understands and says */
	AUTHZ_METRICS,		/* loopback peer that is no trusted proxy, or administrator */
	AUTHZ_INBOX,		/* see the inbox: members, administrators */
	AUTHZ_CONV_READ,	/* visitor: its own contact's; agent: of its inboxes */
	AUTHZ_CONV_WRITE,	/* the same; agents act, visitors write */
	AUTHZ_TOPIC_AGENT,	/* agent:ID - oneself */
};

struct authz_thing {
	struct str inbox;	/* INBOX, CONV_* */
	struct id contact;	/* CONV_*: whose conversation */
	struct id user;		/* TOPIC_AGENT */
	bool local_peer;	/* METRICS */
};

enum err authz_check(const struct principal *who, enum authz_what what,
    const struct authz_thing *thing, struct fault *f) NODISCARD;
