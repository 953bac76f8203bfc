/* SPDX-License-Identifier: Apache-2.0 */
/* perception_json.c - a perception as canonical JSON, there and back. */
#include "nlu/perception_json.h"

#include "nlu/personal_json.h"

static void
set_ppm(json_t *o, const char *key, int32_t ppm)
{
	if (ppm != 0)
		json_set_i64(o, key, ppm);
}

static void
write_flags(struct arena *a, const struct perception *in, json_t *o)
{
	json_t *flags = json_arr(a);

	for (size_t i = 0; i < in->flags_n; i++) {
		const struct flag *v = &in->flags[i];
		json_t *s = json_obj(a);

		json_set_str(s, "kind", v->kind);
		json_set_str(s, "reason", v->reason);
		json_set_i64(s, "from", v->from);
		json_set_i64(s, "to", v->to);
		json_set_i64(s, "p", v->p_ppm);
		json_push(flags, s);
	}
	if (in->flags_n > 0)
		json_set(o, "flags", flags);
	set_ppm(o, "sentiment", in->sentiment_ppm);
	set_ppm(o, "churn", in->churn_ppm);
	set_ppm(o, "legal", in->legal_ppm);
	set_ppm(o, "injection", in->injection_ppm);
}

static void
write_corrections(struct arena *a, const struct perception *in, json_t *o)
{
	json_t *list = json_arr(a);

	for (size_t i = 0; i < in->corrections_n; i++) {
		json_t *s = json_obj(a);

		json_set_str(s, "from", in->corrections[i].from);
		json_set_str(s, "to", in->corrections[i].to);
		json_push(list, s);
	}
	if (in->corrections_n > 0)
		json_set(o, "corrections", list);
}

static void
write_clauses(struct arena *a, const struct policy *p, const struct perception *in, json_t *o)
{
	json_t *list = json_arr(a);

	for (size_t i = 0; i < in->clauses_n; i++) {
		json_t *s = json_obj(a);

		json_set_str(s, "id", p->intents[in->clauses[i].intent].id);
		json_set_i64(s, "p", in->clauses[i].p_ppm);
		json_set_i64(s, "from", in->clauses[i].from);
		json_set_i64(s, "to", in->clauses[i].to);
		json_push(list, s);
	}
	if (in->clauses_n > 0)
		json_set(o, "clauses", list);
}

static void
write_promised(struct arena *a, const struct promised *in, json_t *o)
{
	json_t *s;

	if (in->error_ppm == 0)
		return;
	s = json_obj(a);
	json_set_i64(s, "error", in->error_ppm);
	json_set_i64(s, "threshold", in->threshold_ppm);
	json_set_i64(s, "coverage", in->coverage_ppm);
	json_set_i64(s, "evidence", in->evidence);
	json_set_bool(s, "enough", in->enough);
	json_set_bool(s, "kept", in->kept);
	json_set(o, "promised", s);
}

json_t *
perception_to_json(struct arena *a, const struct policy *p, const struct perception *in)
{
	json_t *o = json_obj(a), *intents = json_arr(a), *entities = json_arr(a), *mood = json_obj(a);
	json_t *similar = json_arr(a), *words = json_arr(a);

	json_set_str(o, "language", in->language);
	json_set_i64(o, "language_p", in->language_ppm);
	for (size_t i = 0; i < in->p_n; i++) {
		json_t *s = json_obj(a);

		json_set_str(s, "id", p->intents[in->p[i].intent].id);
		json_set_i64(s, "p", in->p[i].p_ppm);
		json_push(intents, s);
	}
	json_set(o, "intents", intents);
	json_set_i64(o, "unknown", in->unknown_ppm);
	if (in->novelty_ppm > 0)
		json_set_i64(o, "novelty", in->novelty_ppm);
	write_clauses(a, p, in, o);
	write_promised(a, &in->promised, o);
	for (size_t i = 0; i < in->entities_n; i++) {
		const struct entity *e = &in->entities[i];
		json_t *s = json_obj(a);

		json_set_str(s, "kind", e->kind);
		json_set_str(s, "text", e->text);
		json_set_str(s, "value", e->value);
		json_set_i64(s, "from", e->from);
		json_set_i64(s, "to", e->to);
		if (e->p_ppm != PPM)
			json_set_i64(s, "p", e->p_ppm);
		json_push(entities, s);
	}
	json_set(o, "entities", entities);
	for (int i = 0; i < MOOD_N; i++)
		json_set_i64(mood, mood_name[i], in->mood_ppm[i]);
	json_set(o, "mood", mood);
	json_set_i64(o, "asks_person", in->asks_person_ppm);
	for (size_t i = 0; i < in->similar_n; i++)
		json_array_append_new(similar, json_integer(in->similar_ppm[i]));
	json_set(o, "similar", similar);
	json_set_i64(o, "complexity", in->complexity_ppm);
	for (size_t i = 0; i < in->words_n; i++)
		json_push_str(words, in->words[i]);
	json_set(o, "words", words);
	write_corrections(a, in, o);
	write_flags(a, in, o);
	personal_to_json(a, in, o);
	return o;
}

