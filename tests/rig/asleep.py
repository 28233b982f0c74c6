"""The handheld sleeps with half a scan on its way, and wakes up. The half is no scan, not even with what comes after it; the
scanner comes back by itself; the time that passed counts for the lock, though the clock that the program runs by stood still.

The kernel's own test of sleeping: tasks are frozen, each device sleeps, the clocks stop; only the
firmware's part is left out, for the virtual machine's starts anew instead of waking. Such a sleep is over after five seconds, so there are several of them."""
import time

import stand

LOCK_S = 60                 # of the site's policy; longer than it is awake meanwhile
SLEEP_S, SLEEPS = 5, 13
WAKE_S, LOOK_S, AGAIN_S = 120, 1, 5
POLICY = stand.rig.line("policy", site="CDB", registry="strict", lock_idle_s=LOCK_S)


def serials(place):
    """Of the scans in the journal, whatever became of them, in order."""
    return [one["key"].split("(21)")[-1] for one in place.journal() if one["kind"] == "scan"]


def sleep(checks, place):
    """Half a scan, then asleep until the lock is due. (the screen before, seconds of it all)"""
    half = stand.rig.scan("B000003")[:-4]
    place.shown(lambda: place.scanner.sendall((stand.rig.scan("B000002") + "\r" + half).encode()))
    before, begin = place.screen(), time.monotonic()
    place.must(f"echo core >/sys/power/pm_test\nfor n in {' '.join(map(str, range(SLEEPS)))}; do echo mem >/sys/power/state; done",
               SLEEPS * WAKE_S)
    checks.equal(place.must("cat /sys/power/suspend_stats/success").strip(), str(SLEEPS), "sleeps, as the kernel counts")
    return before, time.monotonic() - begin


def locked(place, before, seconds):
    """Sooner than the lock is due without the sleep: until the screen is another than before the sleep, and stays as it is."""
    last = b""

    def settled():
        nonlocal last
        was, last = last, place.screen()
        time.sleep(LOOK_S)
        return last not in (before, b"") and last == was

    place.machine.wait_for(settled, "the lock", LOCK_S + SLEEPS * SLEEP_S - seconds)


def refused(place):
    """Until a scan is seen to be refused; seconds."""
    begin, before = time.monotonic(), place.screen()
    end = begin
    while place.screen() == before:
        if time.monotonic() >= end:
            place.scan(stand.rig.scan("B000004"))
            end = time.monotonic() + AGAIN_S
        if time.monotonic() - begin > WAKE_S:
            raise TimeoutError("the scanner does not come back")
        time.sleep(LOOK_S)
    return time.monotonic() - begin


def sleeps(checks, place):
    """Works on in the order that is open, where B000001 was scanned; how many more scans there are."""
    before, seconds = sleep(checks, place)
    locked(place, before, seconds)
    back = refused(place)
    checks.equal(serials(place), ["B000001", "B000002"], "locked after the sleep: what was scanned")
    place.press(*stand.rig.PIN, "ret")
    place.shown(lambda: place.scan(stand.rig.scan("B000005")))
    checks.equal(serials(place), ["B000001", "B000002", "B000005"], "after the sleep: what was scanned")
    print(f"figure: {SLEEPS} sleeps of {SLEEP_S} s in {seconds:.0f} s, with half a scan: locked, the scanner heard in {back:.1f} s, the "
          "half is none", flush=True)
    return 2
