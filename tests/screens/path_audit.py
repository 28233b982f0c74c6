"""A visit of the market on the screens, by stick and without a server: the place, what each bottle is told to be, a double code, a
code that can't be read, a search, evidence, the report."""
import json
import os

import make_market
from make_market import AT_HOME, BOTH, GOOD, GTIN, HIDDEN, NOWHERE, OUT

FEEDS = make_market.feed
PINNED_YEAR = 2026
# RFC 8032, 7.1, the first test
SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PUBLIC_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
PULLS = ["(00)069012349900000605"]


def bottle(serial):
    return f"]d201{GTIN}21{serial}"


def pictures(d):
    """What the camera took before, the newest last; the clock of the files is pinned like the device's."""
    folder = os.path.join(d.world.folder, "DCIM")
    os.makedirs(folder)
    for n, name in enumerate(("front.jpg", "shelf.jpg", "code.jpg", "notes.txt")):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write("picture of " + name)
        at = 1795310000 + 60 * n  # 2026-11-22 in the morning
        os.utime(os.path.join(folder, name), (at, at))


def say_place(d, text):
    """What the receiver for satellites says."""
    with open(os.path.join(d.world.folder, "place"), "w", encoding="utf-8") as out:
        out.write(text)


def place(d):
    say_place(d, "no fix yet")
    d.key("2")
    d.see("1 ")
    d.shot("audit-begin")
    d.key("1")
    d.shot("audit-form")
    d.key("F4")
    d.shot("audit-form-missing")
    d.key("F2")
    d.sizes("region")
    d.key("1")
    d.shot("region-province")
    d.key("1")
    d.shot("region-city")
    d.scan("]C0nowhere")
    d.shot("region-unknown")
    d.key("Escape")
    d.shot("region-province")
    d.key("Enter", "Enter")
    d.shot("audit-form-place")
    d.key("Up")
    d.scan("]Q3party:R-LW")
    d.shot("audit-form-shop")
    d.key("Down")
    d.scan("]Q391510104MA6CXXXX0A")
    d.sizes("audit-form-filled")
    say_place(d, "30.65712 104.06543 7.3")
    d.see("±8m")
    d.shot("audit-form-position")
    d.key("F4")
    d.sizes("audit-ready")


def findings(d):
    d.scan(bottle(GOOD))
    d.shot("audit-in-region")
    d.scan(bottle(OUT))
    d.sizes("audit-out-of-region")
    d.scan(bottle(BOTH))
    d.sizes("audit-several")
    d.scan(bottle(AT_HOME))
    d.shot("audit-no-record")
    d.scan(bottle(NOWHERE))
    d.shot("audit-no-territory")
    d.scan(bottle("Z99999"))
    d.shot("audit-unregistered")
    d.scan("]C0WHO-KNOWS")
    d.shot("audit-unknown")
    d.scan("]d201" + GTIN[:-1] + "921A1")
    d.shot("audit-malformed")


def double(d):
    d.scan(bottle(OUT))
    d.sizes("audit-double")
    d.scan(bottle("A10002"))
    d.shot("audit-double-passed")
    d.key("F2")
    d.shot("audit-scans")
    d.key("Escape")
    d.scan(bottle(OUT))
    d.shot("audit-double-again")
    d.wait_guard()
    d.key("F3")
    d.shot("audit-cloned")


def unreadable(d):
    d.key("Up")
    d.sizes("visit")
    d.key("2")
    d.shot("defaced")
    d.scan(f"]E0{GTIN[1:]}")
    d.shot("defaced-product")
    d.key("F2")
    d.shot("defaced-lots")
    d.key("1")
    d.shot("defaced-lot")
    d.key("F3")
    d.sizes("holders")
    d.key("Escape")
    d.type("0830")
    d.key("F4")
    d.shot("defaced-done")


def search(d):
    d.key("Up", "3")
    d.shot("search")
    d.key("F2")
    d.key("1")
    d.see("WINE-05")
    d.key("Down")
    d.type("1000")
    d.shot("search-part")
    d.key("F4")
    d.sizes("found")
    d.key("Enter")
    d.sizes("about-found")
    d.key("Escape", "Escape", "Escape")
    d.key("3")
    d.key("Down", "Down")
    d.scan("]C0" + HIDDEN)
    d.shot("search-alias")
    d.key("F4")
    d.shot("found-alias")
    d.key("Escape", "Escape")
    d.key("4")
    d.shot("about-last")
    d.key("Escape", "Escape")


def evidence(d):
    d.scan(bottle("A10003"))
    d.shot("audit-a-last-one")
    d.key("Up", "1")
    d.shot("evidence-none")
    d.key("1")
    d.sizes("photos")
    d.key("3")
    d.shot("evidence-taken")
    d.key("4")
    d.shot("photos-of-a-code")
    d.key("1")
    d.sizes("evidence")
    d.key("Escape")


def enrol(d):
    """As if a server had: the key of the device is all that a signature needs."""
    with open(os.path.join(d.world.folder, "data", "identity"), "w", encoding="utf-8") as out:
        json.dump({"enrolled": True, "device": 3, "url": "http://127.0.0.1:1", "site": "CDB", "pins": ["", ""],
                   "public_key": PUBLIC_KEY, "secret_key": SEED + PUBLIC_KEY}, out)


def finish(d):
    d.key("5")
    d.sizes("report")
    d.key("Right")
    d.shot("report-next-page")
    d.key("F3")
    d.shot("report-not-enrolled")
    enrol(d)
    d.key("F3")
    d.shot("report-saved")
    said = d.world.run("tallyman", "--data", "data", "report", "--verify", "DCIM/AU-0-2.report", "--folder", "DCIM")
    d.check("report-verifies", said == f"ok\t{PUBLIC_KEY}\tthis-device\tpictures-looked-at\t2\n", said)
    d.key("Escape", "Escape")
    d.key("F4")
    d.shot("audit-papers")
    d.type("24")
    d.key("Enter")
    d.type("588")
    d.key("Enter", "Down")
    d.key("2")
    d.shot("audit-papers-refused")
    d.key("F4")
    d.shot("audit-done")
    d.key("Enter")
    d.shot("audit-home")
    d.key("1")
    d.shot("audit-documents")
    d.key("Enter")
    d.shot("audit-document")
    d.key("Enter")
    d.shot("report-of-a-visit-that-is-over")
    d.key("Escape", "Escape", "Escape")
    d.key("4")
    d.shot("settings-auditor")
    d.key("7")
    d.shot("settings-photos")


def walk(d):
    d.see("Tallyman")
    pictures(d)
    d.key("1")
    d.pin("2468")
    d.see("1 ")
    place(d)
    findings(d)
    double(d)
    unreadable(d)
    search(d)
    evidence(d)
    finish(d)
