"""What the stories share: a server, handhelds in terminals of 30×20, hands and eyes.

A story is played through the screens alone. The books of the server and of each handheld are looked at only at its end, by
the commands that a person would use. Every wait is for what is to be seen, but one: a yes that comes too early is none.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from goods import ROOT, TAIL, rig, tail, wire  # where it is found leads to the others
import terminal
from pty_scanner import Scanner, unescape

LIMIT_S = 30
GUARD_S = 0.5  # longer than the screens ignore a yes
SHOW = "--show" in sys.argv[1:]  # every screen as the story goes
CONFIG = """[device]
site = {site}
[screen]
lang = {lang}
sound = no
[sync]
auto = {auto}
interval_ms = 3600000
[audit]
photos = DCIM
[place]
kind = sim
address = place
[scanner door]
kind = serial
device = scanner
speed = 9600
framing = cr
"""


# ---- what is told, and what went wrong ----

class Lost(Exception):
    """The story can't go on: what it tells did not happen."""


class Stage:
    """One story's world: a folder, a server on loopback, handhelds; and the count of what was seen to be so."""

    def __init__(self, lang):
        self.lang, self.seen = lang, 0
        self.build = os.path.join(ROOT, os.environ.get("TALLYMAN_BUILD", "build"))
        self.temp = tempfile.TemporaryDirectory(prefix="tallyman-stories-")
        self.folder = self.temp.name
        self.handhelds, self.server_process, self.url = [], None, None
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "TZ": "Asia/Shanghai",
                            "LC_ALL": "C.UTF-8", "TERM": "screen-256color", "TMPDIR": self.folder,
                            "TALLYMAN_PIN": rig.PIN}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def run(self, program, *arguments, cwd=None, feed=None):
        done = subprocess.run([os.path.join(self.build, program), *arguments], cwd=cwd or self.folder, check=False,
                              env=self.environment, input=feed, capture_output=True, text=True, timeout=LIMIT_S)
        if done.returncode != 0:
            raise Lost(f"{program} {' '.join(arguments)}: {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def server(self, *arguments, feed=None):
        return self.run("tallyman-server", "--db", "sqlite:server.db", *arguments, feed=feed)

    def tell(self, *lines):
        """The data centre says something more."""
        self.server("import", "-", feed="".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines))

    def rows(self, *command):
        return [json.loads(row) for row in self.server(*command).splitlines() if row.strip()]

    def serve(self):
        with open(os.path.join(self.folder, "server.log"), "w+", encoding="utf-8") as log:
            self.server_process = subprocess.Popen(
                [os.path.join(self.build, "tallyman-server"), "--db", "sqlite:server.db", "--listen", "127.0.0.1:0"],
                cwd=self.folder, env=self.environment, stdout=log, stderr=subprocess.STDOUT)
            end = time.monotonic() + LIMIT_S
            while not self.url:
                log.seek(0)
                said = re.search(r"(http://[^\s/]+)", log.read())
                self.url = said and said.group(1)
                if time.monotonic() > end or self.server_process.poll() is not None:
                    raise Lost("the server does not listen")
                time.sleep(0.02)

    def handheld(self, name, online=True, screens=True, site="CDB"):
        """Enrolled, with all that the server tells, its screens open on the first one."""
        device = Handheld(self, name, online, screens, site)
        self.handhelds.append(device)
        return device

    def ok(self, condition, what):
        if not condition:
            raise Lost(what)
        self.seen += 1

    def equal(self, got, expected, what):
        self.ok(got == expected, f"{what}: {got!r}, not {expected!r}")

    def same(self, rows, members, expected, what):
        """A table of some members of some rows, in any order."""
        self.equal(sorted([[row.get(name) for name in members] for row in rows], key=str),
                   sorted([list(row) for row in expected], key=str), what)

    def books(self):
        """A handheld that is enrolled now has nothing but what the server knows."""
        return self.handheld("books", screens=False)

    def close(self):
        for device in self.handhelds:
            device.close()
        if self.server_process:
            self.server_process.terminate()
            try:
                self.server_process.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                self.server_process.kill()
        self.temp.cleanup()


