/* SPDX-License-Identifier: Apache-2.0 */
/* extdb_make.c - a database file made from a script: the demo's shop.
 *
 * Apart from extdb.c, because it is the one place where a foreign file is
 * written; it only ever makes a new one.
 */
#include "store/extdb.h"

#include "store/db_private.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum err
extdb_make(const char *path, struct str script, struct fault *f)
{
	char new[4096];
	sqlite3 *h = NULL;
	char *wrong = NULL, *z;
	enum err err = E_OK;

	if (access(path, F_OK) == 0)
		return fault(f, E_CONFLICT, "%s exists already", path);
	if ((size_t)snprintf(new, sizeof(new), "%s.new", path) >= sizeof(new))
		return fault(f, E_INVALID, "%s: the path is too long", path);
	db_engine_start();
	unlink(new);
	z = malloc(script.n + 1);
	CHECK(z != NULL);
	memcpy(z, script.p, script.n);
	z[script.n] = '\0';
	if (sqlite3_open_v2(new, &h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, NULL) !=
	    SQLITE_OK)
		err = fault(f, E_CONFIG, "%s: %s", new, h != NULL ? sqlite3_errmsg(h) : "out of memory");
	else if (sqlite3_exec(h, z, NULL, NULL, &wrong) != SQLITE_OK)
		err = fault(f, E_INVALID, "%s: %s", path, wrong != NULL ? wrong : "the script failed");
	sqlite3_free(wrong);
	sqlite3_close(h);
	free(z);
	if (err == E_OK && rename(new, path) != 0)
		err = fault(f, E_CONFIG, "%s: cannot be written", path);
	if (err != E_OK)
		unlink(new);
	return err;
}
