#!/usr/bin/env python3
"""Prints app/domain/gs1_table.c from GS1's syntax dictionary: `tests/data/gs1_table.py DICTIONARY | clang-format-14`.

Run it again for a new release of the dictionary, then look at what changed: git diff app/domain/gs1_table.c
"""
import re
import sys

HEAD = '''/* Application identifiers, release {release} of the GS1 barcode syntax dictionary. Made by tests/data/gs1_table.py: a new
 * release is a new run of it. Read by gs1_ai_find() only. */
#include "app/domain/gs1_table.h"
#include <string.h>

const char GS1_RELEASE[] = "{release}";

/* ---- components: set, least, most, optional, linters ---- */

'''

TAIL = '''
/* How the bytes' beginning compares with a row's last identifier. A row is found where this first is not above it: no
 * identifier begins another one, and the table is in their order. */
static int compare(const struct gs1_ai *ai, const uint8_t *bytes, size_t len)
{
    size_t digits = strlen(ai->last);
    int order = memcmp(bytes, ai->last, len < digits ? len : digits);
    return order == 0 && len < digits ? -1 : order;
}

const struct gs1_ai *gs1_ai_find(const uint8_t *bytes, size_t len)
{
    size_t low = 0, high = sizeof AIS / sizeof AIS[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&AIS[middle], bytes, len) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == sizeof AIS / sizeof AIS[0])
        return NULL;
    size_t digits = strlen(AIS[low].first);
    if (len < digits || memcmp(bytes, AIS[low].first, digits) < 0)
        return NULL;
    for (size_t i = 0; i < digits; i++) /* "31:0" lies between "3100" and "3200", too */
        if (bytes[i] < '0' || bytes[i] > '9')
            return NULL;
    return &AIS[low];
}

size_t gs1_ai_count(void)
{
    return sizeof AIS / sizeof AIS[0];
}

const struct gs1_ai *gs1_ai_at(size_t i)
{
    return &AIS[i];
}
'''


def part_code(text):
    optional = text.startswith("[")
    text = text.replace("[", "").replace("]", "")
    form, *lints = text.split(",")
    kind, length = form[0], form[1:]
    least, most = ("1", length[2:]) if length.startswith("..") else (length, length)
    names = ", ".join("LINT_" + name.upper() for name in lints) or "0"
    return "{%s, %s, %s, %s, {%s}}" % ("GS1_SET_" + kind, least, most, "true" if optional else "false", names)


def parts_name(parts):
    return "PARTS_" + "_".join(re.sub(r"[^A-Z0-9]+", "_", part.upper().replace("..", "V").replace("[", "OR_")).strip("_")
                               for part in parts)


def quoted(text):
    return "NULL" if text is None else '"%s"' % text


def main():
    with open(sys.argv[1], encoding="utf-8") as text:
        lines = text.read().splitlines()
    release = next(line.split(":")[1].strip() for line in lines if line.startswith("# Release:"))
    known, rows = {}, []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split("#")[0].split()
        first, _, last = words[0].partition("-")
        flags = words[1] if re.fullmatch(r"[*?]+", words[1]) else ""
        rest = words[2:] if flags else words[1:]
        parts = [w for w in rest if re.match(r"^\[?[NXYZ](\d|\.\.)", w)]
        attributes = rest[len(parts):]
        needs = [w[4:] for w in attributes if w.startswith("req=")] + [None, None]
        never = next((w[3:] for w in attributes if w.startswith("ex=")), None)
        key = next((w[7:] for w in attributes if w.startswith("dlpkey")), None)
        name = parts_name(parts)
        known[name] = "static const struct gs1_part %s[] = {%s, {0}};" % (name, ", ".join(map(part_code, parts)))
        words = (["GS1_FIXED"] if "*" in flags else []) + (["GS1_ATTRIBUTE"] if "?" in flags else [])
        rows.append('    {"%s", "%s", %s, %s, {%s, %s}, %s, %s},' % (
            first, last or first, " | ".join(words) or "0", name, quoted(needs[0]), quoted(needs[1]), quoted(never),
            quoted(key)))
    print(HEAD.format(release=release) + "\n".join(known[name] for name in sorted(known)))
    print("\n/* ---- identifiers: first and last, flags, components, companions, exclusive, qualifiers of a key ---- */\n")
    print("static const struct gs1_ai AIS[] = {\n" + "\n".join(rows) + "\n};")
    print(TAIL, end="")


if __name__ == "__main__":
    main()
