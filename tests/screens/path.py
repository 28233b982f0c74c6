"""What a clerk does in a morning, step by step; every named step is a golden screen."""
import re
import time

FEEDS = None  # the small world of make_feed
PINNED_YEAR = None  # with a server, by the real clock

# What F9 pulls from the simulated scanner, in this order.
PULLS = ["]C100069012349900000201", "XJ-9912-77"]

PALLET = "]C100069012349900000010"
INSIDE = "]d2010690123499001021A101C0"
CASE = "]C100069012349900000218"
OUT_OF_CASE = "]d2010690123499001021A601C5"
LOOSE = ("]d2010690123499001021B0001C1", "]d2010690123499001021B0002C1")
RECALLED = "]d2010690123499002721W8201"
YOUNGER_WINE = "(01)06901234990027(21)W8301"
BOLTS = "]E06901234990034"
MISREAD = "]E06901234990035"
BEARING = "]d2010690123499004121ZC1003"
BEARING_ELSEWHERE = "]d2010690123499004121ZC1004"


def sign_in(d):
    d.shot("signin")
    d.key("F1")
    d.shot("signin-help")
    d.key("Escape")
    d.scan(RECALLED)
    d.shot("signin-first")
    d.key("Down", "Enter")
    d.pin("1111")
    d.shot("pin-wrong")
    d.pin("2468")
    d.shot("home")


def choose(d):
    d.key("1")
    d.shot("documents")
    d.key("Down")
    d.shot("documents-second")
    d.key("Down", "Enter")
    d.shot("document-cancelled")
    d.key("Enter")
    d.shot("document-closed")
    d.key("Escape", "Up", "Up", "Enter")
    d.shot("document")
    d.key("Enter")
    d.shot("scan-ready")


def scan(d):
    d.scan(PALLET)
    d.shot("accept-pallet")
    d.scan(INSIDE)
    d.shot("reject-duplicate")
    d.key("F9")
    d.shot("accept-line-full")
    d.scan(RECALLED)
    d.shot("reject-recalled")
    d.key("Enter")
    d.shot("reject-recalled")  # Enter dismisses nothing
    d.sizes("reject-recalled")
    d.burst(YOUNGER_WINE)
    d.shot("warn-older-first")
    d.key("F9")
    d.shot("reject-unknown")
    d.scan(BEARING_ELSEWHERE)
    d.shot("reject-wrong-holder")
    d.scan(CASE)
    d.shot("reject-over-quantity")
    d.scan(MISREAD)
    d.shot("reject-malformed")
    d.type("AB-12")
    d.shot("typed-by-hand")
    d.key("Escape")
    d.shot("reject-malformed")
    d.key("F1")
    d.shot("scan-help")
    d.key("Escape")
    d.shot("reject-malformed")


def storm(d):
    """Through the screens at sizes where nothing fits: nothing is lost, and the screen is whole again afterwards."""
    for width, height in ((10, 5), (4, 3), (1, 1), (2, 24), (200, 2), (200, 60), (20, 16)):
        d.terminal.resize(width, height)
        for name in ("F1", "Escape", "F2", "Escape", "F3", "5", "Escape", "F4", "Down", "F3", "Escape", "Escape"):
            d.terminal.key(name)
    d.terminal.resize(30, 20)
    d.shot("reject-malformed")


def quantity_and_undo(d):
    d.key("F3")
    d.type("150")
    d.shot("quantity")
    d.key("Enter")
    d.shot("quantity-next")
    d.scan(BOLTS)
    d.shot("accept-quantity")
    d.key("F2")
    d.shot("tallies")
    d.key("F2")
    d.shot("tallies-undone")
    d.key("Escape")
    d.shot("scan-after-undo")


def rejects(d):
    d.key("F4")
    d.shot("latches")
    d.scan(LOOSE[0])
    d.shot("latches-other-code")
    d.scan(RECALLED)
    d.shot("latches-scanned")
    d.key("F2")
    d.shot("latches-by-key")
    d.key("F3")
    d.shot("supervisor")
    d.key("Enter")
    d.pin("13572468")
    d.shot("latches-overruled")
    d.key("F2")
    d.shot("latches-none")


