/* SPDX-License-Identifier: Apache-2.0 */
/* api_settings.c - the surface's settings: listen, limits, login, demo. */
#include "api/api.h"

#include <stddef.h>

#define AT(field) offsetof(struct api_settings, field)

const char *const api_settings_sections[API_SETTINGS_MODULES] = { "listen", "limits", "login",
	"demo" };

static const struct setting listen_table[] = {
	{ "listen.address", SET_STR, AT(address), "127.0.0.1", 0, 0,
	    "address to listen on; beyond the loopback it needs an https public_url or insecure_http" },
	{ "listen.port", SET_INT, AT(port), "8080", 0, 65535, "port; 0 takes any that is free" },
	{ "listen.public_url", SET_STR, AT(public_url), "", 0, 0,
	    "how browsers reach the desk, like https://desk.example; empty: http://ADDRESS:PORT" },
	{ "listen.insecure_http", SET_BOOL, AT(insecure_http), "false", 0, 0,
	    "serve plain HTTP beyond the loopback: passwords and tokens travel readable" },
	{ "listen.trusted_proxies", SET_STR, AT(trusted_proxies), "", 0, 0,
	    "networks whose X-Forwarded-For and -Proto are believed, like 10.0.0.0/8" },
	{ "listen.connections", SET_INT, AT(connections), "20000", 16, 1000000,
	    "connections at once; past it new ones wait" },
	{ "listen.per_address", SET_INT, AT(per_address), "1000", 0, 1000000,
	    "connections of one address (of IPv6 a /64); 0: no limit" },
	{ "listen.drain", SET_MS, AT(drain_ms), "10s", 0, 600000,
	    "how long a stop waits for requests and sockets" },
	{ NULL, SET_BOOL, 0, NULL, 0, 0, NULL },
};

static const struct setting limits_table[] = {
	{ "limits.messages_per_min", SET_INT, AT(messages_per_min), "30", 0, 1000000,
	    "messages of one visitor a minute; 0: no limit" },
	{ "limits.messages_burst", SET_INT, AT(messages_burst), "10", 1, 1000000,
	    "messages a visitor may send at once" },
	{ "limits.visits_per_hour", SET_INT, AT(visits_per_hour), "20", 0, 1000000,
	    "new visits of one address an hour; 0: no limit" },
	{ "limits.reads_per_min", SET_INT, AT(reads_per_min), "600", 0, 10000000,
	    "reads of one visitor, agent or address, and unknown tokens of one address, a minute; 0: no limit" },
	{ "limits.writes_per_min", SET_INT, AT(writes_per_min), "240", 0, 10000000,
	    "changes of one agent a minute; 0: no limit" },
	{ NULL, SET_BOOL, 0, NULL, 0, 0, NULL },
};

static const struct setting login_table[] = {
	{ "login.per_hour", SET_INT, AT(logins_per_hour), "10", 0, 1000000,
	    "failed sign-ins of one address, and of one account, an hour; 0: no limit" },
	{ "login.hash_threads", SET_INT, AT(hash_threads), "1", 1, 64,
	    "password hashes computed at once, 64 MB each" },
	{ NULL, SET_BOOL, 0, NULL, 0, 0, NULL },
};

static const struct setting demo_table[] = {
	{ "demo.shop_port", SET_INT, AT(shop_port), "0", 0, 65535,
	    "port of the demo shop's page; 0: none" },
	{ NULL, SET_BOOL, 0, NULL, 0, 0, NULL },
};

void
api_settings_modules(struct api_settings *s, struct setting_module mods[API_SETTINGS_MODULES])
{
	static const struct setting *const tables[API_SETTINGS_MODULES] = { listen_table,
		limits_table, login_table, demo_table };

	for (size_t i = 0; i < API_SETTINGS_MODULES; i++)
		mods[i] = (struct setting_module){ api_settings_sections[i], tables[i], s };
}
