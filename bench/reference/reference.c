/* SPDX-License-Identifier: Apache-2.0 */
/* reference.c - a bare epoll server: HTTP for a durable message, WebSocket for echo.
 *
 *	reference PORT STORE.db CONVERSATIONS
 *
 * It trusts its one client, the load generator: any POST is a message, any
 * request with Upgrade is a handshake, a frame fits into 64 KB.  The visitor's
 * conversation is the one whose number the bearer token hashes to.
 */
#include "reference/reference.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_MAX 20000
#define BUFFER ((size_t)80 * 1024)

struct conn {
	unsigned gen;
	bool open, ws;
	char *in;		/* only while something is incomplete */
	size_t in_n;
};

static struct conn conns[FDS_MAX];
static int epoll_fd, wake_fd;
static uint64_t conversations;
static char buffer[BUFFER + 1], out[BUFFER];

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static void
drop(int fd)
{
	struct conn *c = &conns[fd];

	free(c->in);
	c->in = NULL;
	c->in_n = 0;
	c->open = false;
	c->gen++;
	(void)close(fd);
}

/* The client reads as fast as we write: what does not fit at once is an error. */
static void
put(int fd, const char *p, size_t n)
{
	if (send(fd, p, n, MSG_NOSIGNAL) != (ssize_t)n)
		drop(fd);
}

/* ---- HTTP ---- */

static void
answer(int fd, int status, const char *body, size_t n)
{
	int head = snprintf(out, sizeof(out), "HTTP/1.1 %d OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%.*s", status, n, (int)n, body);

	put(fd, out, (size_t)head);
}

static void
answer_stored(const struct work *w)
{
	char body[160];
	int n;

	if (!conns[w->fd].open || conns[w->fd].gen != w->gen)
		return;
	n = snprintf(body, sizeof(body), "{\"conversation\":\"%022lld\",\"seq\":%d,\"at_us\":%lld,"
	    "\"replayed\":false}", (long long)w->visitor, w->seq, (long long)w->at_us);
	answer(w->fd, 201, body, (size_t)n);
}

/* Copies the JSON string that follows `key` as it stands. */
static void
copy_text(const char *body, const char *key, char *to, size_t max)
{
	const char *p = strstr(body, key);
	size_t n = 0;

	if (p != NULL)
		for (p += strlen(key); *p != '\0' && *p != '"' && n + 1 < max; p++) {
			if (*p == '\\' && n + 2 < max)
				to[n++] = *p++;
			to[n++] = *p;
		}
	to[n] = '\0';
}

static void
message(int fd, const char *head, const char *body)
{
	struct work *w = calloc(1, sizeof(*w));
	const char *token = strcasestr(head, "authorization: bearer ");
	uint64_t visitor = 0xcbf29ce484222325U;
	char cmid[37];

	must(w != NULL, "calloc");
	w->fd = fd;
	w->gen = conns[fd].gen;
	for (token += token == NULL ? 0 : 22; token != NULL && *token > ' '; token++)
		visitor = (visitor ^ (unsigned char)*token) * 0x100000001b3U;
	w->visitor = (int64_t)(visitor % conversations);
	copy_text(body, "\"text\":\"", w->text, sizeof(w->text));
	copy_text(body, "\"cmid\":\"", cmid, sizeof(cmid));
	for (size_t i = 0, k = 0; i < 16 && cmid[k] != '\0'; k++)
		if (cmid[k] != '-') {
			char hex[3] = { cmid[k], cmid[k + 1], '\0' };

			w->cmid[i++] = (char)strtol(hex, NULL, 16);
			k++;
		}
	store_submit(w);
}

