/* SPDX-License-Identifier: Apache-2.0 */
/* personal_json.c - spans of personal data, there and back. */
#include "nlu/personal_json.h"

void
personal_to_json(struct arena *a, const struct perception *in, json_t *o)
{
	json_t *list = json_arr(a);

	for (size_t i = 0; i < in->personal_n; i++) {
		const struct personal *v = &in->personal[i];
		json_t *s = json_obj(a);

		json_set_str(s, "kind", v->kind);
		if (v->what.n > 0)
			json_set_str(s, "what", v->what);
		json_set_i64(s, "from", v->from);
		json_set_i64(s, "to", v->to);
		json_set_i64(s, "p", v->p_ppm);
		json_push(list, s);
	}
	if (in->personal_n > 0)
		json_set(o, "personal", list);
}

enum err
personal_from_json(struct arena *a, const json_t *in, struct perception *out, struct fault *f)
{
	const json_t *list = json_object_get(in, "personal");
	size_t n = json_is_array(list) ? json_array_size(list) : 0;
	struct personal *v = arena_array(a, struct personal, n + 1);

	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(list, i);
		int64_t from = json_get_i64(o, "from", -1), to = json_get_i64(o, "to", -1), p = json_get_i64(o, "p", -1);

		v[i] = (struct personal){ json_get_str(o, "kind"), json_get_str(o, "what"), (uint32_t)from,
			(uint32_t)to, (int32_t)p };
		if (v[i].kind.n == 0 || from < 0 || to < from || to > UINT32_MAX || p < 0 || p > PPM)
			return fault(f, E_INVALID, "perception: personal[%zu] needs kind, from, to and p", i);
	}
	out->personal = v;
	out->personal_n = n;
	return E_OK;
}

const struct personal *
personal_copy(const struct personal *v, size_t n, struct arena *a)
{
	struct personal *out = arena_array(a, struct personal, n + 1);

	for (size_t i = 0; i < n; i++) {
		out[i] = v[i];
		out[i].kind = str_dup(a, v[i].kind);
		out[i].what = str_dup(a, v[i].what);
	}
	return out;
}
