#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws words of 41 languages as training text: a line is a language, a TAB, one to three words.

	words.py SOURCES WORDS.tsv DESK.tsv KNOWN.tsv UNKNOWN.tsv

A word that begins with ~ was made of letter frequencies: its borders mean nothing.  DESK.tsv has words of the
desk's seven languages: the word, how likely a text has it, and for each language how much rarer it is there than
where it is commonest, in steps of half a nat.  To choose by, pairs of words of five letters and more: KNOWN.tsv
of any that a short text has, UNKNOWN.tsv of the fiftieth of all words that WORDS.tsv never has, most of
them rare."""
import collections
import functools
import glob
import gzip
import json
import math
import os
import random
import re
import sys
import unicodedata
import zlib

import brotli
import msgpack

DESK = "en de fr es pt it nl".split()
LATIN = ("az ca cs da de en es et eu fi fr hr hu is it lt lv ms nl no pl pt ro sk sl sq sv tl tr vi yo").split()
SCRIPT = {"be": "CYRILLIC", "bg": "CYRILLIC", "ru": "CYRILLIC", "sr": "CYRILLIC", "uk": "CYRILLIC", "ar": "ARABIC",
          "fa": "ARABIC", "ur": "ARABIC", "hi": "DEVANAGARI", "mr": "DEVANAGARI"}
LISTED_AS = {"no": "nb", "tl": "fil", "hr": "sh", "sr": "sh"}
LETTERED_AS = {"no": ("nb", "nn")}
# Serbian is listed in Latin letters only.
CYRILLIC = [("dž", "џ"), ("lj", "љ"), ("nj", "њ")] + list(zip("abcčćdđefghijklmnoprsštuvzž", "абцчћдђефгхијклмнопрсштувзж"))
CEDILLAS = str.maketrans("șț", "şţ")  # half the Romanian texts have these
TEXT = 100000  # words of the text whose words are drawn, each at most once
KNOWN_TEXT, UNKNOWN_TEXT = 20000, 1000000
DESK_WORDS = 600000
FLOOR = 1e-9  # the frequency of a word that is not listed
STEP, STEPS = 0.5, 15
FLATTEN = 0.6  # exponent of a word's frequency in the other draw: the commonest would drown the rest
# Words of a language, by source; a desk's language counts three times.
RARE, COMMON, MADE, MADE_ONLY, TRANSLATED = 50000, 20000, 12000, 50000, 30000
LENGTHS = ((2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), (3, 5, 9, 12, 14, 14, 13, 11, 8, 6, 5))
PAIRS = 500
WORD = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f\u064b-\u0652\u0900-\u0903\u093a-\u094f])+")  # also marks, which \w is not
# The Marathi of a customer; the strings have little of it.
MARATHI = """मी मला माझा माझी माझे माझ्या आम्ही आम्हाला आमचा आमची तुम्ही तुम्हाला तुमचा तुमची तुमच्या तू तुला तुझा तो ती ते त्या त्याला
    तिला त्यांना त्यांचा हा ही हे ह्या या कोण कोणी काय कुठे कधी कसा कशी कसे का कशाला किती कोणता कोणती कोणते आहे आहेत आहोत आहात
    नाही नाहीत नको नका होता होती होते होतो झाला झाली झाले झालं असेल असते करा करू करतो करते करता केला केली केले करायचा करायचे
    मिळाला मिळाली मिळाले मिळेल मिळत येईल येतो येते आला आली आले गेला गेली गेले जातो पाहिजे हवा हवी हवे हवंय सांगा सांगाल बोला बोलायचे
    पाठवा पाठवला पाठवले द्या दिला दिली दिले घेतला घेतले परत आणि किंवा पण परंतु मध्ये वर खाली साठी साठीच पासून पर्यंत बरोबर शिवाय
    आज उद्या काल आता नंतर लवकर अजून पुन्हा खूप थोडा थोडे सर्व फक्त ऑर्डर पैसे खाते कार्ड पार्सल वस्तू किंमत दुकान दिवस आठवडा
    महिना नमस्कार धन्यवाद कृपया हो होय ठीक मदत समस्या बदल रद्द चुकीचा चुकीची तुटला तुटलेला खराब नवीन जुना""".split()


@functools.cache
def is_letter(script, c):
    return unicodedata.name(c, "?").startswith(script) or unicodedata.category(c)[0] == "M"


def is_word(lang, text):
    script = SCRIPT.get(lang, "LATIN")
    return len(text) > 1 and all(is_letter(script, c) for c in text)


def folded(text):
    """As src/text/tokens.h reads it."""
    return unicodedata.normalize("NFKC", text.casefold())


def held_out(word):
    return zlib.crc32(word.encode()) % 50 == 0


def listed(root, lang):
    """Words with their frequency, or none."""
    words = collections.Counter()
    for size in ("large", "small"):
        path = f"{root}/wordfreq/data/{size}_{LISTED_AS.get(lang, lang)}.msgpack.gz"
        if os.path.exists(path):
            for centibels, names in enumerate(msgpack.load(gzip.open(path), raw=False)[1:], 1):
                for w in names:
                    if lang == "sr":
                        for latin, letter in CYRILLIC:
                            w = w.replace(latin, letter)
                    if is_word(lang, w):
                        words[folded(w)] += 10 ** (-centibels / 100)
            break
    return words


def translated(root, lang):
    """Words of a program's translated strings, counted."""
    count = collections.Counter()
    for path in sorted(glob.glob(f"{root}/django/**/locale/{lang}/LC_MESSAGES/*.po", recursive=True)):
        for found in re.findall(r'msgstr(?:\[\d\])?((?:\s*"[^\n]*")+)', open(path, encoding="utf8").read()):
            text = re.sub(r'%\(\w+\)s|%s|<[^>]*>|\{[^}]*\}|\\n|"', " ", found)
            count.update(folded(w) for w in WORD.findall(text.lower()) if is_word(lang, w))
    if lang == "mr":
        count.update({w: 5 for w in map(folded, MARATHI)})
    return count


