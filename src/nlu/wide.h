/* SPDX-License-Identifier: Apache-2.0 */
/* wide.h - functions that are built twice, for wider registers too: the bits are the same. */
#pragma once

#include <stdbool.h>

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))
#define HAVE_WIDE __builtin_cpu_supports("avx2")
#else
#define WIDE
#define HAVE_WIDE false
#endif
#define FORCE_INLINE static inline __attribute__((always_inline))
