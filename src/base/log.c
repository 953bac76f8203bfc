/* SPDX-License-Identifier: Apache-2.0 */
/* log.c - one line an event, one write(2) a line.
 *
 * A line is at most PIPE_BUF bytes and is dropped, not waited for, when stderr
 * has no room: a log reader that hangs must not stop the desk.  The next line
 * that gets through says how many were dropped.
 */
#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)PIPE_BUF)
#define VALUE_MAX_BYTES ((size_t)1024)

static const char *const names[LOG_EVENT_N] = {
#define LOG_EVENT(id, name, help) [LOG_##id] = name,
#include "base/log.def"
#undef LOG_EVENT
};

static const char *const helps[LOG_EVENT_N] = {
#define LOG_EVENT(id, name, help) [LOG_##id] = help,
#include "base/log.def"
#undef LOG_EVENT
};

static const char *const levels[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

static _Atomic uint64_t counts[LOG_EVENT_N];
static _Atomic uint64_t dropped;
static atomic_int least_level = LOG_INFO;
static atomic_bool as_json = true;

void
log_init(enum log_level least, bool json)
{
	atomic_store(&least_level, (int)least);
	atomic_store(&as_json, json);
	/* A closed stderr must be an error of write(2), not the end. */
	(void)signal(SIGPIPE, SIG_IGN);
}

const char *
log_event_name(enum log_event ev)
{
	CHECK((unsigned)ev < LOG_EVENT_N);
	return names[ev];
}

const char *
log_event_help(enum log_event ev)
{
	CHECK((unsigned)ev < LOG_EVENT_N);
	return helps[ev];
}

uint64_t
log_event_count(enum log_event ev)
{
	CHECK((unsigned)ev < LOG_EVENT_N);
	return atomic_load_explicit(&counts[ev], memory_order_relaxed);
}

static void
add_time(struct buf *b)
{
	int64_t now = clock_now_us(clock_real());
	time_t s = (time_t)(now / US_PER_S);
	struct tm t;

	CHECK(gmtime_r(&s, &t) != NULL);
	buf_fmt(b, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
	    t.tm_hour, t.tm_min, t.tm_sec, (int)(now % US_PER_S));
}

/* On a terminal a value is quoted only where it must be. */
static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == '<' || c >= 0x7F)
			return false;
	}
	return s.n > 0;
}

static void
add_field(struct buf *b, bool json, const char *key, struct str value, bool bare)
{
	if (json) {
		buf_add_c(b, ',');
		buf_add_json(b, str_from(key));
		buf_add_c(b, ':');
	} else {
		buf_add_c(b, ' ');
		buf_add_z(b, key);
		buf_add_c(b, '=');
	}
	if (bare || (!json && is_plain(value)))
		buf_add_str(b, value);
	else
		buf_add_json(b, value);
}

static void
add_i64_field(struct buf *b, bool json, const char *key, int64_t v)
{
	struct buf digits;

	buf_init(&digits, 32);
	buf_add_i64(&digits, v);
	add_field(b, json, key, buf_str(&digits), true);
	buf_free(&digits);
}

static void
add_line(struct buf *b, bool json, enum log_level level, const char *name,
    const struct log_field *fields, uint64_t lost)
{
	if (json)
		buf_add_z(b, "{\"at\":\"");
	add_time(b);
	buf_add_z(b, json ? "\",\"level\":\"" : " ");
	buf_add_z(b, levels[level]);
	buf_add_z(b, json ? "\",\"event\":\"" : " ");
	buf_add_z(b, name);
	if (json)
		buf_add_c(b, '"');
	for (const struct log_field *f = fields; f != NULL && f->type != LOG_F_END; f++) {
		if (f->type == LOG_F_I64)
			add_i64_field(b, json, f->key, f->i);
		else
			add_field(b, json, f->key, str_clip_utf8(f->s, VALUE_MAX_BYTES), false);
	}
	if (lost > 0)
		add_i64_field(b, json, "log_lines_dropped", (int64_t)lost);
	buf_add_z(b, json ? "}\n" : "\n");
}

/* A pipe that poll calls writable takes PIPE_BUF bytes at once. */
static bool
write_line(struct str line)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&p, 1, 0) != 1 || (p.revents & POLLOUT) == 0)
		return false;
	return write(STDERR_FILENO, line.p, line.n) == (ssize_t)line.n;
}

void
log_write(enum log_level level, enum log_event ev, const struct log_field *fields)
{
	bool json = atomic_load_explicit(&as_json, memory_order_relaxed);
	uint64_t lost;
	struct buf b;

	CHECK((unsigned)ev < LOG_EVENT_N);
	atomic_fetch_add_explicit(&counts[ev], 1, memory_order_relaxed);
	if ((int)level < atomic_load_explicit(&least_level, memory_order_relaxed))
		return;

	lost = atomic_exchange(&dropped, 0);
	buf_init(&b, LINE_MAX_BYTES);
	add_line(&b, json, level, names[ev], fields, lost);
	if (b.over) {
		/* Too many long fields: the event itself must still be seen. */
		buf_reset(&b);
		add_line(&b, json, level, names[ev], NULL, lost);
	}
	if (!write_line(buf_str(&b)))
		atomic_fetch_add(&dropped, lost + 1);
	buf_free(&b);
}