static int32_t
ppm_of(const json_t *o, const char *key)
{
	int64_t v = json_get_i64(o, key, 0);

	return v < 0 ? 0 : v > PPM ? PPM : (int32_t)v;
}

static const json_t *
list_of(const json_t *o, const char *key, size_t *n)
{
	const json_t *v = json_object_get(o, key);

	*n = json_is_array(v) ? json_array_size(v) : 0;
	return json_is_array(v) ? v : NULL;
}

static int
find_intent(const struct policy *p, struct str id)
{
	for (size_t i = 0; i < p->intents_n; i++)
		if (str_eq(p->intents[i].id, id))
			return (int)i;
	return -1;
}

static void
read_intents(struct arena *a, const struct policy *p, const json_t *v, size_t n, struct perception *out)
{
	struct intent_score *s = arena_array(a, struct intent_score, n + 1);

	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(v, i);
		int intent = find_intent(p, json_get_str(o, "id"));

		if (intent >= 0)
			s[out->p_n++] = (struct intent_score){ intent, ppm_of(o, "p") };
	}
	out->p = s;
}

static void
read_clauses(struct arena *a, const struct policy *p, const json_t *v, size_t n, struct perception *out)
{
	struct clause *c = arena_array(a, struct clause, n + 1);

	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(v, i);
		int64_t from = json_get_i64(o, "from", -1), to = json_get_i64(o, "to", -1);
		int intent = find_intent(p, json_get_str(o, "id"));

		if (intent >= 0 && from >= 0 && from <= to && to <= UINT32_MAX)
			c[out->clauses_n++] = (struct clause){ intent, ppm_of(o, "p"), (uint32_t)from, (uint32_t)to };
	}
	out->clauses = c;
}

static void
read_promised(const json_t *o, struct promised *out)
{
	int64_t evidence = json_get_i64(o, "evidence", 0);

	*out = (struct promised){ .error_ppm = ppm_of(o, "error"), .threshold_ppm = ppm_of(o, "threshold"),
		.coverage_ppm = ppm_of(o, "coverage"),
		.evidence = evidence < 0 || evidence > UINT32_MAX ? 0 : (uint32_t)evidence,
		.enough = json_is_true(json_object_get(o, "enough")),
		.kept = json_is_true(json_object_get(o, "kept")) };
}

static enum err
read_entities(struct arena *a, const json_t *v, size_t n, struct perception *out, struct fault *f)
{
	struct entity *e = arena_array(a, struct entity, n + 1);

	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(v, i);
		int64_t from = json_get_i64(o, "from", -1), to = json_get_i64(o, "to", -1);

		e[i] = (struct entity){ json_get_str(o, "kind"), json_get_str(o, "text"),
			json_get_str(o, "value"), (uint32_t)from, (uint32_t)to,
			json_object_get(o, "p") == NULL ? PPM : ppm_of(o, "p") };
		if (e[i].kind.n == 0 || from < 0 || to < from || to > UINT32_MAX)
			return fault(f, E_INVALID, "perception: entities[%zu] needs kind, from and to", i);
	}
	out->entities = e;
	out->entities_n = n;
	return E_OK;
}

/* A record of before has none of it. */
static enum err
read_flags(struct arena *a, const json_t *in, struct perception *out, struct fault *f)
{
	int64_t sentiment = json_get_i64(in, "sentiment", 0);
	struct flag *flags;
	const json_t *v;
	size_t n;

	v = list_of(in, "flags", &n);
	flags = arena_array(a, struct flag, n + 1);
	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(v, i);
		int64_t from = json_get_i64(o, "from", -1), to = json_get_i64(o, "to", -1);

		flags[i] = (struct flag){ json_get_str(o, "kind"), json_get_str(o, "reason"), (uint32_t)from,
			(uint32_t)to, ppm_of(o, "p") };
		if (flags[i].kind.n == 0 || from < 0 || to < from || to > UINT32_MAX)
			return fault(f, E_INVALID, "perception: flags[%zu] needs kind, from and to", i);
	}
	out->flags = flags;
	out->flags_n = n;
	out->sentiment_ppm = sentiment < -PPM ? -PPM : sentiment > PPM ? PPM : (int32_t)sentiment;
	out->churn_ppm = ppm_of(in, "churn");
	out->legal_ppm = ppm_of(in, "legal");
	out->injection_ppm = ppm_of(in, "injection");
	return E_OK;
}

