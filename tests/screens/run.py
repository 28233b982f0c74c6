#!/usr/bin/env python3
"""The interactive path, driven in a real terminal at 30×20 in both languages, against golden screens.

    tests/screens/run.py [--update] [--lang zh_CN|en] [--only JOURNEY]

Every step waits until the screen is the golden one (bounded); --update takes the screen once it has come to rest.
TALLYMAN_BUILD names the folder of the programs (build).
"""
import argparse
import difflib
import os
import signal
import sys
import time

import path
import path_around
import path_audit
import path_changes
import path_dealer
import path_demo
import path_enrol
import path_flows
import path_house
import path_inbox
import path_led
import path_transfer
from terminal import LIMIT_S, available, masked
from world import HERE, ROOT, World

REST_S = 0.5
GUARD_S = 0.5
FAILURES_MAX = 3  # then the path is lost, and every further step would only wait


class Driver:
    def __init__(self, world, update):
        self.world, self.terminal, self.update = world, world.terminal, update
        self.folder = os.path.join(HERE, "golden", world.lang)
        self.names = []
        self.failures = []

    # ---- hands ----

    def key(self, *names):
        for name in names:
            self.terminal.press(name)

    def scan(self, text):
        self.world.scan(text)

    def burst(self, text):
        self.terminal.burst(text)

    def pin(self, digits):
        """Digit by digit, each seen before the next: together they would be a scan."""
        for count, digit in enumerate(digits, 1):
            self.terminal.key(digit)
            self.terminal.wait(lambda screen, n=count: screen.count("●") == n, f"{count} digits")
        self.terminal.key("Enter")

    def type(self, text):
        for digit in text:
            before = self.terminal.screen()
            self.terminal.key(digit)
            self.terminal.wait(lambda screen, old=before: screen != old, f"the digit {digit}")

    def wait_guard(self):
        """Longer than the screens ignore a yes."""
        time.sleep(GUARD_S)

    def see(self, text):
        """A word that is the same in both languages."""
        self.terminal.wait(lambda screen: text in screen, text)

    # ---- eyes ----

    def rest(self):
        """Updating only: the screen once it has stopped changing."""
        seen, since = self.terminal.screen(), time.monotonic()
        end = since + LIMIT_S
        while time.monotonic() < end and time.monotonic() - since < REST_S:
            time.sleep(0.05)
            now = self.terminal.screen()
            if masked(now) != masked(seen):
                seen, since = now, time.monotonic()
        return seen

    def shot(self, name):
        file = os.path.join(self.folder, name + ".txt")
        self.names.append(name)
        if self.update:
            with open(file, "w", encoding="utf-8") as out:
                out.write(masked(self.rest()))
            return
        try:
            with open(file, encoding="utf-8") as golden:
                wanted = golden.read()
        except FileNotFoundError:
            wanted = ""
        try:
            self.terminal.wait(lambda screen: masked(screen) == wanted, name)
        except TimeoutError:
            seen = masked(self.terminal.screen())
            self.failures.append(name)
            print(f"FAILED {self.world.lang}/{name}")
            print("".join(difflib.unified_diff(wanted.splitlines(True), seen.splitlines(True), "golden", "screen")))
            if len(self.failures) == FAILURES_MAX:
                raise RuntimeError("too many screens differ")

    def sizes(self, name):
        """As it is, on the smallest screen and on a desk's, resized while it runs; then as it was."""
        self.shot(name)
        for columns, rows in ((20, 16), (80, 24)):
            self.terminal.resize(columns, rows)
            self.shot(f"{name}-{columns}x{rows}")
        self.terminal.resize(30, 20)
        self.shot(name)

    def check(self, name, true, what):
        self.names.append(name)
        if not true:
            self.failures.append(name)
            print(f"FAILED {self.world.lang}/{name}: {what}")


def on_terminate(number, frame):
    raise RuntimeError("ended from outside")


JOURNEYS = [path, path_demo, path_flows, path_house, path_audit, path_changes, path_inbox, path_transfer, path_dealer,
            path_around, path_enrol, path_led]


def drive(build, lang, update, journey):
    world = World(build, lang, journey.PULLS, journey.FEEDS, journey.PINNED_YEAR,
                  getattr(journey, "AUTO", False), getattr(journey, "SITE", "CDB"))
    driver = Driver(world, update)
    os.makedirs(driver.folder, exist_ok=True)
    try:
        if hasattr(journey, "prepare"):
            journey.prepare(world)
        elif journey.PINNED_YEAR:
            world.stock()
        else:
            world.enrol(getattr(journey, "before", None))
        world.open()
        journey.walk(driver)
    except (TimeoutError, RuntimeError) as error:
        driver.failures.append("path")
        driver.names.append("path")
        print(f"FAILED {lang}: {error}")
        errors = os.path.join(world.folder, "stderr")
        if os.path.exists(errors):
            with open(errors, encoding="utf-8", errors="replace") as said:
                print(said.read()[-4000:])
    finally:
        world.close()
    return driver


def stale(lang, names):
    """Golden files that no step asks for."""
    return sorted(set(name[:-4] for name in os.listdir(os.path.join(HERE, "golden", lang))) - set(names))


def run(build, lang, update, only):
    """All journeys in one language, or one: (names, failures)."""
    names, failures = [], []
    for journey in [j for j in JOURNEYS if only in (None, j.__name__)]:
        begin = time.monotonic()
        driver = drive(build, lang, update, journey)
        names += driver.names
        failures += driver.failures
        print(f"screens {lang}, {journey.__name__}: {len(driver.names)} screens in {time.monotonic() - begin:.1f} s",
              flush=True)
    for name in stale(lang, names) if not failures and not only else []:
        if update:
            os.unlink(os.path.join(HERE, "golden", lang, name + ".txt"))
        else:
            print(f"FAILED {lang}/{name}: a golden screen that no step shows")
            names.append(name)
            failures.append(name)
    return names, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--lang", choices=["zh_CN", "en"], action="append")
    parser.add_argument("--only", choices=[journey.__name__ for journey in JOURNEYS])
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, on_terminate)
    why_not = available()
    if why_not:
        print(f"skipped: {why_not}")
        print("0 passed, 0 failed")
        return 0
    build = os.environ.get("TALLYMAN_BUILD", os.path.join(ROOT, "build"))
    passed = failed = 0
    for lang in arguments.lang or ["zh_CN", "en"]:
        names, failures = run(build, lang, arguments.update, arguments.only)
        passed += len(names) - len(failures)
        failed += len(failures)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
