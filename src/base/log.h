/* SPDX-License-Identifier: Apache-2.0 */
/* log.h - structured events: a name of base/log.def and fields.
 *
 *	log_info(LOG_HTTP_REQUEST, K_STR("route", r), K_I64("us", t));
 *
 * One line an event on stderr, "key=value" on a terminal and JSON otherwise
 * (or as log_init says).  Message text of customers is never logged.  An event
 * also bumps its counter, which /metrics prints.  Thread-safe; one write(2) a
 * line; a full or closed stderr never stops the caller.
 */
#pragma once

#include "base/str.h"

enum log_event {
#define LOG_EVENT(id, name, help) LOG_##id,
#include "base/log.def"
#undef LOG_EVENT
	LOG_EVENT_N
};

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *key;
	enum { LOG_F_END, LOG_F_STR, LOG_F_I64 } type;
	struct str s;
	int64_t i;
};
#define K_STR(k, v) ((struct log_field){ (k), LOG_F_STR, (v), 0 })
#define K_Z(k, v) ((struct log_field){ (k), LOG_F_STR, str_from(v), 0 })
#define K_I64(k, v) ((struct log_field){ (k), LOG_F_I64, { 0, 0 }, (int64_t)(v) })

void log_init(enum log_level least, bool json);
void log_write(enum log_level, enum log_event, const struct log_field *fields);
#define LOG_FIELDS_(...) ((const struct log_field[]){ __VA_ARGS__, { 0, LOG_F_END, { 0, 0 }, 0 } })
#define log_debug(ev, ...) log_write(LOG_DEBUG, ev, LOG_FIELDS_(__VA_ARGS__))
#define log_info(ev, ...) log_write(LOG_INFO, ev, LOG_FIELDS_(__VA_ARGS__))
#define log_warn(ev, ...) log_write(LOG_WARN, ev, LOG_FIELDS_(__VA_ARGS__))
#define log_error(ev, ...) log_write(LOG_ERROR, ev, LOG_FIELDS_(__VA_ARGS__))

const char *log_event_name(enum log_event);
const char *log_event_help(enum log_event);
uint64_t log_event_count(enum log_event);	/* since start */
