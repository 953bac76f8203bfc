/* SPDX-License-Identifier: Apache-2.0 */
/* injection.c - fits src/nlu/injection.bin on all folds, on ours and on what customers say.
 *
 *	train_injection PROMPT_INJECTION_FOLDER OURS.tsv OUT.bin [CUSTOMERS ...]
 *
 * CUSTOMERS: the examples of a policy ("- text" lines) and questions ({"q": "text"} lines).
 */
#include "injection_set.h"

#include <stdio.h>

int
main(int argc, char **argv)
{
	struct injection_set s = { 0 };
	struct linear m;

	if (argc < 4) {
		fprintf(stderr, "usage: train_injection PROMPT_INJECTION_FOLDER OURS.tsv OUT.bin [CUSTOMERS ...]\n");
		return 2;
	}
	if (!injection_read_public(argv[1], &s) || !injection_read_ours(argv[2], &s))
		return 1;
	for (int i = 4; i < argc; i++)
		if (!injection_read_customers(argv[i], &s))
			return 1;
	m = injection_fit(&s, -1);
	if (!fit_write(&m, argv[3])) {
		perror(argv[3]);
		return 1;
	}
	printf("%zu texts\n", s.n);
	return 0;
}
