/* SPDX-License-Identifier: Apache-2.0 */
/* fault.h - the one error type.
 *
 * Every function that can fail returns `enum err`; results go to out
 * parameters; the sentence for a person goes to `struct fault`, which the
 * caller owns (stack).  A fault names what is wrong and where.  `f` may be
 * NULL everywhere.  src/api/ alone maps err to an HTTP status, src/cli/ to an
 * exit code.  Faults are chainable: fault_wrap() puts a prefix before the text.
 */
#pragma once

#include "base/check.h"

enum err {
	E_OK = 0,
	E_INVALID,  /* the input is wrong; the text says where          400 */
	E_NOTFOUND, /* no such thing, or not yours                      404 */
	E_DENIED,   /* not allowed                                  401/403 */
	E_CONFLICT, /* it changed under you, or the cmid was reused     409 */
	E_CONFIG,   /* the installation or policy is wrong       exit   78 */
	E_UPSTREAM, /* another system failed                            502 */
	E_TIMEOUT,  /* it took too long                                 504 */
	E_TOOBIG,   /* past a ceiling                                   413 */
	E_LIMIT,    /* too many in a time; retry later                  429 */
	E_RETRY,    /* nothing was done, try the same again             503 */
	E_FULL,     /* disk or quota full: writes refused, reads live   507 */
	E_INTERNAL, /* a bug; the text is for the log, not the customer 500 */
	ERR_N
};

struct fault {
	enum err err;
	char text[512]; /* NUL-terminated UTF-8, cut at a character */
};

/* Fills *f and returns e: `return fault(f, E_CONFIG, "%s:%d: ...", ...)`. */
enum err fault(struct fault *f, enum err e, const char *fmt, ...) PRINTF_LIKE(3, 4);

#ifdef __clang_analyzer__
/* What the analyzer cannot see from outside fault.c: e comes back. */
#define fault(f, e, ...) ((void)fault((f), (e), __VA_ARGS__), (e))
#endif

/* Puts "prefix: " before the text already there and returns f->err. */
enum err fault_wrap(struct fault *f, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Stable lower-case name: "invalid", "notfound", ...: the wire's error code. */
const char *err_name(enum err e);

#define TRY(expr)                                                              \
	do {                                                                   \
		enum err try_e_ = (expr);                                      \
		if (try_e_ != E_OK)                                            \
			return try_e_;                                         \
	} while (0)
