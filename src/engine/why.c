/* SPDX-License-Identifier: Apache-2.0 */
/* why.c - one turn explained, from the record. */
#include "engine/why.h"

#include "base/buf.h"
#include "engine/record_json.h"
#include "facts/policy.h"

#define WHY_EVENTS_MAX 4000

struct why_turn {
	struct arena *a;
	json_t *steps;
	json_t *perception;
	struct str policy;
	int64_t basis;
};

/* The turn of an event; of a customer's message the turn that answered it. */
static int64_t
turn_of_seq(const struct event *v, size_t n, int32_t seq)
{
	int64_t last = 0;
	bool asked = false;

	for (size_t i = 0; i < n; i++) {
		if (v[i].turn > 0)
			last = v[i].turn;
		if (asked && v[i].kind == EV_TURN_STARTED)
			return v[i].turn;
		if (seq == 0 || v[i].seq != seq)
			continue;
		if (v[i].turn > 0)
			return v[i].turn;
		asked = v[i].kind == EV_MSG_CUSTOMER || v[i].kind == EV_PERSON_ASKED;
	}
	return seq > 0 ? 0 : last;
}

static void
why_decided(struct why_turn *w, const struct event *e, const json_t *body)
{
	json_t *step = json_obj(w->a);
	struct str reply = json_get_str(body, "reply");

	json_set_i64(step, "seq", e->seq);
	json_set_i64(step, "step", (int64_t)json_array_size(w->steps));
	json_set_str(step, "decision", json_get_str(body, "kind"));
	if (reply.n > 0)
		json_set_str(step, "reply", reply);
	else
		json_object_set_new(step, "reply", json_null());
	json_set(step, "why", why_wire_json(body, w->a));
	json_object_set_new(step, "outcome", json_null());
	/* what else was recorded: slot, query, look_up, params, reason... */
	json_set(step, "detail", (json_t *)(uintptr_t)body);
	json_push(w->steps, step);
}

static void
why_event(struct why_turn *w, const struct event *e, json_t *body)
{
	size_t n = json_array_size(w->steps);
	size_t at = (size_t)json_get_i64(body, "step", n > 0 ? (int64_t)n - 1 : 0);

	switch ((int)e->kind) {
	case EV_TURN_STARTED:
		w->basis = json_get_i64(body, "basis", 0);
		break;
	case EV_PERCEIVED:
		w->perception = body;
		w->policy = e->policy_hash;
		break;
	case EV_DECIDED:
		w->policy = e->policy_hash;
		why_decided(w, e, body);
		break;
	case EV_EFFECT_DONE:
		if (at < n)
			json_object_set(json_array_get(w->steps, at), "outcome", body);
		break;
	default:
		break;
	}
}

static void
why_likely(json_t *wire, const json_t *recorded, const struct policy *names, struct arena *a)
{
	json_t *likely = json_arr(a), *one;
	size_t i;

	json_array_foreach(json_object_get(recorded, "intents"), i, one)
	{
		json_t *shown = json_obj(a);
		struct str id = json_get_str(one, "id");
		int at = names != NULL ? policy_intent(names, id) : -1;

		json_set_str(shown, "id", id);
		json_set_str(shown, "name", at >= 0 ? names->intents[at].name : id);
		json_set_i64(shown, "p_ppm", json_get_i64(one, "p", 0));
		json_push(likely, shown);
	}
	json_set(wire, "p", likely);
}

/* The record is terse and has what only a replay needs; the wire has units in its names. */
static json_t *
why_perception(const json_t *recorded, const struct policy *names, struct arena *a)
{
	static const struct { const char *record, *wire; } signs[] = {
		{ "sentiment", "sentiment_ppm" }, { "churn", "churn_ppm" }, { "legal", "legal_ppm" },
		{ "injection", "injection_ppm" },
	};
	const json_t *mood = json_object_get(recorded, "mood");
	json_t *wire = json_obj(a), *felt = json_obj(a);
	char key[32];

	json_set_str(wire, "language", json_get_str(recorded, "language"));
	why_likely(wire, recorded, names, a);
	json_set_i64(wire, "unknown_ppm", json_get_i64(recorded, "unknown", 0));
	json_set(wire, "entities", json_object_get(recorded, "entities"));
	for (int i = 0; i < MOOD_N; i++) {
		(void)snprintf(key, sizeof(key), "%s_ppm", mood_name[i]);
		json_set_i64(felt, key, json_get_i64(mood, mood_name[i], 0));
	}
	json_set(wire, "mood", felt);
	json_set_i64(wire, "asks_person_ppm", json_get_i64(recorded, "asks_person", 0));
	json_set(wire, "similar_ppm", json_object_get(recorded, "similar"));
	json_set_i64(wire, "complexity_ppm", json_get_i64(recorded, "complexity", 0));
	if (json_object_get(recorded, "flags") != NULL)
		json_set(wire, "flags", json_object_get(recorded, "flags"));
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		json_set_i64(wire, signs[i].wire, json_get_i64(recorded, signs[i].record, 0));
	return wire;
}

