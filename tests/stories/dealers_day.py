#!/usr/bin/env python3
"""A dealer's day without a net: a shipment that is one bottle short, ten sold to people, a shop and a sub-dealer, one that comes
back and one that another dealer had sold, and a second truck that the books know nothing of yet. In the evening dealer and
warehouse come back, the dealer first; then all books say the same, and the missing bottle is still on its way."""
import goods
import stage
from goods import bottle, line, sscc

ME, OTHER, SHOP, SUB = "D-CD-01", "D-CQ-02", "R-JJ-03", "S-PD-01"
CASE, MISSING = sscc(30), bottle("W1", 10)
CAME = [bottle("W1", n) for n in range(1, 10)]
CASED = [bottle("W1", n) for n in range(101, 113)]
LATE = [bottle("W2", n) for n in range(1, 4)]
PEOPLE, FOR_SHOP, FOR_SUB = [*CAME[:4], *CASED[:3]], CAME[4:6], CAME[6:7]
BACK, FOREIGN = bottle("W1", 51), bottle("W2", 77)
TRUCK = "SO-2"


def feed(lang):
    yield from goods.places(lang)
    yield line("party", id=SHOP, name="Jinjiang Wines", kind="retailer", parent=ME)
    yield line("party", id=SUB, name="Pidu Sales", kind="sub-dealer", parent=ME)
    yield line("site", id="DS1", name="Rongcheng shop", kind="dealer", party=ME)
    yield line("site", id="DSQ", name="Cage", kind="quarantine", party=ME)
    yield line("policy", site="DS1", registry="strict", quarantine="DSQ")
    yield line("operator", id="chen", name="chen", role="dealer", site="DS1", pin_hash=goods.rig.PIN_HASH)
    yield from goods.bottles("W1", range(1, 11), holder=f"transit:party:{ME}")
    yield line("code", code=CASE, product="WINE", lot="W1", level=1, holder=f"transit:party:{ME}")
    yield from goods.bottles("W1", range(101, 113), holder=f"transit:party:{ME}", in_=CASE)
    yield from goods.bottles("W2", range(1, 4))
    yield from goods.bottles("W1", [51], holder=f"party:{SHOP}")
    yield from goods.bottles("W2", [77], holder=f"party:{OTHER}")
    yield goods.order(TRUCK, ME, [("WINE", 3)])


def done(d, no_papers=False):
    if not no_papers:
        d.see("For the papers")
        d.key("F4")
    d.see("is done")


def home(d):
    d.dismiss("What now?")


def short_shipment(d):
    d.start("Dealer: in")
    d.see("Ready: what has come", "0/1")
    d.scan(CASE, "Right", "×12")
    for key in CAME:
        d.scan(key, "Right")
    d.key("F4")
    d.see("Less came than was sent", "−1", "W1")
    d.key("1")
    done(d)
    d.see("−1", "This is told")
    home(d)


def sales(d):
    for to, keys in (("A consumer", PEOPLE), ("Jinjiang", FOR_SHOP), ("Pidu", FOR_SUB)):
        d.start("Dealer: out")
        d.see("To  A consumer")
        d.choose(to)
        d.key("F4")
        d.see("Ready: what goes out", to)
        for key in keys:
            d.scan(key, "Right")
        if to == "A consumer":
            d.scan(FOREIGN, "Unknown serial")
            d.key("Down")
            d.see("Rejected: 1")
            d.scan(FOREIGN)
            d.see("All rejects are set aside")
        d.key("F4")
        done(d)
        home(d)


def returns(d):
    d.start("Return")
    d.see("From")
    d.choose("Jinjiang")
    d.key("F4")
    d.see("Ready: what came back")
    d.scan(BACK, "Right")
    d.scan(FOREIGN, "Not yours", "quarantine", "another")
    d.key("F4")
    done(d)
    home(d)


def second_truck(d):
    """Nobody has told of these yet; of the first shipment one is still to come."""
    d.start("Dealer: in")
    d.see("Ready: what has come", "0/1")
    for key in LATE:
        d.scan(key, "Provisional", "not have it yet")
    d.key("F4")
    d.see("Less came than was sent", "−1", "+3")
    d.key("1")
    done(d)
    d.see("+3")
    home(d)


def on_hand(d, *rows):
    d.key("3")
    d.see("Stock on hand", *rows)
    d.key("Escape")
    d.see("What now?")


def load_truck(f):
    """What the warehouse did in the morning, also out of reach."""
    f.sign_in(2)
    f.see("What now?")
    f.scan(TRUCK)
    f.see("Rongcheng Trade", "to do")
    f.key("Enter")
    f.see("Ready")
    for key in LATE:
        f.scan(key, "Right")
    f.key("F4")
    f.see("Without looking")
    f.count(0, 3)
    f.see("Plate")
    f.key("F4")
    f.see("is done")
    f.dismiss("What now?")


def join(d, row):
    d.key(row)
    d.see("Cut off")
    d.key("F2")
    d.see("Up to date")
    d.key("Escape")
    d.see("What now?")


