"""The interactive demo's path: the same orders, the same scans in the same order, each pulled with F9, and both orders
completed; every verdict is a golden screen, named after what tests/data/verdicts.tsv expects."""
import os
import re
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FEEDS = ["tests/data/orders.ndjson", "tests/data/packed.ndjson"]
PINNED_YEAR = 2026

# What stands on the truck at the end: whole units, and loose ones (a box that is told without a level is loose too).
COUNTED = {"SO-1": ("3", "18.5"), "SO-2": ("5", "12.5")}


def rows():
    """(document, scan, reason, severity, what the clerk does then) of each line."""
    with open(os.path.join(ROOT, "tests/data/verdicts.tsv"), encoding="utf-8") as table:
        for line in table:
            cells = line.rstrip("\n").split("\t")
            if not line.startswith("#") and len(cells) >= 5:
                yield cells[:5]


PULLS = [row[1] for row in rows()]


def undo(d, name):
    d.key("F2")
    d.shot(name + "-list")
    d.key("F2")
    d.shot(name + "-undone")
    d.key("Escape")


def confirm(d, name):
    end = time.monotonic() + 20
    while re.search("F3.*…", d.terminal.screen()) and time.monotonic() < end:
        d.key("F3")  # ignored for a moment after a verdict
        time.sleep(0.15)
    d.shot(name + "-confirmed")


def set_aside(d, document):
    d.key("F4")
    d.shot(f"demo-{document}-rejects")
    left = int(re.search(r"(\d+)", d.terminal.screen().split("\n")[0]).group(1))
    for n in range(left - 1, 0, -1):
        d.key("F2")
        d.terminal.wait(lambda screen, n=n: re.search(rf"\D{n}\D", screen.split("\n")[0]), f"{n} rejects left")
    d.key("F2")
    d.shot(f"demo-{document}-all-aside")


def complete(d, document):
    if any(row[0] == document and row[3] == "reject" for row in rows()):
        set_aside(d, document)
    d.key("F4")
    d.shot(f"demo-{document}-count")
    cases, loose = COUNTED[document]
    d.type(cases)
    d.key("Enter")
    d.type(loose)
    d.key("Enter")
    d.shot(f"demo-{document}-header")
    d.key("F4")
    d.shot(f"demo-{document}-done")
    d.key("Enter")


def open_document(d, document, before):
    if before:
        d.key("Escape", "Escape")
        d.shot(f"demo-{before}-left")
    d.scan(document)  # the number on its paper
    d.shot(f"demo-{document}")
    d.key("Enter")
    d.shot(f"demo-{document}-ready")
    return document


def walk(d):
    d.shot("demo-signin")
    d.key("Down", "Enter")
    d.pin("2468")
    d.shot("demo-home")
    document = None
    for number, (doc, _, reason, severity, then) in enumerate(rows(), 1):
        if doc != document:
            document = open_document(d, doc, document)
        name = f"demo-{number:02}-{reason}-{severity}"
        d.key("F9")
        d.shot(name)
        if then == "undo":
            undo(d, name)
        elif then == "confirm":
            confirm(d, name)
    complete(d, document)
    d.scan("SO-1")
    d.shot("demo-SO-1-again")
    d.key("Enter")
    d.shot("demo-SO-1-again-ready")
    complete(d, "SO-1")
    d.shot("demo-end")
