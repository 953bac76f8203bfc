/* SPDX-License-Identifier: Apache-2.0 */
/* settings.c - one table a module yields parser, environment and manual. */
#include "base/settings.h"

#include "base/buf.h"

#include <inttypes.h>
#include <string.h>

#define PPM INT64_C(1000000)

struct unit {
	const char *name;
	int64_t factor;
};

/* The largest first: how a number is shown. */
static const struct unit times[] = {
	{ "d", INT64_C(86400000) },
	{ "h", INT64_C(3600000) },
	{ "m", INT64_C(60000) },
	{ "s", INT64_C(1000) },
	{ "ms", 1 },
	{ NULL, 0 },
};

static const struct unit sizes[] = {
	{ "g", INT64_C(1) << 30 },
	{ "m", INT64_C(1) << 20 },
	{ "k", INT64_C(1) << 10 },
	{ "", 1 },
	{ NULL, 0 },
};

static const struct unit *
units_of(enum setting_type type)
{
	return type == SET_MS ? times : sizes;
}

static const char *
type_expected(enum setting_type type)
{
	switch (type) {
	case SET_BOOL:
		return "true, false, yes or no";
	case SET_INT:
		return "a whole number";
	case SET_MS:
		return "a time such as 150ms, 3s, 10m, 2h or 1d";
	case SET_BYTES:
		return "a size such as 512, 64k, 8m or 1g";
	case SET_PPM:
		return "a share of 1 such as 0.82";
	case SET_STR:
		return "a text";
	}
	NEVER("setting of no type");
}

static bool
parse_bool(struct str t, bool *out)
{
	*out = str_eqz(t, "true") || str_eqz(t, "yes");
	return *out || str_eqz(t, "false") || str_eqz(t, "no");
}

static bool
parse_with_unit(const struct unit *units, struct str t, int64_t *out)
{
	size_t digits = 0;
	int64_t v;

	while (digits < t.n && t.p[digits] >= '0' && t.p[digits] <= '9')
		digits++;
	if (!str_i64(str_sub(t, 0, digits), &v))
		return false;
	t = str_sub(t, digits, t.n);
	if (v == 0 && t.n == 0) {
		*out = 0;	/* nothing, in whatever unit */
		return true;
	}
	for (; units->name != NULL; units++)
		if (str_eqz(t, units->name))
			return !__builtin_mul_overflow(v, units->factor, out);
	return false;
}

/* "0", "1", "0.82", ".5", at most six decimals. */
static bool
parse_ppm(struct str t, int64_t *out)
{
	struct str decimals, whole = str_cut(t, '.', &decimals);
	int64_t v = 0, frac = 0;

	if (whole.n == t.n ? whole.n == 0 : decimals.n == 0 || decimals.n > 6)
		return false;
	if (whole.n > 0 && (whole.p[0] == '-' || !str_i64(whole, &v) || v > 1))
		return false;
	if (decimals.n > 0 && (decimals.p[0] == '-' || !str_i64(decimals, &frac)))
		return false;
	for (size_t i = decimals.n; i < 6; i++)
		frac *= 10;
	*out = v * PPM + frac;
	return *out <= PPM;
}

static bool
parse_number(const struct setting *s, struct str t, int64_t *out)
{
	switch (s->type) {
	case SET_INT:
		return str_i64(t, out);
	case SET_MS:
	case SET_BYTES:
		return parse_with_unit(units_of(s->type), t, out);
	case SET_PPM:
		return parse_ppm(t, out);
	case SET_BOOL:
	case SET_STR:
		break;
	}
	NEVER("not a number's type");
}

/* As a user would write it. */
static void
show_number(const struct setting *s, int64_t v, struct buf *out)
{
	const struct unit *u = units_of(s->type);

	switch (s->type) {
	case SET_MS:
	case SET_BYTES:
		while (u->factor > 1 && (v % u->factor != 0 || v == 0))
			u++;
		buf_fmt(out, "%" PRId64 "%s", v / u->factor, u->name);
		return;
	case SET_PPM:
		buf_fmt(out, "%" PRId64 ".%06" PRId64, v / PPM, v % PPM);
		while (out->n > 2 && out->p[out->n - 1] == '0' && out->p[out->n - 2] != '.')
			out->n--;
		return;
	case SET_INT:
	case SET_BOOL:
	case SET_STR:
		buf_add_i64(out, v);
		return;
	}
}

/* min == max means that the type's own range is the only limit. */
static bool
has_limits(const struct setting *s)
{
	return s->min < s->max;
}

static void
show_limits(const struct setting *s, struct buf *out)
{
	if (s->type == SET_BOOL || !has_limits(s))
		return;
	show_number(s, s->min, out);
	buf_add_z(out, "..");
	show_number(s, s->max, out);
	if (s->type == SET_STR)
		buf_add_z(out, " bytes");
}

static enum err
refuse(const struct setting *s, struct str text, const char *expected, struct fault *f)
{
	return fault(f, E_CONFIG, "%s: \"%.*s\" is not %s", s->key, STR_ARG(text), expected);
}

static enum err
check_limits(const struct setting *s, struct str text, int64_t v, struct fault *f)
{
	struct buf limits;

	if (!has_limits(s) || (v >= s->min && v <= s->max))
		return E_OK;
	buf_init(&limits, 128);
	show_limits(s, &limits);
	(void)fault(f, E_CONFIG, "%s: \"%.*s\" is outside %s", s->key, STR_ARG(text),
	    buf_z(&limits));
	buf_free(&limits);
	return E_CONFIG;
}

