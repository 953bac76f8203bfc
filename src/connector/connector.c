/* SPDX-License-Identifier: Apache-2.0 */
/* connector.c - the list of kinds. */
#include "connector/connector.h"

static const struct connector *const all[] = {
#define CONNECTOR(name) &connector_##name,
#include "connector/connector.def"
#undef CONNECTOR
};

const struct connector *
connector_find(struct str kind)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eqz(kind, all[i]->kind))
			return all[i];
	return NULL;
}
