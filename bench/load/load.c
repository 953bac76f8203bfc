/* SPDX-License-Identifier: Apache-2.0 */
/* load.c - runs workloads against one server and prints what it measured.
 *
 *	load --port=P [--secs=S] [--pid=SERVER] [--cookie=C] [--texts=FILE]
 *	     NAME[:key=value,...] ...
 *
 * Keys: conns, active, rate, ping, inbox, tokens (a file, one a line), skip (of its lines).
 * Workloads: visits, messages, turns, deliver, echo, idle.  One JSON object a line on
 * stdout: first the run ("cpu_us" of the server in the measured time), then each
 * workload in its order.
 */
#include "load/load.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#define WORKLOADS_MAX 4
#define READY_US ((int64_t)60 * 1000000)
#define LINE 4096

struct run run = { .secs_us = 3000000 };
static struct workload loads[WORKLOADS_MAX];
static size_t loads_n;

int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
die(const char *fmt, ...)
{
	va_list ap;

	fputs("load: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void
complain(struct workload *w, const char *what, const char *detail)
{
	if (w->errors++ < 3)
		fprintf(stderr, "load: %s: %s: %.300s\n", w->name, what, detail);
}

void
finished(struct workload *w, int64_t since)
{
	w->under_way--;
	if (!w->running)
		return;
	w->done++;
	samples_add(&w->took, now_us() - since);
}

uint32_t
dice(void)
{
	static uint64_t x = 0x2545f4914f6cdd1dU;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

/* Other in each process: a cmid must not have been used before. */
void
uuid(char out[37])
{
	static uint64_t first, next;

	if (first == 0)
		first = (uint64_t)now_us();
	next++;
	(void)snprintf(out, 37, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(first >> 16 & 0xffffffff),
	    (unsigned)(first & 0xffff), (unsigned)(run.port & 0xfff), 1U,
	    (unsigned long long)(next & 0xffffffffffff));
}

static char **
read_lines(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	char line[LINE], **v = NULL;
	size_t cap = 0;

	if (f == NULL)
		die("%s: %s", path, strerror(errno));
	*n = 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0')
			continue;
		if (*n == cap) {
			cap = cap == 0 ? 256 : cap * 2;
			v = reallocarray(v, cap, sizeof(v[0]));
			if (v == NULL)
				die("no memory");
		}
		v[(*n)++] = strdup(line);
	}
	(void)fclose(f);
	return v;
}

/* Nanoseconds of all threads of the server, as the scheduler counts them. */
static int64_t
server_cpu_us(void)
{
	char path[64], line[128];
	int64_t ns = 0;
	struct dirent *d;
	DIR *dir;

	if (run.pid == 0)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/task", run.pid);
	dir = opendir(path);
	if (dir == NULL)
		die("%s: %s (the server is gone?)", path, strerror(errno));
	while ((d = readdir(dir)) != NULL) {
		char file[400];
		FILE *f;

		if (d->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s/schedstat", path, d->d_name);
		f = fopen(file, "r");
		if (f == NULL)
			continue;
		if (fgets(line, sizeof(line), f) != NULL)
			ns += strtoll(line, NULL, 10);
		(void)fclose(f);
	}
	(void)closedir(dir);
	return ns / 1000;
}

static void
set_key(struct workload *w, const char *key, const char *value, size_t *skip)
{
	if (strcmp(key, "conns") == 0)
		w->conns = (size_t)strtoul(value, NULL, 10);
	else if (strcmp(key, "active") == 0)
		w->active = (size_t)strtoul(value, NULL, 10);
	else if (strcmp(key, "rate") == 0)
		w->rate = strtoll(value, NULL, 10);
	else if (strcmp(key, "ping") == 0)
		w->ping = strcmp(value, "1") == 0;
	else if (strcmp(key, "inbox") == 0)
		w->inbox = strdup(value);
	else if (strcmp(key, "skip") == 0)
		*skip = (size_t)strtoul(value, NULL, 10);
	else if (strcmp(key, "tokens") == 0)
		w->tokens = read_lines(value, &w->tokens_n);
	else
		die("%s: no key \"%s\"", w->name, key);
}

static void
add_workload(char *spec)
{
	static const struct { const char *name; void (*setup)(struct workload *); } kinds[] = {
		{ "visits", visits_setup }, { "messages", messages_setup }, { "turns", turns_setup },
		{ "deliver", turns_setup }, { "echo", echo_setup }, { "idle", idle_setup },
	};
	struct workload *w = &loads[loads_n];
	char *keys = strchr(spec, ':');
	size_t skip = 0;

	if (loads_n++ == WORKLOADS_MAX)
		die("too many workloads");
	if (keys != NULL)
		*keys++ = '\0';
	*w = (struct workload){ .name = spec, .conns = 1, .inbox = "halden" };
	while (keys != NULL && *keys != '\0') {
		char *key = keys, *value = strchr(key, '='), *end = strchr(key, ',');

		if (value == NULL)
			die("%s: \"%s\" is not key=value", spec, key);
		*value++ = '\0';
		if (end != NULL)
			*end++ = '\0';
		set_key(w, key, value, &skip);
		keys = end;
	}
	if (skip > 0 && skip < w->tokens_n) {
		w->tokens += skip;
		w->tokens_n -= skip;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, spec) == 0) {
			kinds[i].setup(w);
			return;
		}
	die("no workload \"%s\"", spec);
}

static void
read_args(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *v = strchr(argv[i], '=');

		if (strncmp(argv[i], "--", 2) != 0)
			continue;
		if (v == NULL)
			die("%s needs =value", argv[i]);
		*v++ = '\0';
		if (strcmp(argv[i], "--port") == 0)
			run.port = (int)strtol(v, NULL, 10);
		else if (strcmp(argv[i], "--secs") == 0)
			run.secs_us = (int64_t)(strtod(v, NULL) * 1e6);
		else if (strcmp(argv[i], "--pid") == 0)
			run.pid = (int)strtol(v, NULL, 10);
		else if (strcmp(argv[i], "--cookie") == 0)
			run.cookie = v;
		else if (strcmp(argv[i], "--texts") == 0)
			run.texts = read_lines(v, &run.texts_n);
		else
			die("no option %s", argv[i]);
	}
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--", 2) != 0)
			add_workload(argv[i]);
	if (loads_n == 0)
		die("no workload is named");
}

/* Waits at most until `until` for something to read. */
static void
poll_until(int64_t until)
{
	struct epoll_event events[512];
	int64_t left = until - now_us();
	struct timespec t = { left > 0 ? left / 1000000 : 0, left > 0 ? left % 1000000 * 1000 : 0 };
	int n = epoll_pwait2(run.epoll, events, 512, &t, NULL);

	for (int i = 0; i < n; i++)
		peer_readable(events[i].data.ptr);
}

void
pump(void)
{
	poll_until(now_us());
}

/* Starts what is due; returns when the next one is. */
static int64_t
start_due(struct workload *w, int64_t now)
{
	if (w->rate == 0) {
		while (w->start(w, now))
			w->under_way++;
		return now + 100000;
	}
	while (w->next_due <= now) {
		if (!w->start(w, w->next_due)) {
			/* Everybody is busy: it stays due, and is late. */
			w->late++;
			return now + 1000;
		}
		w->under_way++;
		w->next_due += 1000000 / w->rate;
	}
	return w->next_due;
}

static bool
all_ready(void)
{
	for (size_t i = 0; i < loads_n; i++)
		if (!loads[i].is_ready(&loads[i]))
			return false;
	return true;
}

static void
measure(int64_t *took, int64_t *cpu)
{
	int64_t begin = now_us(), end = begin + run.secs_us;

	*cpu = server_cpu_us();
	for (size_t i = 0; i < loads_n; i++) {
		loads[i].next_due = begin;
		loads[i].running = true;
	}
	for (int64_t now = begin; now < end; now = now_us()) {
		int64_t next = end;

		for (size_t i = 0; i < loads_n; i++) {
			int64_t due = start_due(&loads[i], now);

			next = due < next ? due : next;
		}
		poll_until(next);
	}
	for (size_t i = 0; i < loads_n; i++)
		loads[i].running = false;
	*took = now_us() - begin;
	*cpu = server_cpu_us() - *cpu;
}

int
main(int argc, char **argv)
{
	struct rlimit files;
	int64_t took, cpu, give_up;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	run.epoll = epoll_create1(EPOLL_CLOEXEC);
	read_args(argc, argv);
	for (size_t i = 0; i < loads_n; i++)
		loads[i].prepare(&loads[i]);
	for (give_up = now_us() + READY_US; !all_ready();) {
		poll_until(now_us() + 10000);
		if (now_us() > give_up)
			die("the connections are not ready after a minute");
	}
	puts("{\"ready\":true}");
	(void)fflush(stdout);
	measure(&took, &cpu);
	printf("{\"secs_us\":%lld,\"cpu_us\":%lld}\n", (long long)took, (long long)cpu);
	for (size_t i = 0; i < loads_n; i++) {
		struct workload *w = &loads[i];

		printf("{\"name\":\"%s\",\"done\":%llu,\"errors\":%llu,\"late\":%llu,", w->name,
		    (unsigned long long)w->done, (unsigned long long)w->errors,
		    (unsigned long long)w->late);
		if (w->report != NULL)
			w->report(w);
		samples_print(&w->took, "took");
		puts("}");
	}
	return 0;
}
