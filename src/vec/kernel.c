/* SPDX-License-Identifier: Apache-2.0 */
/* kernel.c - which kernel this processor can run. */
#include "vec/kernel.h"

static bool
has(enum encoder_kernel k)
{
#if defined(__x86_64__)
	bool fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
	bool wide = fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");

	switch (k) {
	case KERNEL_AVX2:
		return fma;
	case KERNEL_AVX512:
		return wide;
	case KERNEL_VNNI:
		return wide && __builtin_cpu_supports("avx512vnni");
	case KERNEL_PORTABLE:
	case KERNEL_BEST:
		return true;
	}
	return false;
#else
	return k == KERNEL_PORTABLE || k == KERNEL_BEST;
#endif
}

const struct kernel *
kernel_choose(enum encoder_kernel k)
{
	if (!has(k))
		return NULL;
	switch (k) {
#if defined(__x86_64__)
	case KERNEL_AVX2:
		return &kernel_avx2;
	case KERNEL_AVX512:
		return &kernel_avx512;
	case KERNEL_VNNI:
		return &kernel_vnni;
	case KERNEL_BEST:
		return has(KERNEL_VNNI) ? &kernel_vnni : has(KERNEL_AVX512) ? &kernel_avx512 :
		    has(KERNEL_AVX2) ? &kernel_avx2 : &kernel_portable;
#else
	case KERNEL_AVX2:
	case KERNEL_AVX512:
	case KERNEL_VNNI:
		return NULL;
	case KERNEL_BEST:
#endif
	case KERNEL_PORTABLE:
		break;
	}
	return &kernel_portable;
}
