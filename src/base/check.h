/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - invariants that stay on in release builds.
 *
 * CHECK(x) prints file:line and the expression, then aborts: a broken
 * invariant must never reach the store.  The supervisor restarts, the record
 * resumes.  NEVER(why) marks code that cannot be reached.  CHECK_OBJ checks
 * the magic number that every long-lived object carries as its first member.
 * Thread-safe.  Allowed in the pure library (decide): only `check_fail`.
 */
#pragma once

_Noreturn void check_fail(const char *file, int line, const char *what);

#define CHECK(x) ((x) ? (void)0 : check_fail(__FILE__, __LINE__, #x))
#define NEVER(why) check_fail(__FILE__, __LINE__, why)
#define CHECK_OBJ(p, m)                                                        \
	do {                                                                   \
		CHECK((p) != 0);                                               \
		CHECK((p)->magic == (m));                                      \
	} while (0)

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
