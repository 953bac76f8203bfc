/* SPDX-License-Identifier: Apache-2.0 */
/* addr.c - network addresses as 16 bytes, and lists of networks. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool
is_v4(const struct addr *a)
{
	return memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

bool
addr_parse(struct str text, struct addr *out)
{
	char z[ADDR_TEXT_MAX];

	if (text.n == 0 || text.n >= sizeof(z))
		return false;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	if (strlen(z) != text.n)
		return false;
	if (inet_pton(AF_INET, z, out->b + 12) == 1) {
		memcpy(out->b, mapped, sizeof(mapped));
		return true;
	}
	return inet_pton(AF_INET6, z, out->b) == 1;
}

void
addr_text(const struct addr *a, char out[ADDR_TEXT_MAX])
{
	const char *z;

	if (is_v4(a))
		z = inet_ntop(AF_INET, a->b + 12, out, ADDR_TEXT_MAX);
	else
		z = inet_ntop(AF_INET6, a->b, out, ADDR_TEXT_MAX);
	CHECK(z != NULL);
}

bool
addr_from_sock(const struct sockaddr *sa, struct addr *out)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		memcpy(out->b, mapped, sizeof(mapped));
		memcpy(out->b + 12, &in.sin_addr, 4);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		memcpy(out->b, &in6.sin6_addr, 16);
		return true;
	}
	memset(out, 0, sizeof(*out));
	return false;
}

bool
addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return (is_v4(a) && a->b[12] == 127) || memcmp(a->b, one, 16) == 0;
}

bool
addr_eq(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

struct addr
addr_limit_key(const struct addr *a)
{
	struct addr key = *a;

	if (!is_v4(a))
		memset(key.b + 8, 0, 8);
	return key;
}

static bool
network_parse(struct str text, struct addr *a, unsigned *bits)
{
	struct str len, addr = str_cut(text, '/', &len);
	int64_t n;

	if (!addr_parse(addr, a))
		return false;
	*bits = 128;
	if (len.p == NULL)
		return true;
	if (!str_i64(len, &n) || n < 0 || n > (is_v4(a) ? 32 : 128))
		return false;
	*bits = (unsigned)n + (is_v4(a) ? 96 : 0);
	return true;
}

enum err
networks_parse(struct str text, struct networks *out, struct fault *f)
{
	struct str rest = text, one;

	out->n = 0;
	while (rest.n > 0) {
		one = str_trim(str_cut(rest, ',', &rest));
		if (one.n == 0)
			continue;
		if (out->n == NETWORKS_MAX)
			return fault(f, E_CONFIG, "more than %d networks", NETWORKS_MAX);
		if (!network_parse(one, &out->list[out->n].addr, &out->list[out->n].bits))
			return fault(f, E_CONFIG, "\"%.*s\" is not an address or network like "
			    "10.0.0.0/8", STR_ARG(one));
		out->n++;
	}
	return E_OK;
}

static bool
network_has(const struct addr *net, unsigned bits, const struct addr *a)
{
	unsigned whole = bits / 8, rest = bits % 8;
	unsigned mask = 0xffU << (8 - rest) & 0xffU;

	if (memcmp(net->b, a->b, whole) != 0)
		return false;
	return rest == 0 || (net->b[whole] & mask) == (a->b[whole] & mask);
}

bool
networks_has(const struct networks *l, const struct addr *a)
{
	for (size_t i = 0; i < l->n; i++)
		if (network_has(&l->list[i].addr, l->list[i].bits, a))
			return true;
	return false;
}

/* Cuts the last entry of a comma list. */
static struct str
cut_last(struct str *list)
{
	size_t at = list->n;
	struct str last;

	while (at > 0 && list->p[at - 1] != ',')
		at--;
	last = str_sub(*list, at, list->n - at);
	*list = str_sub(*list, 0, at > 0 ? at - 1 : 0);
	return str_trim(last);
}

struct addr
addr_of_client(const struct networks *trusted, const struct addr *peer, struct str forwarded_for)
{
	struct addr at = *peer, hop;

	while (forwarded_for.n > 0 && networks_has(trusted, &at)) {
		if (!addr_parse(cut_last(&forwarded_for), &hop))
			return *peer;
		at = hop;
	}
	return at;
}