static void
read_corrections(struct arena *a, const json_t *in, struct perception *out)
{
	size_t n;
	const json_t *v = list_of(in, "corrections", &n);
	struct correction *fixed = arena_array(a, struct correction, n + 1);

	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(v, i);

		fixed[i] = (struct correction){ json_get_str(o, "from"), json_get_str(o, "to") };
	}
	out->corrections = fixed;
	out->corrections_n = n;
}

enum err
perception_from_json(struct arena *a, const struct policy *p, const json_t *in, struct perception *out,
    struct fault *f)
{
	const json_t *v, *mood;
	struct str *words;
	size_t n;

	*out = (struct perception){ 0 };
	if (!json_is_object(in))
		return fault(f, E_INVALID, "perception: expected an object");
	mood = json_object_get(in, "mood");
	if (!json_is_object(mood))
		return fault(f, E_INVALID, "perception: mood is missing");
	out->language = json_get_str(in, "language");
	out->language_ppm = ppm_of(in, "language_p");
	v = list_of(in, "intents", &n);
	read_intents(a, p, v, n, out);
	out->unknown_ppm = ppm_of(in, "unknown");
	out->novelty_ppm = ppm_of(in, "novelty");
	v = list_of(in, "clauses", &n);
	read_clauses(a, p, v, n, out);
	read_promised(json_object_get(in, "promised"), &out->promised);
	v = list_of(in, "entities", &n);
	TRY(read_entities(a, v, n, out, f));
	for (int i = 0; i < MOOD_N; i++)
		out->mood_ppm[i] = ppm_of(mood, mood_name[i]);
	out->asks_person_ppm = ppm_of(in, "asks_person");
	v = list_of(in, "similar", &n);
	for (size_t i = 0; i < n && i < SIMILAR_MAX; i++)
		out->similar_ppm[out->similar_n++] = (int32_t)json_integer_value(json_array_get(v, i));
	out->complexity_ppm = ppm_of(in, "complexity");
	read_corrections(a, in, out);
	TRY(read_flags(a, in, out, f));
	TRY(personal_from_json(a, in, out, f));
	v = list_of(in, "words", &n);
	words = arena_array(a, struct str, n + 1);
	for (size_t i = 0; i < n; i++) {
		const json_t *w = json_array_get(v, i);

		if (!json_is_string(w))
			return fault(f, E_INVALID, "perception: words[%zu] is not a string", i);
		words[i] = (struct str){ json_string_value(w), json_string_length(w) };
	}
	out->words = words;
	out->words_n = n;
	return E_OK;
}

struct perception
perception_copy(const struct perception *in, struct arena *a)
{
	struct perception out = *in;
	struct intent_score *p = arena_array(a, struct intent_score, in->p_n + 1);
	struct entity *e = arena_array(a, struct entity, in->entities_n + 1);
	struct str *w = arena_array(a, struct str, in->words_n + 1);
	struct flag *flags = arena_array(a, struct flag, in->flags_n + 1);
	struct correction *fixed = arena_array(a, struct correction, in->corrections_n + 1);

	for (size_t i = 0; i < in->corrections_n; i++)
		fixed[i] = (struct correction){ str_dup(a, in->corrections[i].from),
			str_dup(a, in->corrections[i].to) };
	out.corrections = fixed;
	out.language = str_dup(a, in->language);
	for (size_t i = 0; i < in->p_n; i++)
		p[i] = in->p[i];
	for (size_t i = 0; i < in->entities_n; i++) {
		e[i] = in->entities[i];
		e[i].kind = str_dup(a, in->entities[i].kind);
		e[i].text = str_dup(a, in->entities[i].text);
		e[i].value = str_dup(a, in->entities[i].value);
	}
	for (size_t i = 0; i < in->words_n; i++)
		w[i] = str_dup(a, in->words[i]);
	for (size_t i = 0; i < in->flags_n; i++) {
		flags[i] = in->flags[i];
		flags[i].kind = str_dup(a, in->flags[i].kind);
		flags[i].reason = str_dup(a, in->flags[i].reason);
	}
	out.flags = flags;
	out.personal = personal_copy(in->personal, in->personal_n, a);
	out.p = p;
	out.entities = e;
	out.words = w;
	return out;
}