def result_of(s, no):
    found = [row for row in s.rows("results") if row["no"] == no]
    s.equal(len(found), 1, f"results of {no}")
    return found[0]


def moved(result):
    """What it moved, by product and lot: quantity and codes, on lines or not."""
    return sorted([row.get("lot") or "", row["qty"], sorted(row["codes"])]
                  for row in (*result["lines"], *result.get("extra", [])) if row["codes"])


def check_results(s):
    """Each document of the day, once, to the code."""
    first, second = (row for row in s.rows("results") if row["flow"] == "dealer-in")
    s.equal([first["close"], moved(first)], ["short", [["W1", "21", sorted([CASE, *CAME])]]], "the first truck")
    s.equal([row["short_reason"] for row in first["lines"]], ["missing"], "why it was short")
    s.same(first["missing"], ["product", "lot", "qty"], [["WINE", "W1", "1"]], "what was missing")
    s.equal([second["close"], moved(second)], ["short", [["", "3", LATE]]], "the second truck")
    s.equal(second["provisional"], LATE, "before the books knew")
    s.same(second["missing"], ["product", "lot", "qty"], [["WINE", "W1", "1"]], "what was missing still")
    sold = [[row["to"], row["close"], moved(row)] for row in s.rows("results") if row["flow"] == "dealer-out"]
    s.equal(sold, [["sold", "complete", [["W1", "7", sorted(PEOPLE)]]],
                   [f"party:{SHOP}", "complete", [["W1", "2", FOR_SHOP]]],
                   [f"party:{SUB}", "complete", [["W1", "1", FOR_SUB]]]], "ten sold")
    back = [row for row in s.rows("results") if row["flow"] == "return"]
    s.equal([moved(row) for row in back], [[["", "1", [FOREIGN]], ["W1", "1", [BACK]]]], "what came back")
    s.same(back[0]["apart"], ["code", "to"], [[FOREIGN, "site:DSQ"]], "what is kept apart")


def waiting(s, state):
    s.same(s.rows("provisional"), ["key", "state"], [[key, state] for key in LATE], "what waits for the books")


def check_books(s, d):
    """The server's, by a device that has nothing else, and the dealer's own."""
    warehouse = s.books()
    for key in (CASE, *CASED[3:], *CAME[7:], *LATE):
        for who in (d, warehouse):
            who.knows(key, holder="site:DS1", state="active")
    for keys, holder in ((PEOPLE, "sold"), (FOR_SHOP, f"party:{SHOP}"), (FOR_SUB, f"party:{SUB}"),
                         ([MISSING], f"transit:party:{ME}"), ([FOREIGN], "site:DSQ")):
        for key in keys:
            for who in (d, warehouse):
                who.knows(key, holder=holder, parent="")
    for who in (d, warehouse):
        who.knows(BACK, holder="site:DS1", state="returned")
        who.knows(CASE, children=CASED[3:])


def trace(d, key, *words):
    """On the screens: at once what is known here, then the server's chain."""
    d.scan(key)
    d.see("What is this?", *words)
    d.key("Escape")
    d.see("What now?")


def evening(s, d, f):
    """The dealer is back first: what the books have with the warehouse waits. The warehouse's records settle it."""
    join(d, "4")
    records = s.rows("records")
    s.same([r for r in records if r["outcome"] != "accepted"], ["kind", "outcome", "word", "key"],
           [["scan", "held", "provisional", key] for key in LATE], "all other records hold")
    waiting(s, "open")
    trace(d, LATE[0], "Known here", "DS1")
    join(f, "3")
    waiting(s, "agreed")
    d.sync()
    flows = {row["no"]: row["flow"] for row in s.rows("results")}
    s.equal([[flows[row["no"]], row["server_findings"]] for row in s.rows("findings")],
            [["dealer-in", ["missing"]], ["return", ["wrong-holder"]], ["dealer-in", ["missing", "extra"]]],
            "what people are told")
    check_results(s)
    s.equal(result_of(s, TRUCK)["close"], "complete", "the warehouse's own order")
    trace(d, PEOPLE[0], "sold", "D-CD-01 → DS1 → sold")
    on_hand(d, "W1", "1case ←1", "W2", "3")


def story(s):
    d, f = s.handheld("dealer", online=False, site="DS1"), s.handheld("warehouse", online=False)
    d.who = "chen"
    load_truck(f)
    d.sign_in(1)
    d.see("What now?", "Stock on hand")
    on_hand(d, "W1", "0 ←1case+10")
    short_shipment(d)
    on_hand(d, "W1", "1case+9 ←1")
    sales(d)
    on_hand(d, "W1", "11 ←1")
    returns(d)
    second_truck(d)
    on_hand(d, "W1", "1case ←1", "3")
    evening(s, d, f)
    for who, row in ((d, "6"), (f, "5")):
        who.key(row)
        who.see("Who works?")
        who.verify()
    d.sync()
    check_books(s, d)


if __name__ == "__main__":
    stage.play("en", feed("en"), story)
