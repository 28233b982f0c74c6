#!/usr/bin/env python3
"""Two clerks out of reach ship the same bottles. Who comes back last is told what was taken before, by whom and for what, and
settles it one by one, in the middle of work: one comes out, one goes along on a supervisor's word, one is handed on."""
import goods
import stage
from goods import bottle

FIRST, SECOND, OPEN = "SO-7", "SO-8", "SO-9"
SAME = [bottle("W1", n) for n in (1, 2, 3)]
RIVAL = bottle("W1", 8)


def feed(lang):
    yield from goods.places(lang)
    yield from goods.bottles("W1", range(1, 12))
    yield goods.order(FIRST, "D-CD-01", [("WINE", 4)])
    yield goods.order(SECOND, "D-CQ-02", [("WINE", 4)])
    yield goods.order(OPEN, "D-CD-01", [("WINE", 2)])
    yield goods.order("SO-10", "D-CQ-02", [("WINE", 2)])


def begin(d, order):
    d.scan(order)
    d.see("to do")
    d.key("Enter")
    d.see("Ready")


def complete(d, order, loose):
    d.key("F4")
    d.see("Count what is on the truck")
    d.count(0, loose)
    d.see("Plate")
    d.key("F4")
    d.see(f"{order} is done")
    d.dismiss("What now?")


def ship(d, row, order, numbers):
    d.sign_in(row)
    d.see("What now?")
    begin(d, order)
    for n in numbers:
        d.scan(bottle("W1", n), "Right")
    complete(d, order, len(numbers))


def join(d, *words):
    d.key("3")
    d.see("Cut off")
    d.key("F2")
    d.see("Up to date")
    d.key("Escape")
    d.see("What now?", *words)


def take_out(d):
    """The list says which, the goods in the hand say that it is out."""
    d.key("F2")
    d.see("To settle: 3", "Booked: on the way to", "D-CD-01", "wang ·", f"handheld 1 · {FIRST}")
    d.scan(SAME[0])
    d.see("Is elsewhere", "1 Take it out", "2 Keep: supervisor", "3 Not mine")
    d.key("1")
    d.see("Take it out, set it aside", "Scan it")
    d.scan(SAME[1])
    d.see("Another one")
    d.scan(SAME[0])
    d.see("To settle: 2", "It is out")


def keep(d):
    d.scan(SAME[1])
    d.see("Is elsewhere")
    d.key("2")
    d.see("li")
    d.key("1")
    d.pin()
    d.see("To settle: 1", "li let it go")


def not_mine(d):
    d.scan(SAME[2])
    d.see("Is elsewhere")
    d.key("3")
    d.see("What now?", "Handed on")
    d.lacks("to settle")


def rivals(s, wang, zhao):
    """Both are loading still: the claim is wang's, who was heard first. zhao goes on, and settles it in between."""
    for d, order in ((wang, OPEN), (zhao, "SO-10")):
        begin(d, order)
        d.scan(RIVAL, "Right")
    wang.sync()
    zhao.sync()
    zhao.see("≠1 ←")
    zhao.scan(bottle("W1", 9), "Right")  # nothing stands in the way
    zhao.see("≠1 ←")
    zhao.key("F4")  # but it can't be completed with that
    zhao.see("Take out: 1 of 1")
    zhao.key("Escape")
    zhao.scan(RIVAL)  # nor is it right by being scanned again
    zhao.see("Not settled. Load it? Confirm", f"Not accepted: {OPEN} has it")
    zhao.key("F2")
    zhao.see("Scanned", "In another order")
    zhao.key("F2")
    zhao.see("Undone")
    zhao.key("Escape")
    zhao.see("≠1 ←")
    zhao.key("F4")  # the question is gone, what it stood for is not
    zhao.see("Take out: 1 of 1")
    zhao.key("Escape")
    zhao.see("≠1 ←")
    zhao.key("Left")
    zhao.see("To settle: 1", "Somebody else took it", OPEN)
    zhao.scan(RIVAL)
    zhao.see("Taken already")
    zhao.key("1")
    zhao.see("Take it out and bring", "Scan it")
    zhao.scan(RIVAL)
    zhao.see("It is out")
    zhao.lacks("≠")
    zhao.scan(bottle("W1", 10), "Right")
    complete(zhao, "SO-10", 2)
    wang.scan(bottle("W1", 11), "Right")
    complete(wang, OPEN, 2)


def story(s):
    wang, zhao = s.handheld("wang", online=False), s.handheld("zhao", online=False)
    ship(wang, 2, FIRST, (1, 2, 3, 4))
    ship(zhao, 3, SECOND, (1, 2, 3, 5))
    join(wang)
    join(zhao, "≠ 3 to settle")
    take_out(zhao)
    keep(zhao)
    not_mine(zhao)
    rivals(s, wang, zhao)
    zhao.sync()
    for d in (wang, zhao):
        d.key("5")
        d.see("Who works?")
        d.verify()
    s.equal(zhao.tallyman("--as", "li", "inbox"), "", "nothing is left to settle")
    check(s)


def check(s):
    conflicts = [{**row, **{name: (row["answer"] or {}).get(name) for name in ("what", "by", "supervisor")}}
                 for row in s.rows("conflicts")]
    s.same(conflicts, ["key", "kind", "device", "what", "by", "supervisor", "open"],
           [[SAME[0], "false-holder", 2, "take-out", "zhao", None, False],
            [SAME[1], "false-holder", 2, "keep", "zhao", "li", False],
            [SAME[2], "false-holder", 2, "not-mine", "zhao", None, True],
            [RIVAL, "lost-claim", 2, "take-out", "zhao", None, False]], "conflicts and answers")
    results = [row for row in s.rows("results") if row["no"] == SECOND]
    s.equal([[line["qty"] for line in row["lines"]] for row in results], [["1"], ["1"]], "what left, and what was kept")
    books = s.books()
    books.knows(SAME[0], holder="transit:party:D-CD-01")
    books.knows(SAME[1], holder="transit:party:D-CQ-02")
    books.knows(SAME[2], holder="transit:party:D-CD-01")
    books.knows(RIVAL, holder="transit:party:D-CD-01")


if __name__ == "__main__":
    stage.play("en", feed("en"), story)
