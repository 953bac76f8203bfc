/* SPDX-License-Identifier: Apache-2.0 */
/* control.c - the workspace's local socket.
 *
 * One thread, one client and one command at a time: this is for the command
 * line, and what it does is rare.  Who may connect is decided by the folder's
 * and the file's mode, and once more by the peer's uid.
 */
#include "api/control.h"

#include "base/buf.h"
#include "base/role.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAGIC 0xC0471U
#define LINE_MAX_BYTES ((size_t)32 << 20)	/* a publish carries the model */
#define CLIENT_MS 10000		/* a silent client gives way */
#define ANSWER_MS 600000	/* a publish trains */

struct control {
	unsigned magic;
	struct arena *arena;
	const struct control_command *commands;
	void *ctx;
	struct sockaddr_un address;
	int fd, stop[2];
	pthread_t thread;
};

/* Waits until fd may be read; false after ms, or when `stop` says so. */
static bool
wait_readable(int fd, int stop, int ms)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN }, { .fd = stop, .events = POLLIN } };
	int r;

	do
		r = poll(p, stop >= 0 ? 2 : 1, ms);
	while (r < 0 && errno == EINTR);
	return r > 0 && p[1].revents == 0;
}

/* Reads up to and without '\n'. */
static enum err
read_line(int fd, int stop, int ms, struct buf *line, struct fault *f)
{
	char chunk[65536];
	ssize_t n;

	for (;;) {
		if (!wait_readable(fd, stop, ms))
			return fault(f, E_TIMEOUT, "no answer on the control socket");
		n = read(fd, chunk, sizeof(chunk));
		if (n <= 0)
			return fault(f, E_RETRY, "the control socket was closed");
		buf_add(line, chunk, (size_t)n);
		if (line->over)
			return fault(f, E_TOOBIG, "a control message is longer than %zu bytes",
			    LINE_MAX_BYTES);
		if (line->p[line->n - 1] == '\n') {
			line->n--;
			return E_OK;
		}
	}
}

static enum err
write_all(int fd, struct str s, struct fault *f)
{
	ssize_t n;

	while (s.n > 0) {
		n = send(fd, s.p, s.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fault(f, E_RETRY, "the control socket was closed");
		s = str_sub(s, (size_t)n, s.n);
	}
	return E_OK;
}

/* ---- the server's side ---- */

struct call {
	struct control *control;
	struct str line;
	json_t *out;
};

static enum err
run_command(struct arena *a, void *arg, struct fault *f)
{
	struct call *call = arg;
	const struct control_command *c;
	struct str name;
	json_t *in;

	TRY(json_parse(a, call->line, LINE_MAX_BYTES, &in, f));
	if (!json_is_object(in))
		return fault(f, E_INVALID, "a control message is a JSON object");
	TRY(json_need_str(in, "cmd", 64, &name, f));
	for (c = call->control->commands; c->name != NULL; c++)
		if (str_eqz(name, c->name))
			break;
	if (c->name == NULL)
		return fault(f, E_NOTFOUND, "the server knows no command \"%.*s\"",
		    STR_ARG(name));
	TRY(c->run(call->control->ctx, in, a, &call->out, f));
	if (call->out == NULL)
		call->out = json_obj(a);
	json_set_bool(call->out, "ok", true);
	/* Here, under the ceiling: it may be left through it. */
	call->line = json_text(a, call->out);
	return E_OK;
}

static void
answer(struct control *c, int fd, struct str line)
{
	struct arena *a = arena_new((size_t)96 << 20);
	struct call call = { .control = c, .line = line };
	struct fault f = { E_OK, "" };
	struct buf out;
	enum err e = arena_run(a, run_command, &call, &f);

	buf_init(&out, LINE_MAX_BYTES);
	if (e == E_OK) {
		buf_add_str(&out, call.line);
	} else {
		buf_add_z(&out, "{\"error\":{\"code\":");
		buf_add_json(&out, str_from(err_name(e)));
		buf_add_z(&out, ",\"message\":");
		buf_add_json(&out, str_from(f.text));
		buf_add_z(&out, "},\"ok\":false}");
	}
	buf_add_c(&out, '\n');
	(void)write_all(fd, buf_str(&out), NULL);
	buf_free(&out);
	arena_free(&a);
}

static bool
may_ask(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	    (peer.uid == geteuid() || peer.uid == 0);
}

static void
serve_client(struct control *c, int fd)
{
	struct buf line;
	struct fault f;

	buf_init(&line, LINE_MAX_BYTES);
	if (may_ask(fd) && read_line(fd, c->stop[0], CLIENT_MS, &line, &f) == E_OK)
		answer(c, fd, buf_str(&line));
	buf_free(&line);
}

static void *
thread_main(void *arg)
{
	struct control *c = arg;
	int fd;

	(void)pthread_setname_np(pthread_self(), "control");
	role_set(ROLE_WORKER);
	while (wait_readable(c->fd, c->stop[0], -1)) {
		fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		serve_client(c, fd);
		(void)close(fd);
	}
	return NULL;
}

static enum err
make_address(const char *path, struct sockaddr_un *out, struct fault *f)
{
	memset(out, 0, sizeof(*out));
	out->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(out->sun_path))
		return fault(f, E_CONFIG, "%s: the workspace's path is too long for a socket", path);
	memcpy(out->sun_path, path, strlen(path) + 1);
	return E_OK;
}