def lettered(root, lang, n):
    """n made-up words, letter after letter by their conditional frequencies."""
    orders = []
    for name in ("unigrams", "bigrams", "trigrams", "quadrigrams", "fivegrams"):
        path = f"{root}/lingua/language-models/{lang}/{name}.json.br"
        grams = {}
        for share, words in json.loads(brotli.decompress(open(path, "rb").read()))["ngrams"].items():
            above, below = share.split("/")
            for w in words.split():
                grams[w] = int(above) / int(below)
        orders.append(grams)
    joint, after = [orders[0]], {}
    for grams in orders[1:]:
        joint.append({w: f * joint[-1].get(w[:-1], 0) for w, f in grams.items()})
        for w, f in grams.items():
            choices = after.setdefault(w[:-1], ([], []))
            choices[0].append(w[-1])
            choices[1].append(f)
    starts = [iter(random.choices(list(j), [f ** 0.8 for f in j.values()], k=n)) for j in joint]
    for length in random.choices(*LENGTHS, k=n):
        word = next(starts[min(length, 5) - 1])
        while len(word) < length and (choices := after.get(word[-4:]) or after.get(word[-3:])):
            word += random.choices(*choices)[0]
        yield folded(word)


def is_likely(frequency, size):
    return 1 - math.exp(-size * frequency)


def draw(root, lang, words, count):
    times = 3 if lang in DESK else 1
    if words:
        out = random.choices(list(words), [is_likely(f, TEXT) for f in words.values()], k=times * RARE)
        out += random.choices(list(words), [f ** FLATTEN for f in words.values()], k=times * COMMON)
    elif count:
        out = random.choices(list(count), [f ** 0.5 for f in count.values()], k=TRANSLATED)
    else:
        out = []
    # Lingua's Devanagari has no vowel signs.
    sources = () if SCRIPT.get(lang) == "DEVANAGARI" else LETTERED_AS.get(lang, (lang,))
    for source in sources:
        n = times * MADE if words else MADE_ONLY
        out += ["~" + w for w in lettered(root, source, n // len(sources))]
    if lang == "ro":
        out = [w.translate(CEDILLAS) if random.random() < 0.5 else w for w in out]
    random.shuffle(out)
    return out


def lines_of(lang, words):
    i = 0
    while i < len(words):
        k = random.choice([1, 2, 2, 3])
        yield lang + "\t" + " ".join(words[i:i + k])
        i += k


def pairs_of(lang, weight):
    drawn = random.choices(list(weight), list(weight.values()), k=2 * PAIRS) if len(weight) > 100 else []
    for i in range(0, len(drawn), 2):
        yield f"{lang}\t{drawn[i]} {drawn[i + 1]}"


def desk_lines(of):
    """Of the desk's languages' words those that a text most likely has."""
    likely = collections.Counter()
    for words in of:
        for w, f in words.items():
            likely[w] += is_likely(f, TEXT)
    for w in sorted(likely, key=lambda w: (-likely[w], w))[:DESK_WORDS]:
        logs = [math.log(words.get(w, 0) + FLOOR) for words in of]
        steps = [min(round((max(logs) - x) / STEP), STEPS) for x in logs]
        yield "\t".join([w, f"{likely[w]:.6f}"] + [str(x) for x in steps])


def write(path, lines):
    with open(path, "w", encoding="utf8") as out:
        out.write("\n".join(lines) + "\n")


def main():
    random.seed(7)
    root, known, unknown, lines, desk = sys.argv[1], [], [], [], {}
    for lang in LATIN + list(SCRIPT):
        words, count = listed(root, lang), translated(root, lang)
        if lang in DESK:
            desk[lang] = words
        long = {w: f for w, f in words.items() if len(w) >= 5} or {w: 1 for w in count if len(w) >= 5}
        known += pairs_of(lang, {w: is_likely(f, KNOWN_TEXT) for w, f in long.items()})
        unknown += pairs_of(lang, {w: is_likely(f, UNKNOWN_TEXT) for w, f in long.items() if held_out(w)})
        words, count = ({w: f for w, f in d.items() if not held_out(w)} for d in (words, count))
        lines += lines_of(lang, draw(root, lang, words, count))
    random.shuffle(lines)
    for path, content in zip(sys.argv[2:6], (lines, desk_lines([desk[d] for d in DESK]), known, unknown)):
        write(path, content)


main()
