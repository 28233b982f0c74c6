"""The packages on a clean Debian: installed as an admin does it, switched off, switched on, and the first scan is in the
journal without an admin's hand. The clerk's hand is there: a PIN says who scans. The console shows Chinese; the screens
go on after a sleep, and come back when they end, and when they hang."""
import datetime
import os
import shutil

import asleep
import handheld
import picture
import stand

KEPT = os.path.join(stand.rig.BUILD, "rig")     # the picture
PIN_KEYS = list(stand.rig.PIN)
BACK_S = 300
SIGN_IN = ((2, 1, "谁来作业？"), (4, 3, "王芳"), (4, 23, "仓管员"), (18, 2, "帮助"), (18, 12, "选择"), (18, 19, "同步"),
           (18, 26, "退出"))


def feed():
    lines = [one for one in stand.rig.base_feed() if '"li"' not in one]
    lines = [one.replace("Seal kit", "泵密封套件") for one in lines]
    return lines + [asleep.POLICY, stand.rig.order("SO-1", 240), stand.rig.serials("B", 1000)]


def install(checks, place, packages):
    place.switch_on()
    seconds = place.install(packages)
    checks.equal(place.must("systemctl is-enabled tallyman-kiosk").strip(), "enabled", "the kiosk will start")
    broken = place.must("dpkg --audit; dpkg -l | awk '/^[a-z][A-Z]?/ && !/^ii/'")
    checks.equal(broken.strip(), "", "packages that are not whole")
    place.provision(feed())
    place.switch_off()
    print(f"figure: packages installed in {seconds:.0f} s, on a clean Debian of "
          f"{os.path.getsize(place.image) >> 20} MiB", flush=True)


def sign_in(place):
    place.press("ret", *PIN_KEYS, "ret")


def first_scan(checks, place):
    """On, signed in, the order opened by its bar code, scanned; when that is in the journal."""
    place.switch_on()
    ready = place.ready()
    trouble = picture.trouble(picture.Picture(place.picture("signin.ppm"), handheld.CELL), SIGN_IN)
    checks.equal(trouble, "", "Chinese on the kiosk's console")
    sign_in(place)
    for text in ("SO-1", stand.rig.scan("B000001")):
        place.shown(lambda text=text: place.scan(text))
    os.makedirs(KEPT, exist_ok=True)
    shutil.copy(place.picture("kiosk.png"), KEPT)
    scans = [one for one in place.journal() if one["kind"] == "scan"]
    if checks.equal([(one["key"], one["severity"]) for one in scans], [(stand.rig.item("B000001"), "accept")], "the first scan"):
        at = datetime.datetime.fromisoformat(scans[0]["at"]).timestamp() + place.clock()
        print(f"figure: switched on, screens after {ready:.0f} s, the first scan's record after {at:.0f} s, a clerk's sign-in "
              f"included; by hand: who works, the PIN, and nothing else", flush=True)


def comes_back(checks, place, name, script):
    """The screens end, or hang: other ones come, in the same service."""
    before = place.must("pidof tallyman").strip()
    place.must(f"{script} {before}")
    found = place.must(f"end=$((SECONDS + {BACK_S}))\nuntil p=$(pidof tallyman) && [ \"$p\" != {before} ] &&"
                       " [ \"$(systemctl is-active tallyman-kiosk)\" = active ]; do\n"
                       "[ $SECONDS -lt $end ] || break; sleep 0.5; done\n"
                       "echo $(pidof tallyman) $(systemctl is-active tallyman-kiosk)", BACK_S + 60).split()
    checks.ok(len(found) == 2 and found[0] != before and found[1] == "active", f"{name}: there again: {found}, {before} before")


def again(checks, place, scans):
    comes_back(checks, place, "ended in order", "kill -TERM")
    comes_back(checks, place, "killed", "kill -KILL")
    checks.equal(place.must("systemctl show -P NRestarts tallyman-kiosk").strip(), "0", "restarts of the console for that")
    comes_back(checks, place, "hung", "kill -STOP")
    verified = place.must(place.as_clerk("--lang en journal verify"))
    checks.equal(len([one for one in place.journal() if one["kind"] == "scan"]), scans, f"scans after all that: {verified}")
    print("figure: screens that ended, were killed or hung are there again", flush=True)


def sanitized(checks, place, scans):
    """The same screens once more, on this clean Debian, as the build that watches itself: begun, worked on, ended."""
    if not stand.rig.BUILD.endswith("asan"):
        print("skipped: the kiosk with sanitizers, this build has none", flush=True)
        return
    place.exchange_program(stand.rig.TALLYMAN)
    sign_in(place)
    for text in ("SO-1", stand.rig.scan("B000006")):
        place.shown(lambda text=text: place.scan(text))
    comes_back(checks, place, "with sanitizers, ended in order", "kill -TERM")
    place.must("systemctl stop tallyman-kiosk")
    found = [one for one in place.journal() if one["kind"] == "scan"]
    checks.equal((len(found), found[-1]["key"]), (scans + 1, stand.rig.item("B000006")), "with sanitizers: the scan")
    checks.ok("__asan" in place.must("grep -ao -m1 __asan_init /usr/bin/tallyman || true"), "it is that build")
    checks.equal(place.must(f"cat {handheld.SAID}.* 2>/dev/null || true").strip(), "", "what the sanitizers found")
    print("figure: the kiosk with sanitizers: begun, a scan, ended in order, begun again; nothing found", flush=True)


def kiosk(checks, parts):
    packages = handheld.make_packages()
    place = handheld.Handheld(parts, packages)
    try:
        install(checks, place, packages)
        first_scan(checks, place)
        scans = 1 + asleep.sleeps(checks, place)
        again(checks, place, scans)
        sanitized(checks, place, scans)
    finally:
        place.pull()


CHECKS = [("packages and kiosk", kiosk)]
