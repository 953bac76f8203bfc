/* SPDX-License-Identifier: Apache-2.0 */
/* addr_test.c - networks, and who the client is behind proxies (S13). */
#include "net/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static struct addr
at(const char *text)
{
	struct addr a;

	assert_true(addr_parse(str_from(text), &a));
	return a;
}

static void
test_networks(void **state)
{
	struct networks l;
	struct fault f;

	(void)state;
	assert_int_equal(networks_parse(STR("10.0.0.0/8, 192.0.2.7,2001:db8::/33"), &l, &f), E_OK);
	assert_int_equal(l.n, 3);
	assert_true(networks_has(&l, &(struct addr){ 0 }) == false);
	assert_true(networks_has(&l, (struct addr[]){ at("10.255.1.2") }));
	assert_false(networks_has(&l, (struct addr[]){ at("11.0.0.1") }));
	assert_true(networks_has(&l, (struct addr[]){ at("192.0.2.7") }));
	assert_false(networks_has(&l, (struct addr[]){ at("192.0.2.8") }));
	assert_true(networks_has(&l, (struct addr[]){ at("2001:db8:7fff::1") }));
	assert_false(networks_has(&l, (struct addr[]){ at("2001:db8:8000::1") }));
	assert_int_equal(networks_parse(STR("10.0.0.0/33"), &l, &f), E_CONFIG);
	assert_non_null(strstr(f.text, "10.0.0.0/33"));
	assert_int_equal(networks_parse(STR("everything"), &l, &f), E_CONFIG);
	assert_int_equal(networks_parse(STR(""), &l, &f), E_OK);
	assert_int_equal(l.n, 0);
}

static void
client_is(const struct networks *l, const char *peer, const char *forwarded, const char *want)
{
	struct addr p = at(peer), got = addr_of_client(l, &p, str_from(forwarded));
	char text[ADDR_TEXT_MAX];

	addr_text(&got, text);
	assert_string_equal(text, want);
}

static void
test_client(void **state)
{
	struct networks l;

	(void)state;
	assert_int_equal(networks_parse(STR("10.0.0.0/8"), &l, NULL), E_OK);
	client_is(&l, "198.51.100.1", "203.0.113.9", "198.51.100.1");	/* not a proxy of ours */
	client_is(&l, "10.0.0.1", "203.0.113.9", "203.0.113.9");
	client_is(&l, "10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9");	/* forged first hop */
	client_is(&l, "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9");
	client_is(&l, "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3");
	client_is(&l, "10.0.0.1", "", "10.0.0.1");
	client_is(&l, "10.0.0.1", "nonsense", "10.0.0.1");
	client_is(&l, "10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1");
}

static void
test_keys(void **state)
{
	struct addr a = at("2001:db8::1"), b = at("2001:db8::ffff"), c = at("2001:db8:0:1::1");

	(void)state;
	a = addr_limit_key(&a);
	b = addr_limit_key(&b);
	c = addr_limit_key(&c);
	assert_true(addr_eq(&a, &b));
	assert_false(addr_eq(&a, &c));
	assert_true(addr_is_loopback((struct addr[]){ at("127.8.8.8") }));
	assert_true(addr_is_loopback((struct addr[]){ at("::1") }));
	assert_false(addr_is_loopback((struct addr[]){ at("128.0.0.1") }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