enum err
setting_parse(const struct setting *s, struct str text, void *values, struct arena *a,
    struct fault *f)
{
	char *at = (char *)values + s->offset;
	struct str copy;
	int64_t v;
	bool b;

	if (s->type == SET_BOOL) {
		if (!parse_bool(text, &b))
			return refuse(s, text, type_expected(s->type), f);
		memcpy(at, &b, sizeof(b));
		return E_OK;
	}
	if (s->type == SET_STR) {
		if (!str_utf8_valid(text, NULL) ||
		    (text.n > 0 && memchr(text.p, '\0', text.n) != NULL))
			return fault(f, E_CONFIG, "%s: the value is not UTF-8 text", s->key);
		TRY(check_limits(s, text, (int64_t)text.n, f));
		copy = str_dup(a, text);
		memcpy(at, &copy, sizeof(copy));
		return E_OK;
	}
	if (!parse_number(s, text, &v))
		return refuse(s, text, type_expected(s->type), f);
	TRY(check_limits(s, text, v, f));
	memcpy(at, &v, sizeof(v));
	return E_OK;
}

enum err
settings_defaults(const struct setting_module *m, struct arena *a, struct fault *f)
{
	for (const struct setting *s = m->table; s->key != NULL; s++)
		TRY(setting_parse(s, str_from(s->initial), m->values, a, f));
	return E_OK;
}

enum err
settings_set(const struct setting_module *mods, size_t n, struct str key, struct str value,
    struct arena *a, struct fault *f)
{
	for (size_t i = 0; i < n; i++)
		for (const struct setting *s = mods[i].table; s->key != NULL; s++)
			if (str_eqz(key, s->key))
				return setting_parse(s, value, mods[i].values, a, f);
	return fault(f, E_CONFIG,
	    "there is no setting \"%.*s\"; `baton config --help` lists them", STR_ARG(key));
}

/* BATON_LISTEN_PORT says listen.port. */
static bool
is_env_of(struct str name, const char *key)
{
	struct str k = str_from(key);

	if (name.n != k.n)
		return false;
	for (size_t i = 0; i < k.n; i++) {
		char c = k.p[i] == '.' ? '_' : k.p[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - ('a' - 'A'));
		if (name.p[i] != c)
			return false;
	}
	return true;
}

static enum err
set_from_env(const struct setting_module *mods, size_t n, struct str name, struct str value,
    struct arena *a, struct fault *f)
{
	struct str bare = str_sub(name, STR("BATON_").n, name.n);

	for (size_t i = 0; i < n; i++)
		for (const struct setting *s = mods[i].table; s->key != NULL; s++)
			if (is_env_of(bare, s->key)) {
				if (setting_parse(s, value, mods[i].values, a, f) == E_OK)
					return E_OK;
				if (f != NULL)
					(void)fault_wrap(f, "environment variable %.*s",
					    STR_ARG(name));
				return E_CONFIG;
			}
	return fault(f, E_CONFIG, "environment variable %.*s names no setting", STR_ARG(name));
}

enum err
settings_env(const struct setting_module *mods, size_t n, char *const *envp, struct arena *a,
    struct fault *f)
{
	for (; *envp != NULL; envp++) {
		struct str value, name = str_cut(str_from(*envp), '=', &value);

		if (!str_starts(name, STR("BATON_")) || str_eqz(name, "BATON_FAIL") ||
		    str_eqz(name, "BATON_HOME"))
			continue;
		TRY(set_from_env(mods, n, name, value, a, f));
	}
	return E_OK;
}

static const char *
type_name(enum setting_type type)
{
	switch (type) {
	case SET_BOOL:
		return "yes/no";
	case SET_INT:
		return "number";
	case SET_MS:
		return "time";
	case SET_BYTES:
		return "size";
	case SET_PPM:
		return "share";
	case SET_STR:
		return "text";
	}
	NEVER("setting of no type");
}

static void
help_markdown(const struct setting *s, struct buf *out)
{
	buf_fmt(out, "| `%s` | %s | %s%s%s | ", s->key, type_name(s->type),
	    *s->initial != '\0' ? "`" : "", s->initial, *s->initial != '\0' ? "`" : "");
	show_limits(s, out);
	buf_fmt(out, " | %s |\n", s->help);
}

static void
help_terminal(const struct setting *s, struct buf *out)
{
	buf_fmt(out, "  %-30s %s\n  %-30s %s, default %s", s->key, s->help, "", type_name(s->type),
	    *s->initial != '\0' ? s->initial : "empty");
	if (s->type != SET_BOOL && has_limits(s)) {
		buf_add_z(out, ", ");
		show_limits(s, out);
	}
	buf_add_c(out, '\n');
}

void
settings_help(const struct setting_module *mods, size_t n, bool markdown, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (markdown)
			buf_fmt(out, "%s## %s\n\n| key | type | default | limits | meaning |\n"
			    "|---|---|---|---|---|\n", i > 0 ? "\n" : "", mods[i].name);
		else
			buf_fmt(out, "%s%s\n", i > 0 ? "\n" : "", mods[i].name);
		for (const struct setting *s = mods[i].table; s->key != NULL; s++) {
			if (markdown)
				help_markdown(s, out);
			else
				help_terminal(s, out);
		}
	}
}
