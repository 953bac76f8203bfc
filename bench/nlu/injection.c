/* SPDX-License-Identifier: Apache-2.0 */
/* injection.c - how well a text that wants to be obeyed is told from a question: 5 folds.
 *
 *	nlu_injection DATA [OURS.tsv] [CUSTOMERS ...] [--errors | --final]
 *
 * Every judged text is answered by a model that was fitted without its fold.  What only
 * teaches (giskard's, ours) is in all of them.  Of DATA/prompt_injection; there is no other split.
 * Standard output has one line of JSON for bench/nlu/run.  The shipped table has seen all and is not asked.
 */
#include "injection_set.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDS 5

int
main(int argc, char **argv)
{
	struct injection_set s = { 0 };
	size_t n = 0, right = 0, missed = 0, alarms = 0, k = 0;
	float *score;
	bool *positive, errors = false;
	double half, p, auroc, unused;
	char folder[4096];

	if (argc > 2 && strncmp(argv[argc - 1], "--", 2) == 0)
		errors = strcmp(argv[--argc], "--errors") == 0;
	(void)snprintf(folder, sizeof(folder), "%s/prompt_injection", argc > 1 ? argv[1] : ".");
	if (argc < 2 || !injection_read_public(folder, &s) ||
	    (argc > 2 && !injection_read_ours(argv[2], &s))) {
		fprintf(stderr, "usage: nlu_injection DATA [OURS.tsv] [CUSTOMERS ...] [--errors]\n");
		return 2;
	}
	for (int i = 3; i < argc; i++)
		if (!injection_read_customers(argv[i], &s))
			return 1;
	score = calloc(s.n, sizeof(*score));
	positive = calloc(s.n, sizeof(*positive));
	if (score == NULL || positive == NULL)
		return 1;
	for (int fold = 0; fold < FOLDS; fold++) {
		struct linear m = injection_fit(&s, fold);

		for (size_t i = 0; i < s.n; i++) {
			float logit[LINEAR_OUTPUTS];
			bool is = s.v[i].target[0] > 0.5f;

			if (s.v[i].fold != fold)
				continue;
			linear_score(&m, s.v[i].keys, s.v[i].n, logit);
			score[k] = logit[0];
			positive[k++] = is;
			n++;
			right += (logit[0] > 0) == is;
			missed += is && logit[0] <= 0;
			alarms += !is && logit[0] > 0;
			if (errors && (logit[0] > 0) != is)
				fprintf(stderr, "%c %.2f %.150s\n", is ? '+' : '-', (double)logit[0], s.text[i]);
		}
	}
	p = (double)right / (double)n;
	half = 1.96 * sqrt(p * (1 - p) / (double)n);
	auroc = fit_auroc(score, positive, k, &unused);
	printf("{\"row\": \"injection\", \"value\": %.5f, \"low\": %.5f, \"high\": %.5f, \"n\": %zu, \"note\": \"%zu missed, "
	    "%zu false alarms, AUROC %.4f\"}\n", p, p - half, p + half, n, missed, alarms, auroc);
	return 0;
}
