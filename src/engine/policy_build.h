/* SPDX-License-Identifier: Apache-2.0 */
/* policy_build.h - what the files of policy_load share; nobody else includes it. */
#pragma once

#include "base/yaml.h"
#include "engine/policy_load.h"

enum policy_file {
	FILE_INBOXES, FILE_INTENTS, FILE_ENTITIES, FILE_RULES, FILE_REPLIES, FILE_WORKFLOWS,
	FILE_ESCALATION, FILE_CONNECTORS, FILE_N
};

struct build {
	struct arena *a;		/* the policy's own */
	struct complaints *c;
	struct policy *p;
	const struct yaml *file[FILE_N];	/* NULL: absent or unreadable */
	bool broken[FILE_N];		/* there, but not YAML: no follow-up complaints */
	const struct zone **zones;
	struct article_source *articles;
	size_t articles_n;
};

/* In this order: each may look up names of those before it. */
void build_inboxes(struct build *b);
void build_entities(struct build *b);
void build_connectors(struct build *b);
void build_replies(struct build *b);
void build_workflows(struct build *b);
void build_intents(struct build *b);
void build_rules(struct build *b);
void build_escalation(struct build *b);
void build_article(struct build *b, struct str file, struct str bytes);
void build_articles_check(struct build *b);
/* Placeholders of replies, once slots and records are known. */
void build_replies_check(struct build *b);

/* --- shared readers; each complains at the node and gives something harmless --- */

#define build_say(b, at, ...) yaml_complain((b)->c, (at), str_fmt((b)->c->a, __VA_ARGS__))

/* The file's map under its one top key(s): NULL when absent. */
const struct yaml *build_top(struct build *b, enum policy_file f, const char *key);
/* [a-z0-9_-]{1,32} */
bool build_is_id(struct str s);
struct str build_id(struct build *b, const struct yaml *y);
struct str build_short(struct build *b, const struct yaml *y, size_t max_bytes);	/* not empty */
int64_t build_ms(struct build *b, const struct yaml *y);
int32_t build_ppm(struct build *b, const struct yaml *y, int32_t otherwise);
bool build_is_date(struct str s, int32_t *yyyymmdd);
bool build_is_language(struct str s);
/* {en: text, de: text}; plain: a bare text is allowed and has no language. */
struct localized build_localized(struct build *b, const struct yaml *y, bool plain);
/* {en: [a, b], de: [c]}, items joined by '\n'; plain as above. */
struct localized build_localized_lists(struct build *b, const struct yaml *y, bool plain);
/* reply NAME | workflow NAME | article | person [text] */
struct action build_action(struct build *b, const struct yaml *y);
int build_reply_name(struct build *b, const struct yaml *y);
/* Does the query give a column of that name ("... AS name")? */
bool build_query_gives(struct str query, struct str name);
/* Built in or of entities.yaml. */
bool build_is_entity(const struct build *b, struct str kind);
/* Complains of each placeholder that nothing can fill. */
void build_placeholders(struct build *b, const struct yaml *at, struct str text);
