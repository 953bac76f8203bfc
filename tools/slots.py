# SPDX-License-Identifier: Apache-2.0
"""What the table makers share: text as C, and the open table by which src/text/word_slots.h finds a word."""


def c_string(s):
    return '"' + "".join(c if c.isascii() else "".join("\\%03o" % b for b in c.encode()) for c in s) + '"'


def fnv(word):
    h = 2166136261
    for b in word.encode():
        h = (h ^ b) * 16777619 & 0xffffffff
    return h


def slots(name, words):
    """words: [(word, index in the C table)], each word once."""
    size = 16
    while size < 2 * len(words):
        size *= 2
    v = [0] * size
    for w, i in words:
        h = fnv(w)
        at = h % size
        while v[at]:
            at = (at + 1) % size
        v[at] = h >> 16 << 16 | i + 1
        assert i < 65535
    lines = ["static const uint32_t %s_table[] = {" % name]
    for i in range(0, size, 12):
        lines.append("\t" + ", ".join("0x%xu" % x for x in v[i:i + 12]) + ",")
    lines += ["};", "static const struct word_slots %s = { %s_table, %d };" % (name, name, size - 1)]
    return "\n".join(lines) + "\n"
