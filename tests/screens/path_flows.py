"""Every flow on the screens, by stick and without a server, so that numbers and dates are always the same. Each flow shows
what is its own: forms, packing, pairs, picks, bare codes, differences, a recall, practice."""
import make_flows
from make_feed import sscc
from make_flows import CUPS

FEEDS = make_flows.feed
PINNED_YEAR = 2026
PULLS = ["(00)069012349900000605"]

WINE = "]d20106901234990027"
RECALLED = "]d2010690123499002721W8201"
GOOD_WINE = "]d2010690123499002721W8101"
CASE = "]C100069012349900000201"
BEARINGS = ("]d2010690123499004121ZC1001", "]d2010690123499004121ZC1002", "]d2010690123499004121ZC1003")
BARE = ("]C0XJ-9912-77", "]C0XJ-9912-78")
BOX_A, BOX_B = ("]C1" + sscc(number).replace("(", "").replace(")", "") for number in (61, 62))


def scanned(code):
    """As a two-dimensional symbol sends it."""
    return "]d2" + code.replace("(", "").replace(")", "")


def sign_in(d, downs, pin):
    d.key(*["Down"] * downs, "Enter")
    d.pin(pin)
    d.see("1 ")


def begin(d, number):
    """From home: the flow of this row in the menu."""
    d.key("2")
    d.see("9 ")
    d.key(*["Down"] * (number - 1), "Enter")


def menus(d):
    d.shot("flows-home")
    d.key("2")
    d.sizes("begin")
    d.shot("begin")
    d.key("Escape")


def receipt(d):
    begin(d, 1)
    d.shot("receipt-form")
    d.key("F2")
    d.shot("receipt-from")
    d.key("Down", "Enter")
    d.shot("receipt-form-filled")
    d.key("F4")
    d.shot("receipt-ready")
    d.scan(BARE[0])
    d.shot("receipt-unknown")
    d.scan(WINE)
    d.shot("receipt-context")
    d.scan(BARE[1])
    d.shot("receipt-bound")
    d.scan(RECALLED)
    d.sizes("receipt-quarantine")
    d.shot("receipt-quarantine")
    d.key("Up")
    d.shot("receipt-bind")
    d.key("Down", "Enter")
    d.shot("receipt-bind-lot")
    d.key("Enter")
    d.shot("receipt-bind-done")
    d.key("Escape")
    d.shot("receipt-document")
    d.key("F4")
    d.shot("receipt-drop-asked")
    d.key("F4")
    d.shot("receipt-dropped")
    d.key("Escape")
    d.key("Escape")


def cold(d):
    """A flow that the feed alone has made."""
    d.key("2")
    d.see("冷链入库")
    d.key("End", "Enter")
    d.shot("cold-form")
    d.type("9")
    d.key("Enter")
    d.type("20261120")
    d.shot("cold-form-filled")
    d.key("Enter")
    d.shot("cold-limit")
    d.key("Escape")
    d.key("Up", "F3")
    d.shot("cold-minus")
    d.key("Down", "Enter")
    d.shot("cold-limit")
    d.key("Enter")
    d.pin("13572468")
    d.shot("cold-ready")
    d.scan(GOOD_WINE)
    d.shot("cold-scanned")
    d.key("F4")
    d.shot("cold-papers")
    d.key("Enter")
    d.shot("cold-papers-missing")
    d.key("2")
    d.shot("cold-papers-chosen")
    d.key("Enter")
    d.shot("cold-done")
    d.key("Enter")


def pack(d):
    begin(d, 2)
    d.shot("pack-form")
    d.key("F4")
    d.shot("pack-ready")
    d.scan(scanned(CUPS[0]))
    d.shot("pack-loose")
    d.scan(scanned(CUPS[1]))
    d.scan(scanned(CUPS[2]))
    d.shot("pack-full")
    d.scan(BOX_A)
    d.shot("pack-closed")
    d.scan(BOX_B)
    d.shot("pack-label-first")
    d.scan(scanned(CUPS[3]))
    d.sizes("pack-filling")
    d.shot("pack-filling")
    d.scan(scanned(CUPS[4]))
    d.scan(scanned(CUPS[5]))
    d.shot("pack-closed-itself")
    d.key("F4")
    d.shot("pack-done")
    d.key("Enter")


def replace(d):
    begin(d, 4)
    d.shot("pair-ready")
    d.scan(scanned(CUPS[6]))
    d.shot("pair-waits")
    d.key("F4")
    d.shot("pair-unpaired")
    d.scan(BEARINGS[2])
    d.shot("pair-other-product")
    d.scan(scanned(CUPS[9]))
    d.shot("pair-done")
    d.key("Escape", "Escape")


def count(d):
    begin(d, 7)
    d.shot("count-form")
    d.key("F2")
    d.shot("count-product")
    d.key("Enter")
    d.key("F4")
    d.shot("count-ready")
    d.scan(scanned(CUPS[0]))
    d.shot("count-one")
    d.key("F4")
    d.sizes("differences")
    d.shot("differences")
    d.key("F2")
    d.shot("count-one")
    d.key("F4")
    d.shot("differences")
    d.key("F4")
    d.shot("count-done")
    d.key("Enter")


def recall(d):
    begin(d, 8)
    d.shot("recall-form")
    d.key("F2")
    d.shot("recall-notice")
    d.key("Enter", "F4")
    d.shot("recall-ready")
    d.scan(RECALLED)
    d.shot("recall-found")
    d.scan(GOOD_WINE)
    d.shot("recall-other")
    d.key("Escape")
    d.shot("recall-document")
    d.key("F3")
    d.sizes("recall-where")
    d.shot("recall-where")
    d.key("Escape", "Escape")
    d.key("Escape")


def wave(d):
    """Two orders of one wave, pick by pick in the order of the bins; a damaged unit is exchanged."""
    d.key("1")
    d.shot("flows-documents")
    d.key("Down", "Down", "Down")
    d.shot("flows-documents-wave")
    d.key("Enter")
    d.sizes("wave")
    d.shot("wave")
    d.key("Enter")
    d.shot("wave-ready")
    d.scan(BEARINGS[0])
    d.shot("wave-first")
    d.scan(CASE)
    d.shot("wave-case")
    d.key("F2", "Down")
    d.shot("exchange")
    d.key("F4")
    d.shot("exchange-asked")
    d.key("F4")
    d.shot("exchange-done")
    d.key("Escape")
    d.scan(BEARINGS[0])
    d.shot("exchange-void")
    d.scan(BEARINGS[1])
    d.shot("exchange-other")
    d.key("Escape", "Escape")
    d.key("Escape")


def practice(d):
    d.key("4")
    d.shot("settings-practice")
    d.key("7")
    d.shot("practice-signin")
    sign_in(d, 1, "2468")
    d.shot("practice-home")
    d.key("1")
    d.see("SO-1")
    d.key("Enter")
    d.shot("practice-document")
    d.key("Enter")
    d.sizes("practice-scan")
    d.scan(BEARINGS[2])
    d.shot("practice-accept")
    d.key("Escape", "Escape", "Escape")
    d.shot("practice-home-again")
    d.key("4", "7")
    d.shot("practice-over")


def walk(d):
    d.see("Tallyman")
    sign_in(d, 1, "2468")
    menus(d)
    receipt(d)
    cold(d)
    pack(d)
    replace(d)
    count(d)
    recall(d)
    wave(d)
    practice(d)
