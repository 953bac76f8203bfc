/* SPDX-License-Identifier: Apache-2.0 */
/* strings.ts - what the widget says, by language.
 *
 * A new language is one more table here: the compiler names what it lacks.  {x} is
 * filled in; a plural is [one, other] (more forms: by Intl.PluralRules' names).
 */

const en = {
	title: "Support chat",
	loading: "Connecting…",
	close: "Close chat",
	ai: "AI",
	assistant: "Assistant",
	ai_message: "AI assistant",
	you: "You",
	person: "Person",
	role_person: "a person",
	disclosure: "An AI assistant answers here.",
	now_ai: "AI assistant now",
	people_until: "people until {time}",
	people_back: "people back {time}",
	person_coming: "A person is coming",
	talking_to: "You're talking to {name}",
	talk: "Talk to a person",
	is_here: "{name} is here",
	somebody: "Somebody",
	about_range: "about {low}–{high} min",
	about_one: "about {low} min",
	about_hours: "about {low}–{high} h",
	about_hour: "about {low} h",
	about_minute: "about a minute",
	back_at: "back {time}",
	asking: "Asking for a person…",
	asking_text: "Your message and everything before it goes along.",
	next_in_line: "You're next in line",
	place: "You're number {n} in line",
	in_line: "You're in line for a person",
	take: "{team} answers in {range}.",
	take_plain: "{team} will take it from here.",
	keep: "You can close this window: we keep your place.",
	desk: { one: "{n} person at the desk", other: "{n} people at the desk" },
	desk_empty: "Nobody is at the desk right now. A person answers as soon as somebody is back.",
	closed_title: "A person answers from {time}",
	closed_title_plain: "A person answers when we are open again",
	closed_text: "{team} is closed now. Your conversation waits there with everything you told us.",
	team: "Our team",
	email_instead: "E-mail me instead",
	email_label: "Your e-mail address",
	email_why: "A person will write to you there. The conversation stays here as well.",
	email_save: "Save",
	email_cancel: "Cancel",
	email_change: "Change",
	email_invalid: "Enter an address like name@example.org.",
	email_saving: "Saving…",
	email_stored: "A person will write to {email}.",
	email_line: "Answer goes to {email}",
	passed: "Passed to {team}",
	joined: "{name} joined",
	returned: "Back with the AI assistant",
	resolved: "Conversation closed",
	reopened: "Conversation opened again",
	resolved_hint: "Write here if anything is left.",
	message: "Message",
	message_hint: "Message…",
	message_add: "Add anything they should know…",
	write: "Write to us",
	send: "Send",
	left: { one: "{n} character left", other: "{n} characters left" },
	over: { one: "{n} character too long", other: "{n} characters too long" },
	sending: "Sending…",
	waiting: "Waiting for the network",
	sent: "Sent",
	failed: "Not sent.",
	retry: "Try again",
	source: "Source:",
	from_source: "{source}, {time}",
	just_now: "just now",
	new_tab: "opens in a new tab",
	step: "Step {n} of {of}",
	choices: "Suggested answers",
	typing_ai: "AI assistant is writing",
	typing: "{name} is writing",
	offline: "No connection. What you write is kept and sent when it is back.",
	online: "Connected again",
	missing_title: "This chat is not available",
	missing_text: "The address of the chat is not one we know. Please tell the shop.",
	error_title: "The chat cannot be reached",
	error_text: "We keep trying. Nothing you wrote is lost.",
	log: "Conversation",
	jump: "New messages",
};

type Plural = { [form in Intl.LDMLPluralRule]?: string } & { other: string };
export type Strings = { [key in keyof typeof en]: (typeof en)[key] extends string ? string : Plural };