enum err
why_read(struct db *db, const struct conv_row *c, int32_t seq, const struct policy *names,
    struct arena *a, json_t **out, struct fault *f)
{
	struct why_turn w = { .a = a, .steps = json_arr(a) };
	struct event *v;
	size_t n;
	int64_t turn;
	json_t *t = json_obj(a);

	TRY(event_list(db, c->conv, 0, AUDIENCE_INTERNAL, WHY_EVENTS_MAX, a, &v, &n, f));
	turn = turn_of_seq(v, n, seq);
	if (turn == 0)
		return fault(f, E_NOTFOUND, "no decision of the AI belongs to that message");
	for (size_t i = 0; i < n; i++) {
		json_t *body;

		if (v[i].turn != turn || v[i].erased)
			continue;
		TRY(json_parse(a, v[i].body, (size_t)64 << 10, &body, f));
		why_event(&w, &v[i], body);
	}
	json_set_i64(t, "number", turn);
	json_set_str(t, "policy", w.policy);
	json_set_i64(t, "basis", w.basis);
	if (w.perception != NULL)
		json_set(t, "perception", why_perception(w.perception, names, a));
	else
		json_object_set_new(t, "perception", json_null());
	json_set(t, "steps", w.steps);
	*out = json_obj(a);
	json_set(*out, "turn", t);
	return E_OK;
}

static void
print_ppm(struct buf *out, int64_t ppm)
{
	buf_fmt(out, "%.2f", (double)ppm / 1e6);
}

static void
print_one_why(const json_t *y, const char *yes, const char *no, const char *off, struct buf *out)
{
	int64_t value = json_get_i64(y, "value_ppm", -1), limit = json_get_i64(y, "limit_ppm", -1);
	bool fired = json_get_bool(y, "fired", false);
	struct str text = json_get_str(y, "text");

	buf_fmt(out, "     %s%s%s %-9.*s %-16.*s %.*s", fired ? yes : no, fired ? "fired " : "not   ", off,
	    STR_ARG(json_get_str(y, "kind")), STR_ARG(json_get_str(y, "name")),
	    STR_ARG(text));
	/* Most texts say what was compared. */
	if (value >= 0 && str_find(text, STR(" < ")) < 0 && str_find(text, STR(" >= ")) < 0) {
		buf_add_z(out, "  (");
		print_ppm(out, value);
		if (limit >= 0) {
			buf_add_z(out, " against ");
			print_ppm(out, limit);
		}
		buf_add_z(out, ")");
	}
	buf_add_c(out, '\n');
}

static void
print_perception(const json_t *p, struct buf *out)
{
	const json_t *v = json_object_get(p, "p");
	struct str language = json_get_str(p, "language");
	size_t i;
	json_t *one;

	buf_fmt(out, "  understood: language %.*s, unknown ", STR_ARG(language.n > 0 ? language : STR("unclear")));
	print_ppm(out, json_get_i64(p, "unknown_ppm", 0));
	json_array_foreach(v, i, one)
	{
		buf_fmt(out, ", %.*s ", STR_ARG(json_get_str(one, "name")));
		print_ppm(out, json_get_i64(one, "p_ppm", 0));
	}
	buf_add_c(out, '\n');
	v = json_object_get(p, "entities");
	json_array_foreach(v, i, one)
		buf_fmt(out, "     %.*s: %.*s\n", STR_ARG(json_get_str(one, "kind")),
		    STR_ARG(json_get_str(one, "value")));
}

void
why_print(const json_t *why, bool colour, struct buf *out)
{
	const json_t *t = json_object_get(why, "turn"), *steps = json_object_get(t, "steps");
	const char *bold = colour ? "\033[1m" : "", *green = colour ? "\033[32m" : "",
		   *faint = colour ? "\033[2m" : "", *off = colour ? "\033[0m" : "";
	size_t i, k;
	json_t *s, *y;

	buf_fmt(out, "%sTurn %lld%s  policy %.*s, answers up to message %lld\n", bold,
	    (long long)json_get_i64(t, "number", 0), off, STR_ARG(str_sub(json_get_str(t, "policy"), 0, 12)),
	    (long long)json_get_i64(t, "basis", 0));
	if (json_is_object(json_object_get(t, "perception")))
		print_perception(json_object_get(t, "perception"), out);
	json_array_foreach(steps, i, s)
	{
		struct str reply = json_get_str(s, "reply");
		const json_t *got = json_object_get(s, "outcome");

		buf_fmt(out, "  %zu. %s%.*s%s", i + 1, bold, STR_ARG(json_get_str(s, "decision")), off);
		if (reply.n > 0)
			buf_fmt(out, " %.*s", STR_ARG(reply));
		buf_add_c(out, '\n');
		json_array_foreach(json_object_get(s, "why"), k, y)
			print_one_why(y, green, faint, off, out);
		if (json_is_object(got))
			buf_fmt(out, "     brought back: %.*s %.*s\n", STR_ARG(json_get_str(got, "kind")),
			    STR_ARG(json_get_str(got, "source")));
	}
}