class Handheld:
    def __init__(self, stage, name, online, screens, site):
        self.stage, self.name = stage, name
        self.who = "li"  # who asks by commands
        self.folder = os.path.join(stage.folder, name)
        os.mkdir(self.folder)
        with open(os.path.join(self.folder, "config"), "w", encoding="utf-8") as out:
            out.write(CONFIG.format(lang=stage.lang, site=site, auto="yes" if online else "no"))
        self.scanner = Scanner(os.path.join(self.folder, "scanner"))
        self.terminal = terminal.Terminal(self.folder)
        enrolment = stage.server("enrol", "--site", site, "--url", stage.url)
        self.tallyman("enrol", enrolment.strip().split("\n")[-1])
        self.tallyman("sync")
        if not screens:
            return
        self.terminal.start([os.path.join(stage.build, "tallyman"), "--data", "data", "--config", "config", "run"],
                            stage.environment, self.folder)
        if not self.scanner.wait(True, LIMIT_S):
            raise Lost("the program does not open the scanner")

    def tallyman(self, *arguments, feed=None):
        """A command beside the screens."""
        return self.stage.run("tallyman", "--data", "data", "--lang", self.stage.lang, *arguments, cwd=self.folder,
                              feed=feed)

    def knows(self, code, **expected):
        """What this handheld says of a code: holder, state, parent, children, product, lot."""
        rows = [json.loads(row) for row in self.tallyman("--as", self.who, "--json", "trace", code).splitlines() if row.strip()]
        said = {"parent": "", "children": sorted(row["key"] for row in rows if row["row"] == "child")}
        for row in rows:
            if row["row"] in ("code", "product", "lot"):
                said.update({name: row[name] for name in ("holder", "state", "product", "lot") if name in row})
            elif row["row"] == "parent":
                said["parent"] = row["key"]
        for name, value in expected.items():
            self.stage.equal(said.get(name), value, f"{self.name}: {name} of {code}")
        return said

    def shows(self, document, **expected):
        """What this handheld says of a document: its number, state, lines, scans …"""
        said = json.loads(self.tallyman("--as", self.who, "--json", "show", document))
        for name, value in expected.items():
            self.stage.equal(said.get(name), value, f"{self.name}: {name} of {document}")
        return said

    # ---- eyes ----

    def see(self, *words):
        """Until all of these are to be seen at once; the screen then."""
        try:
            screen = self.terminal.wait(lambda shown: all(word in shown for word in words), " and ".join(words))
        except TimeoutError as error:
            raise Lost(f"{self.name}: {error}") from None
        self.stage.seen += 1
        if SHOW:
            print(f"---- {self.name}: {', '.join(words)}\n{screen}", flush=True)
        return screen

    def lacks(self, *words):
        """Now that the screen is at rest: none of these is on it."""
        screen = self.terminal.screen()
        for word in words:
            self.stage.ok(word not in screen, f"{self.name}: {word} is on the screen:\n{screen}")

    # ---- hands ----

    def key(self, *names):
        for name in names:
            if not self.terminal.press(name) and SHOW:
                print(f"---- {self.name}: {name} changes nothing", flush=True)

    def choose(self, word):
        """One of a list that belongs to a field: F2, then the row with this word."""
        self.key("F2")
        rows = [row for row in self.see(word, "Pick").split("\n")[1:] if row.strip()]
        self.key(*["Down"] * next(n for n, row in enumerate(rows) if word in row), "Enter")
        self.see("To begin with")

    def type(self, text):
        for letter in text:
            before = self.terminal.screen()
            self.terminal.key(letter)
            self.terminal.wait(lambda screen, old=before: screen != old, f"what {letter} does")

    def scan(self, key, *words):
        """One scan; waits for the words and, when there are some, for the end of the code beside them."""
        self.scanner.write(unescape(wire(key).encode()))
        if words:
            self.see("…" + tail(key) if len(key) > TAIL else key, *words)

    def sign_in(self, row, pin=rig.PIN):
        """The row of the list, then the PIN digit by digit: a burst would be a scan."""
        self.key(str(row))
        self.pin(pin)

    def pin(self, digits=rig.PIN):
        for count, digit in enumerate(digits, 1):
            self.key(digit)
            self.see("●" * count)
        self.key("Enter")

    def dismiss(self, *words):
        """Enter ends a message; the words stand below it."""
        self.key("Enter")
        try:
            self.terminal.wait(lambda shown: "└" not in shown, "the end of the message")
        except TimeoutError as error:
            raise Lost(f"{self.name}: {error}") from None
        self.see(*words)

    def confirm(self, *words):
        """Yes to the question on the screen. A key on its way down when it came up is no answer: once a moment is over."""
        self.see("\n ? ", "F3")
        time.sleep(GUARD_S)
        self.key("F3")
        self.see(*words)

    def count(self, cases, loose):
        """The blind count."""
        self.type(str(cases))
        self.key("Enter")
        self.type(str(loose))
        self.key("Enter")

    def start(self, flow):
        """Begins a document of one's own: the list's row of this name."""
        self.key("2")
        screen = self.see(flow)
        rows = [re.sub(r"^.\d? ", "", row.strip("\n ▸>")).strip() for row in screen.split("\n")[1:]]
        self.key(*["Down"] * rows.index(flow), "Enter")

    def sync(self):
        """One whole sync, by the screens' own worker."""
        self.tallyman("sync")

    # ---- the end ----

    def verify(self):
        """The day is over: the program ends by itself, the chain holds, and the server has every record once."""
        self.key("F4")
        self.terminal.wait(lambda screen: self.terminal.ended() is not None, "the end of the program")
        self.stage.equal(self.terminal.ended(), 0, f"{self.name}: exit status")
        self.tallyman("sync")
        self.stage.ok("ok" in self.tallyman("journal", "verify"), f"{self.name}: the chain holds")
        mine = [json.loads(row) for row in self.tallyman("--json", "journal").splitlines()]
        there = [row for row in self.stage.rows("records") if row["device"] == mine[-1]["device"]]
        self.stage.equal([(row["epoch"], row["seq"]) for row in there], [(row["epoch"], row["seq"]) for row in mine],
                         f"{self.name}: every record is on the server once")
        return there

    def said(self):
        try:
            with open(os.path.join(self.folder, "stderr"), encoding="utf-8", errors="replace") as stream:
                return stream.read()[-4000:]
        except FileNotFoundError:
            return ""

    def close(self):
        self.terminal.close()
        if os.path.islink(self.scanner.link):
            os.unlink(self.scanner.link)
        os.close(self.scanner.master)


def on_terminate(number, frame):
    raise Lost("ended from outside")


def play(lang, feed, story):
    """Runs one story in one language, on what the feed tells: prints how it went, ends the script."""
    signal.signal(signal.SIGTERM, on_terminate)
    why_not = terminal.available()
    if why_not:
        print(f"skipped: {why_not}\n0 passed, 0 failed, 1 skipped")
        sys.exit(0)
    begin, stage, failed = time.monotonic(), Stage(lang), 0
    try:
        stage.tell(*feed)
        stage.serve()
        story(stage)
    except (Lost, TimeoutError, RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        failed = 1
        print(f"FAILED after {stage.seen} things that were so: {error}")
        for device in stage.handhelds:
            print(device.said())
    finally:
        stage.close()
    print(f"figure: {os.path.basename(sys.argv[0])}, {lang}: {time.monotonic() - begin:.1f} s")
    print(f"{stage.seen} passed, {failed} failed")
    sys.exit(1 if failed else 0)