static void
handshake(int fd, const char *key)
{
	char text[64], accept[32];
	unsigned char sha[20];
	int n = snprintf(text, sizeof(text), "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);

	(void)SHA1((const unsigned char *)text, (size_t)n, sha);
	(void)EVP_EncodeBlock((unsigned char *)accept, sha, 20);
	n = snprintf(out, sizeof(out), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: baton.1\r\n\r\n", accept);
	conns[fd].ws = true;
	put(fd, out, (size_t)n);
}

/* One request; 0: incomplete, else its bytes. */
static size_t
http(int fd, char *p, size_t n)
{
	char *body = memmem(p, n, "\r\n\r\n", 4);
	const char *key, *length;
	size_t body_n;
	char keep;

	if (body == NULL)
		return 0;
	body += 4;
	keep = body[-2];
	body[-2] = '\0';
	length = strcasestr(p, "content-length:");
	body_n = length == NULL ? 0 : (size_t)strtoul(length + 15, NULL, 10);
	if ((size_t)(body - p) + body_n > n) {
		body[-2] = keep;
		return 0;
	}
	if ((key = strcasestr(p, "sec-websocket-key: ")) != NULL)
		handshake(fd, key + 19);
	else if (p[0] == 'P') {
		keep = body[body_n];
		body[body_n] = '\0';
		message(fd, p, body);
		body[body_n] = keep;
	} else
		answer(fd, 200, "{}", 2);
	return (size_t)(body - p) + body_n;
}

/* ---- WebSocket ---- */

/* One frame; 0: incomplete, else its bytes. Text comes back, a ping as a pong. */
static size_t
frame(int fd, char *p, size_t n)
{
	unsigned char *b = (unsigned char *)p;
	size_t at = 6, len, head = 2;

	if (n < 6)
		return 0;
	len = b[1] & 127;
	if (len == 126) {
		len = (size_t)b[2] << 8 | b[3];
		at = 8;
	}
	if (n < at + len || len > 65535)
		return 0;
	for (size_t i = 0; i < len; i++)
		b[at + i] ^= b[at - 4 + (i & 3)];
	if ((b[0] & 15) == 8) {
		drop(fd);
		return at + len;
	}
	out[0] = (char)((b[0] & 15) == 9 ? 0x8a : 0x81);
	out[1] = (char)(len < 126 ? len : 126);
	if (len >= 126) {
		out[2] = (char)(len >> 8);
		out[3] = (char)len;
		head = 4;
	}
	memcpy(out + head, p + at, len);
	put(fd, out, head + len);
	return at + len;
}

/* ---- the loop ---- */

static void
readable(int fd)
{
	struct conn *c = &conns[fd];
	unsigned gen = c->gen;
	size_t n = c->in_n, used = 0, step = 1;
	ssize_t got;

	if (n > 0)
		memcpy(buffer, c->in, n);
	got = recv(fd, buffer + n, BUFFER - n, 0);
	if (got <= 0) {
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			drop(fd);
		return;
	}
	n += (size_t)got;
	buffer[n] = '\0';
	while (used < n && step > 0 && c->gen == gen) {
		step = c->ws ? frame(fd, buffer + used, n - used) : http(fd, buffer + used, n - used);
		used += step;
	}
	if (c->gen != gen)
		return;
	free(c->in);
	c->in = NULL;
	c->in_n = n - used;
	if (c->in_n > 0) {
		c->in = malloc(c->in_n);
		must(c->in != NULL, "malloc");
		memcpy(c->in, buffer + used, c->in_n);
	}
}

static void
watch(int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	must(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) == 0, "epoll_ctl");
}

static void
accept_all(int listener)
{
	int fd, one = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (fd >= FDS_MAX) {
			(void)close(fd);
			continue;
		}
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		conns[fd].open = true;
		conns[fd].ws = false;
		watch(fd);
	}
}

static int
listen_on(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	must(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 4096) == 0, "listen");
	return fd;
}

int
main(int argc, char **argv)
{
	struct epoll_event events[256];
	struct rlimit files = { FDS_MAX, FDS_MAX };
	int listener;

	if (argc != 4) {
		fprintf(stderr, "usage: reference PORT STORE.db CONVERSATIONS\n");
		return 2;
	}
	(void)setrlimit(RLIMIT_NOFILE, &files);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	conversations = strtoull(argv[3], NULL, 10);
	store_open(argv[2], (int64_t)conversations, wake_fd);
	listener = listen_on((int)strtol(argv[1], NULL, 10));
	watch(listener);
	watch(wake_fd);
	for (;;) {
		int n = epoll_wait(epoll_fd, events, 256, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			uint64_t count;

			if (fd == listener) {
				accept_all(fd);
			} else if (fd != wake_fd) {
				readable(fd);
			} else if (read(fd, &count, sizeof(count)) > 0) {
				for (struct work *w = store_done(), *next; w != NULL; w = next) {
					next = w->next;
					answer_stored(w);
					free(w);
				}
			}
		}
	}
}
