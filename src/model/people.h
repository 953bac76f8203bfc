/* SPDX-License-Identifier: Apache-2.0 */
/* people.h - contacts, visitors, users, sessions, presence.
 *
 * Tables with an audit row a change (not event-sourced).  Secrets are stored
 * hashed: visitor tokens and session cookies by SHA-256 (they are 256 random
 * bits), passwords by Argon2id text (made by src/api/password.h).
 */
#pragma once

#include "base/rand.h"
#include "base/role.h"

struct db;

struct contact {
	struct id id;
	struct str name, email, tier, language, way_back;
	bool verified;
	int32_t version;
	int64_t since_us;
	int64_t conversations;
};
struct visitor {
	struct id id, contact;	/* the principal is the visitor */
	struct str inbox;
	struct str address;	/* of the first visit, for limits */
};
enum user_role { USER_AGENT, USER_ADMINISTRATOR };
struct user {
	struct id id;
	struct str email, name, password;	/* Argon2id text */
	enum user_role role;
	const struct str *inboxes;
	size_t inboxes_n;
	bool revoked, available;
};
struct session {
	struct id user;
	uint8_t csrf[32];
	int64_t expires_us;
};

enum err visitor_create(struct db *db, const struct visitor *v, const uint8_t token_hash[32],
    struct str language, int64_t now_us, struct fault *f) NODISCARD ON_WRITER;
enum err visitor_by_token(struct db *db, const uint8_t token_hash[32], struct arena *a,
    struct visitor *out, struct fault *f) NODISCARD;	/* E_DENIED */
enum err contact_get(struct db *db, struct id id, struct arena *a, struct contact *out, struct fault *f) NODISCARD;
/* A look-up proved who it is: sets name, e-mail, verified; bumps version. */
enum err contact_identify(struct db *db, struct id id, struct str name, struct str email,
    int64_t now_us, struct fault *f) NODISCARD ON_WRITER;
enum err contact_set_tier(struct db *db, struct id id, struct str tier, int64_t now_us, struct fault *f) NODISCARD ON_WRITER;

/* E_CONFLICT: the e-mail is taken. */
enum err user_create(struct db *db, const struct user *u, int64_t now_us, struct fault *f) NODISCARD ON_WRITER;
enum err user_revoke(struct db *db, struct id id, int64_t now_us, struct fault *f) NODISCARD ON_WRITER;	/* and its sessions */
enum err user_set_available(struct db *db, struct id id, bool available, int64_t now_us, struct fault *f) NODISCARD ON_WRITER;
enum err user_by_email(struct db *db, struct str email, struct arena *a, struct user *out, struct fault *f) NODISCARD;
enum err user_get(struct db *db, struct id id, struct arena *a, struct user *out, struct fault *f) NODISCARD;
enum err user_list(struct db *db, struct arena *a, struct user **out, size_t *n, struct fault *f) NODISCARD;

enum err session_create(struct db *db, const struct session *s, const uint8_t cookie_hash[32],
    int64_t now_us, struct fault *f) NODISCARD ON_WRITER;
enum err session_get(struct db *db, const uint8_t cookie_hash[32], int64_t now_us, struct arena *a,
    struct session *out, struct fault *f) NODISCARD;	/* E_DENIED */
enum err session_end(struct db *db, const uint8_t cookie_hash[32], struct fault *f) NODISCARD ON_WRITER;

/* Identity tries (ENGINE §9): counts look-ups without a row per network address. */
enum err identity_failures(struct db *db, struct str address, int64_t since_us, int64_t *n, struct fault *f) NODISCARD;
enum err identity_failure_add(struct db *db, struct str address, int64_t now_us, struct fault *f) NODISCARD ON_WRITER;
/* The network address (or /64) the contact's visitor came from last; may be empty. */
enum err contact_address(struct db *db, struct id contact, struct arena *a, struct str *out, struct fault *f) NODISCARD;
