/* SPDX-License-Identifier: Apache-2.0 */
/* starter.h - the files of a new workspace (src/cli/starter/), in the program. */
#pragma once

struct starter_file {
	const char *name, *text;	/* "policy/rules.yaml" */
};
extern const struct starter_file starter_files[];	/* ends with name NULL */
