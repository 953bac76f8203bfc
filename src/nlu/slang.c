/* SPDX-License-Identifier: Apache-2.0 */
/* slang.c - short forms that everybody writes on a telephone: en de fr es pt it nl.
 *
 * Written by us.  Only forms that are no word of any of these languages.
 */
#include "nlu/slips_parts.h"

struct short_form {
	const char *from, *to;
};

static const struct short_form english[] = {
	{ "u", "you" }, { "ur", "your" }, { "r", "are" }, { "pls", "please" }, { "plz", "please" },
	{ "plss", "please" }, { "plse", "please" }, { "thx", "thanks" }, { "tnx", "thanks" },
	{ "thnx", "thanks" }, { "tks", "thanks" }, { "ty", "thanks" }, { "tysm", "thanks" },
	{ "tmrw", "tomorrow" }, { "tmr", "tomorrow" }, { "tmrow", "tomorrow" }, { "2moro", "tomorrow" },
	{ "2mrw", "tomorrow" }, { "tomoro", "tomorrow" }, { "2day", "today" }, { "2nite", "tonight" },
	{ "tonite", "tonight" }, { "yday", "yesterday" }, { "ystrday", "yesterday" },
	{ "msg", "message" }, { "msgs", "messages" }, { "wk", "week" }, { "wks", "weeks" },
	{ "mth", "month" }, { "mths", "months" }, { "mins", "minutes" }, { "hrs", "hours" },
	{ "yr", "year" }, { "yrs", "years" }, { "hv", "have" }, { "hav", "have" }, { "hvnt", "havent" },
	{ "dnt", "dont" }, { "cnt", "cant" }, { "wnt", "want" },
	{ "wanna", "want" }, { "gotta", "must" }, { "gona", "going" }, { "gonna", "going" },
	{ "goin", "going" }, { "coz", "because" }, { "cuz", "because" }, { "cos", "because" },
	{ "bcoz", "because" }, { "bcuz", "because" }, { "bc", "because" }, { "abt", "about" },
	{ "b4", "before" }, { "l8", "late" }, { "l8r", "later" }, { "gr8", "great" }, { "m8", "mate" },
	{ "w8", "wait" }, { "w8ing", "waiting" }, { "str8", "straight" }, { "sum1", "someone" },
	{ "sm1", "someone" }, { "smone", "someone" }, { "sumthing", "something" }, { "smth", "something" },
	{ "any1", "anyone" }, { "every1", "everyone" }, { "no1", "nobody" }, { "ppl", "people" },
	{ "pkg", "package" }, { "pkt", "packet" }, { "whr", "where" }, { "wher", "where" },
	{ "wen", "when" }, { "wat", "what" }, { "wot", "what" }, { "wut", "what" }, { "wats", "whats" },
	{ "wots", "whats" }, { "wht", "what" }, { "whn", "when" }, { "hw", "how" }, { "y", "why" },
	{ "spk", "speak" }, { "acc", "account" }, { "acct", "account" }, { "accnt", "account" },
	{ "num", "number" }, { "nmbr", "number" }, { "pymt", "payment" },
	{ "pmt", "payment" }, { "txn", "transaction" }, { "trx", "transaction" }, { "tx", "transaction" },
	{ "txns", "transactions" }, { "transac", "transaction" }, { "info", "information" },
	{ "qty", "quantity" }, { "asap", "immediately" }, { "idk", "unsure" }, { "nvm", "nevermind" },
	{ "thru", "through" }, { "tho", "though" }, { "kno", "know" }, { "knw", "know" }, { "dunno", "unsure" },
	{ "cud", "could" }, { "wud", "would" }, { "shud", "should" }, { "cld", "could" }, { "wld", "would" },
	{ "shld", "should" }, { "jst", "just" }, { "jus", "just" }, { "dat", "that" }, { "dis", "this" },
	{ "wiv", "with" }, { "wif", "with" }, { "frm", "from" }, { "bn", "been" }, { "gd", "good" },
	{ "gimme", "give" }, { "lemme", "let" }, { "kinda", "rather" }, { "rly", "really" },
	{ "srsly", "seriously" }, { "prob", "probably" }, { "probs", "probably" }, { "prolly", "probably" },
	{ "def", "definitely" }, { "obv", "obviously" }, { "diff", "different" }, { "bday", "birthday" },
	{ "addy", "address" }, { "addr", "address" }, { "pw", "password" }, { "pwd", "password" },
	{ "cust", "customer" }, { "svc", "service" }, { "dept", "department" }, { "fone", "phone" },
	{ "fon", "phone" }, { "fwd", "forward" }, { "recd", "received" }, { "rcvd", "received" },
	{ "k", "ok" }, { "kk", "ok" }, { "okey", "ok" }, { "yep", "yes" }, { "yup", "yes" }, { "nope", "no" },
};
static const struct short_form others[] = {
	{ "bitt", "bitte" }, { "bidde", "bitte" }, { "bidte", "bitte" }, { "nich", "nicht" },
	{ "ned", "nicht" }, { "net", "nicht" }, { "vllt", "vielleicht" }, { "vlt", "vielleicht" },
	{ "mfg", "gruss" }, { "lg", "gruss" }, { "vg", "gruss" }, { "hab", "habe" }, { "nix", "nichts" },
	{ "nen", "einen" }, { "nem", "einem" }, { "ne", "eine" }, { "iwie", "irgendwie" },
	{ "iwann", "irgendwann" }, { "eig", "eigentlich" }, { "evtl", "eventuell" }, { "bzgl", "wegen" },
	{ "wg", "wegen" }, { "od", "oder" }, { "kp", "unsicher" }, { "heut", "heute" }, { "wieda", "wieder" },
	{ "svp", "please" }, { "stp", "merci" }, { "bjr", "bonjour" }, { "bsr", "bonsoir" },
	{ "slt", "salut" }, { "mrc", "merci" }, { "pq", "pourquoi" }, { "pk", "pourquoi" },
	{ "pcq", "parce" }, { "tjs", "toujours" }, { "tjrs", "toujours" }, { "qd", "quand" },
	{ "qqn", "quelquun" }, { "bcp", "beaucoup" }, { "auj", "aujourdhui" }, { "cmd", "commande" },
	{ "xq", "porque" }, { "xfa", "porfavor" }, { "porfa", "porfavor" }, { "tmb", "tambien" },
	{ "tb", "tambien" }, { "grax", "gracias" }, { "grac", "gracias" }, { "msj", "mensaje" },
	{ "vc", "voce" }, { "vcs", "voces" }, { "obg", "obrigado" }, { "obgd", "obrigado" },
	{ "blz", "beleza" }, { "qdo", "quando" }, { "qnd", "quando" }, { "hj", "hoje" }, { "msm", "mesmo" },
	{ "nn", "non" }, { "cmq", "comunque" }, { "xke", "perche" }, { "xche", "perche" },
	{ "grz", "grazie" }, { "qlcs", "qualcosa" }, { "qlc", "qualcuno" },
	{ "aub", "alstublieft" }, { "svpl", "alstublieft" }, { "mss", "misschien" }, { "idd", "inderdaad" },
	{ "wrm", "waarom" }, { "hlp", "help" },
};

static struct str
find(const struct short_form *list, size_t n, struct str w)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].from[0] == w.p[0] && str_eqz(w, list[i].from))
			return str_from(list[i].to);
	return STR_NONE;
}

struct str
slang_of(struct str w, bool is_english)
{
	struct str s = find(english, sizeof(english) / sizeof(english[0]), w);

	return s.n > 0 || is_english ? s : find(others, sizeof(others) / sizeof(others[0]), w);
}
