/* SPDX-License-Identifier: Apache-2.0 */
/* load.h - the load generator: connections, measurements, workloads.
 *
 * One thread, one epoll.  A workload is one kind of client ("messages", "turns",
 * ...); several may run at once against one server.  Each opens its connections,
 * says when it is ready, runs for the measured time, and reports one line of
 * JSON.  All times are microseconds of the monotonic clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- samples (samples.c) ---- */
struct samples {
	uint32_t *v;	/* microseconds */
	size_t n, cap;
};
void samples_add(struct samples *s, int64_t us);
/* p of 0..1000 (thousandths); 0 without samples. Sorts. */
int64_t samples_at(struct samples *s, unsigned p);
/* `"NAME":{"n":…,"p50":…,"p90":…,"p99":…,"max":…}` to stdout. */
void samples_print(struct samples *s, const char *name);

/* ---- connections (wire.c) ---- */
struct peer {
	int fd;
	bool ws, open;
	char *in;		/* what is incomplete */
	size_t in_n, in_cap;
	/* The owner's. Bodies and texts are NUL-terminated and borrowed. */
	void (*on_reply)(struct peer *p, int status, char *body, size_t n);
	void (*on_open)(struct peer *p);	/* the WebSocket is there */
	void (*on_text)(struct peer *p, char *text, size_t n);
	void (*on_pong)(struct peer *p);
	void (*on_close)(struct peer *p);
	void *owner;
	size_t index;
};
/* Connects to the server; exits with a message when it cannot. */
void peer_connect(struct peer *p);
void peer_close(struct peer *p);
void peer_get_upgrade(struct peer *p, const char *headers);	/* lines with CRLF, or "" */
void peer_post(struct peer *p, const char *path, const char *token, const char *json);
void peer_send_text(struct peer *p, const char *text);
void peer_ping(struct peer *p);
void peer_readable(struct peer *p);

/* The text after `"key":` as far as the quote or comma that ends it; false: absent. */
bool field(const char *json, const char *key, char *out, size_t max);
int64_t field_i64(const char *json, const char *key, int64_t otherwise);

/* ---- the run (load.c) ---- */
struct run {
	int port, epoll;
	int64_t secs_us;
	int pid;		/* of the server, 0: its CPU is not read */
	const char *cookie, *csrf;	/* of the agent */
	char **texts;		/* what customers say */
	size_t texts_n;
};
extern struct run run;

struct workload {
	const char *name;
	/* settings, from NAME:key=value,… */
	size_t conns;		/* connections */
	size_t active;		/* turns under way at most */
	int64_t rate;		/* starts a second in all; 0: as fast as answers come */
	bool ping;		/* echo: control frames instead of text */
	const char *inbox;
	char **tokens;		/* of visitors, one a connection */
	size_t tokens_n;
	/* Opens what it needs; not measured. */
	void (*prepare)(struct workload *w);
	bool (*is_ready)(struct workload *w);
	/* Starts one unit on whoever is free; false: nobody is. */
	bool (*start)(struct workload *w, int64_t due);
	void (*report)(struct workload *w);
	void *state;
	struct samples took;	/* start to end of each unit */
	uint64_t done, errors, late;
	int64_t next_due;
	size_t under_way;
	bool running;
};
int64_t now_us(void);
/* Reads what has arrived: call it while opening many connections. */
void pump(void);
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* An error of a client: counted, the first few are shown. */
void complain(struct workload *w, const char *what, const char *detail);
/* Counts a finished unit that was started at `since`. */
void finished(struct workload *w, int64_t since);
void uuid(char out[37]);
/* A number at random, the same in each run. */
uint32_t dice(void);

void visits_setup(struct workload *w);		/* visits.c */
void messages_setup(struct workload *w);	/* messages.c */
void turns_setup(struct workload *w);		/* turns.c: "turns" and "deliver" */
void echo_setup(struct workload *w);		/* echo.c */
void idle_setup(struct workload *w);		/* echo.c */
