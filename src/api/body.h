/* SPDX-License-Identifier: Apache-2.0 */
/* body.h - what requests share: strict bodies, the caller's conversation, late answers. */
#pragma once

#include "api/authz.h"
#include "api/hub.h"
#include "api/route.h"
#include "api/wire.h"

#define MESSAGE_CHARS_MAX 4000
#define JSON_TYPE "application/json; charset=utf-8"
#define ANSWER_MAX ((size_t)4 << 20)

/* body.key is a text of 1..4000 characters, not only white space. */
enum err body_text(const json_t *body, const char *key, struct str *out, struct fault *f) NODISCARD;
enum err text_check(struct str text, const char *key, struct fault *f) NODISCARD;
/* An address that mail could be sent to: ASCII, one @, a domain with a dot. */
bool email_ok(struct str s);
enum err body_email(const json_t *body, const char *key, struct str *out, struct fault *f) NODISCARD;

/* The conversation that the path names, if the caller may see it. */
enum err request_conv(struct request *rq, enum authz_what what, struct conv_row *out,
    struct fault *f) NODISCARD;
/* Its events after `after` that `most` may see, at most `limit` and until about
 * `enough` bytes, as a list without brackets; *to is what they cover. */
struct page {
	int32_t after;
	enum audience most;
	size_t limit, enough;
};
enum err wire_page(struct api *api, struct db *db, const struct conv_row *c, const struct page *p,
    struct arena *a, struct buf *out, int32_t *to, struct fault *f) NODISCARD;
/* A page of its events: {"events","to","resume","more"}. */
enum err request_events(struct request *rq, const struct conv_row *c, enum audience most,
    int64_t limit_default, struct response *rs, struct fault *f) NODISCARD;
/* Its Conv, with the wait when it is in the queue. */
enum err conv_json(struct api *api, struct db *db, const struct conv_row *c, struct arena *a,
    struct buf *out, struct fault *f) NODISCARD;
/* The inboxes the caller may read: an administrator's are all of the policy. */
void principal_inboxes(struct api *api, const struct principal *who, struct arena *a,
    const struct str **out, size_t *n);

/* E_TOOBIG when b could not hold it all. b must live until the handler's job ends. */
enum err response_json(struct response *rs, const struct buf *b, struct fault *f) NODISCARD;

/* What the engine answers becomes {"conversation","seq","at_us","replayed"} with
 * `status`, or 200 when replayed.  Freed by the call of done. */
struct engine_reply late_reply(struct request *rq, struct response *rs, int status);
void late_reply_drop(struct response *rs, struct engine_reply *r);	/* the engine did not take it */
/* The part of an error that the protocol names: "stale", "cmid" or NULL. */
const char *conflict_field(enum err e, const struct fault *f);
