#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws words of 41 languages as training text: a line is a language, a TAB, one to three words.
A word that begins with ~ was made of letter frequencies: its borders mean nothing."""
import collections
import glob
import gzip
import json
import os
import random
import re
import sys
import unicodedata
import zlib

import brotli
import msgpack

LATIN = ("az ca cs da de en es et eu fi fr hr hu is it lt lv ms nl no pl pt ro sk sl sq sv tl tr vi yo").split()
SCRIPT = {"be": "CYRILLIC", "bg": "CYRILLIC", "ru": "CYRILLIC", "sr": "CYRILLIC", "uk": "CYRILLIC", "ar": "ARABIC",
          "fa": "ARABIC", "ur": "ARABIC", "hi": "DEVANAGARI", "mr": "DEVANAGARI"}
LISTED_AS = {"no": "nb", "tl": "fil", "hr": "sh"}
LETTERED_AS = {"no": ("nb", "nn")}
WORDS = 70000  # of a language
FLATTEN = 0.6  # exponent of a word's frequency: the commonest would drown the rest
LENGTHS = ((2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), (3, 5, 9, 12, 14, 14, 13, 11, 8, 6, 5))


def is_word(lang, text):
    script = SCRIPT.get(lang, "LATIN")
    return len(text) > 1 and all(
        unicodedata.name(c, "?").startswith(script) or unicodedata.category(c)[0] == "M" for c in text)


def held_out(word):
    return zlib.crc32(word.encode()) % 10 == 0


def listed(root, lang):
    """Words with their frequency, or None."""
    for size in ("large", "small"):
        path = f"{root}/wordfreq/data/{size}_{LISTED_AS.get(lang, lang)}.msgpack.gz"
        if os.path.exists(path):
            bins = msgpack.load(gzip.open(path), raw=False)[1:]
            words = [(w, 10 ** (-centibels / 100)) for centibels, b in enumerate(bins, 1) for w in b]
            return dict([x for x in words if is_word(lang, x[0])][:60000])
    return None


def translated(root, lang):
    """Words of a program's translated strings, counted."""
    count = collections.Counter()
    for path in glob.glob(f"{root}/django/**/locale/{lang}/LC_MESSAGES/*.po", recursive=True):
        for found in re.findall(r'msgstr(?:\[\d\])?((?:\s*"[^\n]*")+)', open(path, encoding="utf8").read()):
            text = re.sub(r'%\(\w+\)s|%s|<[^>]*>|\{[^}]*\}|\\n|"', " ", found)
            count.update(w for w in re.findall(r"[^\W\d_]+", text.lower()) if is_word(lang, w))
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
    starts = [iter(random.choices(list(j), list(j.values()), k=n)) for j in joint]
    for length in random.choices(*LENGTHS, k=n):
        word = next(starts[min(length, 5) - 1])
        while len(word) < length and (choices := after.get(word[-4:]) or after.get(word[-3:])):
            word += random.choices(*choices)[0]
        yield word


def without_foreign(lists):
    """A word that is 20 times as frequent in another language is a guest in this one."""
    for lang, words in lists.items():
        yield lang, {w: f for w, f in words.items() if 20 * f >= max(o.get(w, 0) for o in lists.values())}


def draw(root, lang, words):
    made = [w for source in LETTERED_AS.get(lang, (lang,)) for w in lettered(root, source, WORDS)]
    random.shuffle(made)
    if words is not None:
        known = [w for w in words if not held_out(w)]
        out = random.choices(known, [words[w] ** FLATTEN for w in known], k=WORDS)
        out += ["~" + w for w in made[:WORDS // 4]]
    else:
        out = ["~" + w for w in made[:WORDS * 2 // 3]]
        count = translated(root, lang)
        if count:
            out += random.choices(list(count), [f ** 0.5 for f in count.values()], k=WORDS // 3)
    random.shuffle(out)
    return out


def main():
    random.seed(7)
    root = sys.argv[1]
    langs = LATIN + list(SCRIPT)
    lists = {lang: words for lang in langs if (words := listed(root, lang)) is not None}
    lists = dict(without_foreign(lists))
    lines = []
    for lang in langs:
        words, i = draw(root, lang, lists.get(lang)), 0
        while i < len(words):
            k = random.choice([1, 2, 2, 3])
            lines.append(lang + "\t" + " ".join(words[i:i + k]))
            i += k
    random.shuffle(lines)
    print("\n".join(lines))


main()
