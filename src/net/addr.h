/* SPDX-License-Identifier: Apache-2.0 */
/* addr.h - network addresses as 16 bytes, and lists of networks.
 *
 * IPv4 is kept mapped (::ffff:a.b.c.d), so one comparison serves both.  Plain
 * values; thread-safe.
 */
#pragma once

#include "base/str.h"

struct sockaddr;

struct addr {
	uint8_t b[16];
};

#define ADDR_TEXT_MAX 46	/* with the NUL */

bool addr_parse(struct str text, struct addr *out);	/* no port, no brackets, no zone */
void addr_text(const struct addr *a, char out[ADDR_TEXT_MAX]);
bool addr_from_sock(const struct sockaddr *sa, struct addr *out);
bool addr_is_loopback(const struct addr *a);
bool addr_eq(const struct addr *a, const struct addr *b);
/* What limits count by: the address itself, of IPv6 its /64. */
struct addr addr_limit_key(const struct addr *a);

#define NETWORKS_MAX 32

/* A list like "10.0.0.0/8, 192.0.2.7, fd00::/8". */
struct networks {
	struct {
		struct addr addr;
		unsigned bits;	/* of 128 */
	} list[NETWORKS_MAX];
	size_t n;
};

/* E_CONFIG names the entry that is wrong. Empty text is an empty list. */
enum err networks_parse(struct str text, struct networks *out, struct fault *f) NODISCARD;
bool networks_has(const struct networks *l, const struct addr *a);

/* Who the client is: the peer, or, when the peer is a trusted proxy, the last
 * hop of X-Forwarded-For that is not one.  A broken list counts as absent. */
struct addr addr_of_client(const struct networks *trusted, const struct addr *peer,
    struct str forwarded_for);
