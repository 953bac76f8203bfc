/* SPDX-License-Identifier: Apache-2.0 */
/* sql.c - the connector for a database file: one read-only SELECT an action. */
#include "connector/connector.h"

#include "store/extdb.h"

#include <stdio.h>
#include <stdlib.h>

#define SQL_ROWS_MAX 20
#define SQL_BYTES_MAX ((size_t)64 << 10)
#define SQL_COLUMNS_MAX 64

struct sql_call {
	void (*done)(void *arg, const struct outcome *o);
	void *arg;
};

static void
sql_done(void *arg, enum err err, const struct extdb_result *r, const struct fault *f)
{
	struct sql_call *c = arg;
	struct field fields[SQL_COLUMNS_MAX];
	struct outcome o = { 0 };

	if (err == E_TIMEOUT) {
		o.kind = OUTCOME_TIMEOUT;
		o.error = STR("the system did not answer in time");
	} else if (err != E_OK) {
		o.kind = OUTCOME_ERROR;
		o.error = f != NULL ? str_from(f->text) : str_from(err_name(err));
	} else if (r->rows == 0) {
		o.kind = OUTCOME_NO_RECORD;
	} else {
		o.kind = OUTCOME_RECORD;
		o.fields = fields;
		for (size_t i = 0; i < r->columns && i < SQL_COLUMNS_MAX; i++)
			fields[o.fields_n++] = (struct field){ r->fields[i].name, r->fields[i].value };
	}
	c->done(c->arg, &o);
	free(c);
}

static void
sql_path(const struct connector_policy *system, const char *workspace, char *out, size_t n)
{
	if (system->file.n > 0 && system->file.p[0] == '/')
		snprintf(out, n, "%.*s", STR_ARG(system->file));
	else
		snprintf(out, n, "%s/%.*s", workspace, STR_ARG(system->file));
}

static enum err
sql_call(const struct connector_call *c, struct fault *f)
{
	struct extdb_param params[32];
	struct sql_call *kept = malloc(sizeof(*kept));
	struct extdb_query q;
	char path[4096];
	enum err err;

	CHECK(kept != NULL);
	*kept = (struct sql_call){ c->done, c->arg };
	sql_path(c->system, c->workspace, path, sizeof(path));
	q = (struct extdb_query){
		.file = str_from(path), .sql = c->action->query, .params = params,
		.timeout_ms = c->action->timeout_ms, .rows_max = SQL_ROWS_MAX,
		.bytes_max = SQL_BYTES_MAX, .done = sql_done, .arg = kept,
	};
	for (size_t i = 0; i < c->params_n && i < 32; i++)
		params[q.params_n++] = (struct extdb_param){ c->params[i].name, c->params[i].value };
	if (c->ext == NULL) {
		(void)extdb_run(&q);	/* the failure reaches done */
		return E_OK;
	}
	err = extdb_submit(c->ext, &q);
	if (err != E_OK) {
		free(kept);
		return fault(f, err, "too many look-ups are waiting");
	}
	return E_OK;
}

static enum err
sql_check(const struct connector_policy *system, const char *workspace, struct arena *a, struct fault *f)
{
	char path[4096];

	(void)a;
	sql_path(system, workspace, path, sizeof(path));
	for (size_t i = 0; i < system->actions_n; i++) {
		const struct connector_action *act = &system->actions[i];

		if (extdb_check(str_from(path), act->query, act->params, act->params_n, f) != E_OK)
			return fault_wrap(f, "%.*s.%.*s", STR_ARG(system->id), STR_ARG(act->id));
	}
	return E_OK;
}

const struct connector connector_sql = {
	.kind = "sql",
	.help = "A database file, read with one SELECT an action",
	.check = sql_check,
	.call = sql_call,
};
