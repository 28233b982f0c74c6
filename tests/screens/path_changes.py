"""Facts that change after the beep, with a server and the screens in the middle of an order: a recall, a new revision, a
recall withdrawn, a cancellation; and the lock after idling."""
FEEDS = None  # the small world of make_feed
PINNED_YEAR = None
AUTO = True
PULLS = ["]d2010690123499002721W8101"]

RECALLED = "]d2010690123499002721W8201"
WINES = ("]d2010690123499002721W8101", "]d2010690123499002721W8102")
BEARINGS = ("]d2010690123499004121ZC1001", "]d2010690123499004121ZC1002")


def order(**changes):
    return {"type": "document", "source": "erp", "doc": "out,1", **changes}


def to_order(d):
    """Signed in, the first order open."""
    d.see("Tallyman")
    d.key("Down", "Enter")
    d.pin("2468")
    d.see("5 ")
    d.key("1")
    d.see("SO-1")
    d.key("Enter")
    d.see("0/4")
    d.key("Enter")
    d.see("F2")


def to_scanning(d):
    to_order(d)
    for code in (*WINES, BEARINGS[0]):
        d.scan(code)
    d.see("ZC1001")
    d.scan(RECALLED)
    d.see("R-7")


def recalled(d):
    """A recall comes during loading: one is set aside, one goes back to its shelf."""
    d.world.tell({"type": "recall", "id": "R-8", "product": "WINE-05", "lots": ["W1"], "codes": [], "reason": "标签错误",
                  "action": "quarantine"})
    d.shot("changes-take-out")
    d.key("Down")
    d.sizes("recheck")
    d.key("F1")
    d.shot("recheck-help")
    d.key("Escape", "Down")
    d.shot("recheck-next")
    d.scan(WINES[1])
    d.shot("recheck-scanned")
    d.scan(BEARINGS[1])
    d.shot("recheck-other-code")
    d.key("F2")
    d.shot("recheck-aside")
    d.key("F4")
    d.shot("recheck-none")


def freed(d):
    d.world.tell({"type": "recall", "id": "R-7", "gone": True})
    d.shot("changes-free")
    d.scan(RECALLED)
    d.shot("changes-free-taken")


def revised(d):
    d.world.tell(order(lines=[{"line": "1", "product": "SKU-B200", "qty": "24"},
                              {"line": "2", "product": "WINE-05", "qty": "3"},
                              {"line": "4", "product": "SKU-A100", "qty": "1"}]))
    d.shot("changes-revised")


def locked(d):
    d.world.tell({"type": "policy", "site": "CDB", "registry": "strict", "lock_idle_s": 2})
    d.terminal.wait(lambda screen: "1/3" not in screen, "the lock")
    d.shot("lock")
    d.scan(BEARINGS[1])
    d.shot("lock-scan")
    d.pin("1111")
    d.sizes("lock-wrong")
    d.shot("lock-wrong")
    d.world.tell({"type": "policy", "site": "CDB", "registry": "strict", "lock_idle_s": 0})
    d.pin("2468")
    d.shot("lock-over")


def cancelled(d):
    d.world.tell(order(state="cancelled"))
    d.shot("changes-cancelled")
    d.key("Down")
    d.shot("changes-cancelled-recheck")


def walk(d):
    to_scanning(d)
    recalled(d)
    freed(d)
    revised(d)
    locked(d)
    cancelled(d)
