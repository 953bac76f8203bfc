/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - where the program begins; everything else is in src/cli/. */
#include "cli/cli.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
