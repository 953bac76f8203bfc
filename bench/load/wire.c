/* SPDX-License-Identifier: Apache-2.0 */
/* wire.c - a small client of HTTP/1.1 and WebSocket, enough for our two servers. */
#include "load/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 8192
#define READ_MAX ((size_t)256 * 1024)

static char reading[READ_MAX + 1];

void
peer_connect(struct peer *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)run.port) };
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = p };
	int one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd < 0 || connect(p->fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		die("connect to port %d: %s", run.port, strerror(errno));
	(void)setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(run.epoll, EPOLL_CTL_ADD, p->fd, &e) != 0)
		die("epoll_ctl: %s", strerror(errno));
	p->open = true;
	p->ws = false;
}

void
peer_close(struct peer *p)
{
	if (!p->open)
		return;
	p->open = false;
	(void)close(p->fd);
	free(p->in);
	p->in = NULL;
	p->in_n = p->in_cap = 0;
	if (p->on_close != NULL)
		p->on_close(p);
}

/* What a client sends at once is small: it fits into the socket's buffer. */
static void
put(struct peer *p, const char *bytes, size_t n)
{
	if (p->open && send(p->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n)
		peer_close(p);
}

void
peer_get_upgrade(struct peer *p, const char *headers)
{
	char request[REQUEST_MAX];
	int n = snprintf(request, sizeof(request), "GET /api/v1/socket HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	    "Origin: http://127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Protocol: baton.1\r\n%s\r\n", run.port, run.port, headers);

	put(p, request, (size_t)n);
}

void
peer_post(struct peer *p, const char *path, const char *token, const char *json)
{
	char request[REQUEST_MAX], who[256] = "";
	int n;

	if (token != NULL)
		(void)snprintf(who, sizeof(who), "Authorization: Bearer %s\r\n", token);
	n = snprintf(request, sizeof(request), "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", path, run.port, who,
	    strlen(json), json);
	if (n < 0 || (size_t)n >= sizeof(request))
		die("a request is too long");
	put(p, request, (size_t)n);
}

static void
put_frame(struct peer *p, unsigned char op, const char *text, size_t n)
{
	unsigned char f[REQUEST_MAX] = { (unsigned char)(0x80 | op) }, *mask;
	size_t at = 2;

	if (n > sizeof(f) - 16)
		die("a frame is too long");
	if (n < 126) {
		f[1] = (unsigned char)(0x80 | n);
	} else {
		f[1] = 0x80 | 126;
		f[2] = (unsigned char)(n >> 8);
		f[3] = (unsigned char)n;
		at = 4;
	}
	mask = f + at;
	memcpy(mask, "\x37\xfa\x21\x3d", 4);
	at += 4;
	for (size_t i = 0; i < n; i++)
		f[at + i] = (unsigned char)((unsigned char)text[i] ^ mask[i & 3]);
	put(p, (const char *)f, at + n);
}

void
peer_send_text(struct peer *p, const char *text)
{
	put_frame(p, 1, text, strlen(text));
}

void
peer_ping(struct peer *p)
{
	put_frame(p, 9, "12345678", 8);
}

/* One reply; 0: incomplete, else its bytes. */
static size_t
take_http(struct peer *p, char *b, size_t n)
{
	char *body = memmem(b, n, "\r\n\r\n", 4), *length;
	int status = n > 12 ? (int)strtol(b + 9, NULL, 10) : 0;
	size_t body_n = 0;
	char keep;

	if (body == NULL)
		return 0;
	body += 4;
	keep = body[-2];
	body[-2] = '\0';
	length = strcasestr(b, "content-length:");
	if (length != NULL)
		body_n = (size_t)strtoul(length + 15, NULL, 10);
	body[-2] = keep;
	if ((size_t)(body - b) + body_n > n)
		return 0;
	if (status == 101) {
		p->ws = true;
		p->on_open(p);
		return (size_t)(body - b);
	}
	keep = body[body_n];
	body[body_n] = '\0';
	if (p->on_reply != NULL)
		p->on_reply(p, status, body, body_n);
	body[body_n] = keep;
	return (size_t)(body - b) + body_n;
}

static size_t
take_frame(struct peer *p, char *b, size_t n)
{
	unsigned char *u = (unsigned char *)b;
	size_t at = 2, len;
	static int closes;
	char keep;

	if (n < 2)
		return 0;
	len = u[1] & 127;
	if (len == 126 && n >= 4) {
		len = (size_t)u[2] << 8 | u[3];
		at = 4;
	} else if (len == 127 && n >= 10) {
		for (len = 0, at = 2; at < 10; at++)
			len = len << 8 | u[at];
	} else if (len >= 126) {
		return 0;
	}
	if (n < at + len)
		return 0;
	keep = b[at + len];
	b[at + len] = '\0';
	switch (u[0] & 15) {
	case 1:
		p->on_text(p, b + at, len);
		break;
	case 8:
		if (len >= 2 && closes++ < 3)
			fprintf(stderr, "load: the server closes a socket: %d %s\n",
			    u[at] << 8 | u[at + 1], b + at + 2);
		peer_close(p);
		break;
	case 9:
		put_frame(p, 10, b + at, len);
		break;
	case 10:
		if (p->on_pong != NULL)
			p->on_pong(p);
		break;
	default:
		break;
	}
	b[at + len] = keep;
	return at + len;
}

static void
keep_rest(struct peer *p, const char *b, size_t n)
{
	if (n > p->in_cap) {
		p->in_cap = n * 2;
		p->in = realloc(p->in, p->in_cap);
		if (p->in == NULL)
			die("no memory");
	}
	if (n > 0)
		memcpy(p->in, b, n);
	p->in_n = n;
}

void
peer_readable(struct peer *p)
{
	size_t n = p->in_n, used = 0, step = 1;
	ssize_t got;

	if (!p->open)
		return;
	if (n > READ_MAX / 2)
		die("the server sends a message of more than %zu bytes", n);
	if (n > 0)
		memcpy(reading, p->in, n);
	got = recv(p->fd, reading + n, READ_MAX - n, MSG_DONTWAIT);
	if (got <= 0) {
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			peer_close(p);
		return;
	}
	n += (size_t)got;
	reading[n] = '\0';
	while (p->open && used < n && step > 0) {
		step = p->ws ? take_frame(p, reading + used, n - used) :
		    take_http(p, reading + used, n - used);
		used += step;
	}
	if (p->open)
		keep_rest(p, reading + used, n - used);
}

bool
field(const char *json, const char *key, char *out, size_t max)
{
	char name[64];
	const char *v;
	size_t n;

	(void)snprintf(name, sizeof(name), "\"%s\":", key);
	v = strstr(json, name);
	if (v == NULL)
		return false;
	v += strlen(name);
	n = *v == '"' ? strcspn(++v, "\"") : strcspn(v, ",}]");
	if (n >= max)
		n = max - 1;
	memcpy(out, v, n);
	out[n] = '\0';
	return true;
}

int64_t
field_i64(const char *json, const char *key, int64_t otherwise)
{
	char text[32];

	return field(json, key, text, sizeof(text)) ? strtoll(text, NULL, 10) : otherwise;
}
