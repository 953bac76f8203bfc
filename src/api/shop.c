/* SPDX-License-Identifier: Apache-2.0 */
/* shop.c - the demo shop's page, on a port of its own. */
#include "api/shop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 64
#define FILE_MAX ((size_t)2 << 20)

struct shop_file {
	struct str path;	/* "/shop.css" */
	const char *type;
	struct str bytes;
};

struct shop {
	struct api *api;
	struct shop_file files[FILES_MAX];
	size_t n;
};

static const char *
type_of(struct str name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" }, { ".css", "text/css; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" }, { ".svg", "image/svg+xml" },
		{ ".png", "image/png" }, { ".jpg", "image/jpeg" }, { ".webp", "image/webp" },
		{ ".woff2", "font/woff2" },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_ends(name, str_from(types[i].end)))
			return types[i].type;
	return NULL;
}

/* Regular files only, no links. */
static enum err
read_file(int dir, const char *name, struct arena *a, struct str *out, struct fault *f)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	size_t n = 0;
	ssize_t got = 0;
	char *p;

	if (fd < 0)
		return fault(f, E_CONFIG, "shop/%s: %s", name, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size > FILE_MAX) {
		(void)close(fd);
		return fault(f, E_CONFIG, "shop/%s: not a file of at most 2 MB", name);
	}
	p = arena_alloc(a, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size && (got = read(fd, p + n, (size_t)st.st_size - n)) > 0)
		n += (size_t)got;
	(void)close(fd);
	if (got < 0)
		return fault(f, E_CONFIG, "shop/%s: cannot be read", name);
	*out = (struct str){ p, n };
	return E_OK;
}

static struct str
fill_in(struct arena *a, struct str text, struct str url)
{
	static const char mark[] = "{{public_url}}";
	struct buf b;
	struct str out;
	ptrdiff_t at;

	buf_init(&b, FILE_MAX * 2);
	while ((at = str_find(text, STR("{{public_url}}"))) >= 0) {
		buf_add(&b, text.p, (size_t)at);
		buf_add_html(&b, url);
		text = str_sub(text, (size_t)at + sizeof(mark) - 1, text.n);
	}
	buf_add_str(&b, text);
	out = str_dup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

static enum err
add_file(struct shop *s, int dir, const char *name, struct fault *f)
{
	struct arena *a = s->api->arena;
	struct shop_file *file;
	const char *type = type_of(str_from(name));

	if (type == NULL || name[0] == '.')
		return E_OK;
	if (s->n == FILES_MAX)
		return fault(f, E_CONFIG, "shop/: more than %d files", FILES_MAX);
	file = &s->files[s->n++];
	TRY(read_file(dir, name, a, &file->bytes, f));
	file->path = str_fmt(a, "/%s", name);
	file->type = type;
	if (str_starts(str_from(type), STR("text/html")))
		file->bytes = fill_in(a, file->bytes, s->api->public_url);
	return E_OK;
}

static enum err
read_folder(struct shop *s, struct fault *f)
{
	struct str path = str_fmt(s->api->arena, "%s/shop", s->api->workspace);
	DIR *d = opendir(path.p);
	struct dirent *e;
	enum err r = E_OK;

	if (d == NULL)
		return fault(f, E_CONFIG, "demo.shop_port is set, but shop/ cannot be read: %s",
		    strerror(errno));
	while (r == E_OK && (e = readdir(d)) != NULL)
		r = add_file(s, dirfd(d), e->d_name, f);
	(void)closedir(d);
	return r;
}

/* ---- answering ---- */

static size_t
no_body(void *ctx, const struct http_request *r)
{
	(void)ctx;
	(void)r;
	return 0;
}

static void
on_request(void *ctx, struct http_request *r)
{
	struct shop *s = ctx;
	struct str path = str_eqz(r->path, "/") ? STR("/index.html") : r->path;
	struct http_response out = { .status = 404, .headers = STR("X-Content-Type-Options: "
	    "nosniff\r\nCache-Control: no-cache\r\n") };

	if (r->method != HTTP_METHOD_GET && r->method != HTTP_METHOD_HEAD)
		out.status = 405;
	for (size_t i = 0; i < s->n && out.status == 404; i++) {
		if (!str_eq(s->files[i].path, path))
			continue;
		out.status = 200;
		out.content_type = s->files[i].type;
		out.body = net_blob_static(s->files[i].bytes.p, s->files[i].bytes.n);
	}
	net_reply(s->api->shop, r->conn, &out);
	http_request_free(&r);
}

static void
no_text(void *ctx, struct conn_ref c, void *user, struct str text)
{
	(void)ctx;
	(void)c;
	(void)user;
	(void)text;
	NEVER("the shop has no sockets");
}

static void
no_close(void *ctx, struct conn_ref c, void *user, int code)
{
	(void)code;
	no_text(ctx, c, user, STR_NONE);
}

enum err
shop_open(struct api *api, struct fault *f)
{
	struct shop *s = arena_new_of(api->arena, struct shop);
	struct net_spec spec = {
		.loop = api->loop,
		.clock = api->clock,
		.limits = net_limits_default,
		.ctx = s,
		.body_limit = no_body,
		.on_request = on_request,
		.on_ws_text = no_text,
		.on_ws_close = no_close,
	};
	int port;

	s->api = api;
	api->served = s;
	TRY(read_folder(s, f));
	spec.limits.connections = 1024;
	TRY(net_new(&spec, &api->shop, f));
	return net_listen(api->shop, api->settings->address, (int)api->settings->shop_port, &port, f);
}