def complete_short(d):
    d.key("F4")
    d.shot("short-why")
    d.key("Down", "Enter")
    d.shot("count")
    d.type("9")
    d.key("Enter")
    d.type("0")
    d.key("Enter")
    d.shot("header")
    d.type("88")
    d.key("Enter")
    d.scan("SEAL-20417")
    d.shot("header-filled")
    d.key("Enter")
    d.shot("count-mismatch")
    d.type("2")
    d.key("Enter")
    d.type("2")
    d.shot("count-again")
    d.key("Enter")
    d.shot("done-short")
    d.key("Enter")
    d.shot("home-after-short")


def failing_disk(d):
    d.world.break_disk()
    d.scan(OUT_OF_CASE)
    d.shot("not-saved")
    d.world.mend_disk()
    d.scan(OUT_OF_CASE)
    d.shot("saved-again")


def question(d):
    """A confirm: neither Enter nor a scan answers it."""
    d.scan(CASE)
    d.shot("confirm-partial")
    d.key("Enter")
    d.shot("confirm-partial")
    d.scan(LOOSE[0])
    d.shot("confirm-waits")
    end = time.monotonic() + 20
    while re.search("F3.*…", d.terminal.screen()) and time.monotonic() < end:
        d.key("F3")  # ignored for a moment after a verdict: a key on its way down is no answer
        time.sleep(0.15)
    d.shot("confirmed")
    d.scan(LOOSE[1])
    d.shot("accept-loose")


def complete_whole(d):
    d.scan("SO-2")
    d.shot("document-by-scan")
    failing_disk(d)
    question(d)
    d.scan(BEARING)
    d.shot("order-full")
    d.key("F4")
    d.shot("count-whole")
    d.type("7")
    d.scan(BEARING)
    d.shot("count-scanned")  # judged and told; what was typed is still there
    d.key("Enter")
    d.type("7")
    d.key("Enter")
    d.shot("header-whole")
    d.key("F4")
    d.shot("count-mismatch-whole")
    d.key("F3")
    d.shot("supervisor-count")
    d.key("Escape")
    d.shot("count-mismatch-whole")
    d.type("1")
    d.key("Enter")
    d.type("4")
    d.key("Enter")
    d.shot("done-whole")
    d.key("Enter")
    d.shot("home-after-whole")


def look_up(d):
    d.scan(RECALLED)
    d.shot("trace-recalled")
    d.scan(PALLET)
    d.shot("trace-pallet")
    d.burst("XJ-9912-77")
    d.shot("trace-unknown")
    d.key("Escape")


def sync(d):
    d.key("3")
    d.shot("sync-cut-off")
    d.key("F3")
    d.shot("sync-cut-off-now")
    d.key("F2")
    d.shot("sync-done")
    d.key("F2")
    d.shot("sync-cut-again")
    d.key("Escape")


def settings(d):
    d.key("4")
    d.shot("settings")
    d.key("5")
    d.shot("settings-speed")
    d.key("1")
    d.shot("settings-language")
    d.key("1")
    d.shot("settings-speed")
    d.key("Escape")


def unplug(d):
    d.world.unplug()
    d.shot("scanner-gone")
    d.world.plug()
    d.shot("home-at-the-end")


def walk(d):
    sign_in(d)
    choose(d)
    scan(d)
    storm(d)
    quantity_and_undo(d)
    rejects(d)
    complete_short(d)
    complete_whole(d)
    look_up(d)
    sync(d)
    settings(d)
    unplug(d)
    d.key("5")
    d.shot("signed-out")
    d.key("F4")
    d.terminal.wait(lambda screen: d.terminal.ended() is not None, "the end of the program")
    d.check("exit", d.terminal.ended() == 0, f"exit status {d.terminal.ended()}")
    d.check("journal", "ok" in d.world.run("tallyman", "--data", "data", "journal", "verify"), "journal verify")