/* Neither Du nor Sie: the shop chooses its own tone, this has to fit both. */
const de: Strings = {
	title: "Support-Chat",
	loading: "Verbinde…",
	close: "Chat schließen",
	ai: "KI",
	assistant: "Assistent",
	ai_message: "KI-Assistent",
	you: "Eigene Nachricht",
	person: "Mensch",
	role_person: "ein Mensch",
	disclosure: "Hier antwortet ein KI-Assistent.",
	now_ai: "Jetzt: KI-Assistent",
	people_until: "Menschen bis {time}",
	people_back: "Menschen ab {time}",
	person_coming: "Ein Mensch ist unterwegs",
	talking_to: "Im Gespräch mit {name}",
	talk: "Mit einem Menschen sprechen",
	is_here: "{name} ist da",
	somebody: "Jemand",
	about_range: "etwa {low}–{high} Min.",
	about_one: "etwa {low} Min.",
	about_hours: "etwa {low}–{high} Std.",
	about_hour: "etwa {low} Std.",
	about_minute: "etwa eine Minute",
	back_at: "ab {time}",
	asking: "Ein Mensch wird gerufen…",
	asking_text: "Die Nachricht und alles davor geht mit.",
	next_in_line: "Als Nächstes an der Reihe",
	place: "Nummer {n} in der Reihe",
	in_line: "In der Reihe für einen Menschen",
	take: "{team} antwortet in {range}.",
	take_plain: "{team} übernimmt.",
	keep: "Das Fenster kann zu: Der Platz bleibt.",
	desk: { one: "{n} Person am Platz", other: "{n} Personen am Platz" },
	desk_empty: "Gerade ist niemand am Platz. Ein Mensch antwortet, sobald jemand zurück ist.",
	closed_title: "Ein Mensch antwortet ab {time}",
	closed_title_plain: "Ein Mensch antwortet, sobald wir wieder da sind",
	closed_text: "{team} hat gerade geschlossen. Das Gespräch wartet dort, mit allem, was hier steht.",
	team: "Unser Team",
	email_instead: "Lieber per E-Mail",
	email_label: "E-Mail-Adresse",
	email_why: "Ein Mensch schreibt dorthin. Das Gespräch bleibt auch hier.",
	email_save: "Speichern",
	email_cancel: "Abbrechen",
	email_change: "Ändern",
	email_invalid: "Bitte eine Adresse wie name@example.org eingeben.",
	email_saving: "Speichere…",
	email_stored: "Ein Mensch schreibt an {email}.",
	email_line: "Antwort geht an {email}",
	passed: "Weitergegeben an {team}",
	joined: "{name} ist jetzt da",
	returned: "Wieder beim KI-Assistenten",
	resolved: "Gespräch beendet",
	reopened: "Gespräch wieder geöffnet",
	resolved_hint: "Ist noch etwas offen? Einfach hier schreiben.",
	message: "Nachricht",
	message_hint: "Nachricht…",
	message_add: "Was man noch wissen sollte…",
	write: "Nachricht schreiben",
	send: "Senden",
	left: { one: "noch {n} Zeichen", other: "noch {n} Zeichen" },
	over: { one: "{n} Zeichen zu lang", other: "{n} Zeichen zu lang" },
	sending: "Wird gesendet…",
	waiting: "Wartet auf das Netz",
	sent: "Gesendet",
	failed: "Nicht gesendet.",
	retry: "Erneut versuchen",
	source: "Quelle:",
	from_source: "{source}, {time}",
	just_now: "gerade eben",
	new_tab: "öffnet in neuem Tab",
	step: "Schritt {n} von {of}",
	choices: "Vorgeschlagene Antworten",
	typing_ai: "KI-Assistent schreibt",
	typing: "{name} schreibt",
	offline: "Keine Verbindung. Geschriebenes bleibt und wird gesendet, sobald sie wieder da ist.",
	online: "Wieder verbunden",
	missing_title: "Dieser Chat ist nicht verfügbar",
	missing_text: "Diese Adresse kennen wir nicht. Bitte dem Shop Bescheid sagen.",
	error_title: "Der Chat ist nicht erreichbar",
	error_text: "Wir versuchen es weiter. Nichts Geschriebenes geht verloren.",
	log: "Gespräch",
	jump: "Neue Nachrichten",
};

export const languages: Record<string, Strings> = { en, de };

export type Key = keyof Strings;
type Values = Record<string, string | number>;

export class Words {
	private readonly table: Strings;
	private readonly plural: Intl.PluralRules;
	readonly lang: string;

	constructor(lang: string) {
		const base = lang.slice(0, 2).toLowerCase();
		this.table = languages[base] ?? en;
		this.lang = languages[base] ? lang : "en";
		this.plural = new Intl.PluralRules(this.lang);
	}

	get(key: Key, values: Values = {}): string {
		const entry = this.table[key];
		const text = typeof entry === "string" ? entry
			: entry[this.plural.select(Number(values["n"] ?? 0))] ?? entry.other;
		return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
	}
}