/* The mode is set before anybody can connect. */
static int
open_socket(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)unlink(address->sun_path);
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
	    chmod(address->sun_path, 0600) == 0 && listen(fd, 8) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

enum err
control_open(const char *path, const struct control_command *commands, void *ctx,
    struct control **out, struct fault *f)
{
	struct sockaddr_un address;
	struct control *c;
	struct arena *a;
	int fd;

	TRY(make_address(path, &address, f));
	fd = open_socket(&address);
	if (fd < 0)
		return fault(f, E_CONFIG, "%s: %s", path, strerror(errno));
	a = arena_new(0);
	c = arena_new_of(a, struct control);
	c->magic = MAGIC;
	c->arena = a;
	c->commands = commands;
	c->ctx = ctx;
	c->address = address;
	c->fd = fd;
	CHECK(pipe2(c->stop, O_CLOEXEC) == 0);
	CHECK(pthread_create(&c->thread, NULL, thread_main, c) == 0);
	*out = c;
	return E_OK;
}

void
control_close(struct control **cp)
{
	struct control *c = *cp;
	struct arena *a;

	if (c == NULL)
		return;
	CHECK_OBJ(c, MAGIC);
	CHECK(write(c->stop[1], "x", 1) == 1);
	CHECK(pthread_join(c->thread, NULL) == 0);
	(void)close(c->fd);
	(void)close(c->stop[0]);
	(void)close(c->stop[1]);
	(void)unlink(c->address.sun_path);
	a = c->arena;
	*cp = NULL;
	arena_free(&a);
}

/* ---- the client's side ---- */

static enum err
err_of_name(struct str name)
{
	for (int e = E_INVALID; e < ERR_N; e++)
		if (str_eqz(name, err_name((enum err)e)))
			return (enum err)e;
	return E_INTERNAL;
}

static enum err
talk(int fd, json_t *request, struct arena *a, struct buf *line, json_t **out, struct fault *f)
{
	struct str text = str_fmt(a, "%S\n", json_text(a, request)), message;
	json_t *wrong;

	TRY(write_all(fd, text, f));
	TRY(read_line(fd, -1, ANSWER_MS, line, f));
	TRY(json_parse(a, buf_str(line), LINE_MAX_BYTES, out, f));
	if (json_get_bool(*out, "ok", false))
		return E_OK;
	wrong = json_object_get(*out, "error");
	message = json_get_str(wrong, "message");
	return fault(f, err_of_name(json_get_str(wrong, "code")), "%.*s", STR_ARG(message));
}

enum err
control_call(const char *path, json_t *request, struct arena *a, json_t **out, struct fault *f)
{
	struct sockaddr_un address;
	struct buf line;
	enum err e;
	int fd;

	TRY(make_address(path, &address, f));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		(void)close(fd);
		return fault(f, E_RETRY, "no server answers at %s", path);
	}
	buf_init(&line, LINE_MAX_BYTES);
	e = talk(fd, request, a, &line, out, f);
	buf_free(&line);
	(void)close(fd);
	return e;
}
