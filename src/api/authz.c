/* SPDX-License-Identifier: Apache-2.0 */
/* authz.c - the one function that decides who may do what. */
#include "api/authz.h"

static bool
is_staff(const struct principal *who)
{
	return who->who == WHO_AGENT || who->who == WHO_ADMIN;
}

static bool
sees_inbox(const struct principal *who, struct str inbox)
{
	if (who->who == WHO_ADMIN)
		return true;
	if (who->who != WHO_AGENT)
		return false;
	for (size_t i = 0; i < who->inboxes_n; i++)
		if (str_eq(who->inboxes[i], inbox))
			return true;
	return false;
}

static bool
sees_conversation(const struct principal *who, const struct authz_thing *t)
{
	if (who->who == WHO_VISITOR)
		return id_eq(who->contact, t->contact) && str_eq(who->inbox, t->inbox);
	return sees_inbox(who, t->inbox);
}

static enum err
need_role(bool has, const struct principal *who, struct fault *f)
{
	if (has)
		return E_OK;
	return fault(f, E_DENIED, who->who == WHO_NOBODY ? "Please sign in." :
	    "You may not do this.");
}

static enum err
need_sight(bool sees, struct fault *f)
{
	return sees ? E_OK : fault(f, E_NOTFOUND, "There is no such thing, or it is not yours.");
}

enum err
authz_check(const struct principal *who, enum authz_what what, const struct authz_thing *thing,
    struct fault *f)
{
	switch (what) {
	case AUTHZ_ROUTE_NOBODY:
		return E_OK;
	case AUTHZ_ROUTE_VISITOR:
		return need_role(who->who == WHO_VISITOR, who, f);
	case AUTHZ_ROUTE_AGENT:
		return need_role(is_staff(who), who, f);
	case AUTHZ_USERS:
	case AUTHZ_POLICY:
		return need_role(who->who == WHO_ADMIN, who, f);
	case AUTHZ_METRICS:
		return need_role(who->who == WHO_ADMIN || thing->local_peer, who, f);
	case AUTHZ_INBOX:
		return need_sight(sees_inbox(who, thing->inbox), f);
	case AUTHZ_CONV_READ:
	case AUTHZ_CONV_WRITE:
		return need_sight(sees_conversation(who, thing), f);
	case AUTHZ_TOPIC_AGENT:
		return need_sight(is_staff(who) && id_eq(who->id, thing->user), f);
	}
	return need_sight(false, f);
}
