"""What the server did not accept: another device had these goods before, or still has. Listed, told, and settled one by one."""
import json

from make_feed import BEARING, SEAL, item
from path_changes import to_order
from path_flows import scanned

FEEDS = None  # the small world of make_feed
PINNED_YEAR = None
PULLS = ["]d2010690123499002721W8101"]

TAKEN = item("0" + BEARING, "ZC1001")
SHIPPED = [item("0" + SEAL, "B000%dC1" % n) for n in (1, 2)]


def other(world, *words, typed=None):
    return world.run("tallyman", "--data", "other", "--as", "wang", *words, typed=typed)


def before(world, url):
    """Another handheld has one bearing on the same order, and two seals on the next."""
    world.environment["TALLYMAN_PIN"] = "2468"
    world.enrol_at("other", "CDB", url)
    other(world, "scan", "SO-1", typed=scanned(TAKEN) + "\n")
    other(world, "sync")


def meanwhile(d):
    """Out of reach both scan the same."""
    to_order(d)
    for code in (TAKEN, *SHIPPED):
        d.scan(scanned(code))
        d.see("…" + code[-6:].split(")")[-1])
    for code in SHIPPED:
        other(d.world, "scan", "SO-2", typed=scanned(code) + "\n")
    other(d.world, "complete", "SO-2", "--short", "no-stock")
    other(d.world, "sync")


def heard(d):
    d.key("Escape", "Escape", "Escape")
    d.see("3 ")
    d.key("3")
    d.see("F2")
    d.key("F2")
    d.see("✔")
    d.key("Escape")
    d.world.run("tallyman", "--data", "data", "sync")  # what came out again is said, too
    d.shot("inbox-home")


def mark(d):
    d.key("1")
    d.see("SO-1")
    d.key("Enter")
    d.see("/4")
    d.key("Enter")
    d.see("≠")
    d.scan(PULLS[0])
    d.see("W8101")
    d.sizes("inbox-mark")
    d.key("Left")
    d.sizes("inbox")
    d.key("F1")
    d.shot("inbox-help")
    d.key("Escape")
    d.see("≠ …")
    d.scan(PULLS[0])
    d.shot("inbox-other-code")


def shipped(d):
    d.scan(scanned(SHIPPED[0]))
    d.sizes("settle")
    d.key("F1")
    d.shot("settle-help")
    d.key("Escape")
    d.see("3 ")
    d.key("1")
    d.sizes("settle-take-out")
    d.scan(scanned(SHIPPED[1]))
    d.shot("settle-another")
    d.scan(scanned(SHIPPED[0]))
    d.shot("settle-out")
    d.scan(scanned(SHIPPED[1]))
    d.see("3 ")
    d.key("2")
    d.shot("settle-keep-who")
    d.key("1")
    d.pin("13572468")
    d.shot("settle-kept")


def taken(d):
    d.key("Enter")
    d.sizes("settle-taken")
    d.key("1")
    d.shot("settle-taken-out")
    d.key("Escape")
    d.see("≠ …")
    d.key("Enter")
    d.see("3 ")
    d.key("3")
    d.see("0/4")
    d.world.run("tallyman", "--data", "data", "sync")
    d.shot("settle-handed-on")


def closed(d):
    """A manager closes what was handed on: its mark goes, and the list says who and why."""
    server = ("tallyman-server", "--db", "sqlite:server.db")
    rows = [json.loads(row) for row in d.world.run(*server, "conflicts").splitlines()]
    case = next(row["case"] for row in rows if row["key"].endswith("ZC1001"))
    d.world.run(*server, "resolve", str(case), "--reason", "客户已收货 / the customer has it", "--by", "Wei")
    d.world.run("tallyman", "--data", "data", "sync")
    d.shot("settle-closed")
    d.key("Escape", "Escape", "Escape")
    d.see("F2")
    d.shot("settle-news")
    d.key("F2")
    d.see("✓ …ZC1001")
    d.sizes("settle-closed-list")
    d.key("Enter")
    d.shot("settle-nothing-to-do")


def walk(d):
    meanwhile(d)
    heard(d)
    mark(d)
    shipped(d)
    taken(d)
    closed(d)
