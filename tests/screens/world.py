"""The world of one run: a server, an enrolled device that is cut off on purpose, a scanner on a pseudo terminal, one that
is simulated, and the screens in a terminal."""
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

import make_feed
from terminal import Terminal

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "demo"))
from pty_scanner import Scanner, unescape  # noqa: E402

# The orders and lots of the goldens are of a far year: whenever the test runs, nothing has expired, and the clock is the
# real one, as the server's is. Pictures pin the clock instead, and need no server.
YEAR = 2045
LIMIT_S = 30

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
[scanner demo]
kind = sim
device = pulls
"""


class World:
    def __init__(self, build, lang, pulls, feeds=None, pinned_year=None, auto=False, site="CDB"):
        """`feeds`: files, or what makes the feed of a year, else the small world of make_feed. With `pinned_year` the device's clock begins in November of
        that year, and there is no server. `auto`: the screens sync when they are woken."""
        self.site = site
        self.build = os.path.abspath(build)
        self.lang = lang
        self.temp = tempfile.TemporaryDirectory(prefix="tallyman-screens-")
        self.folder = self.temp.name
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8",
                            "TERM": "screen-256color",
                            "TALLYMAN_TEST_POWER": os.path.join(self.folder, "power"),
                            "TALLYMAN_TEST_NET": os.path.join(self.folder, "net"),
                            "TMPDIR": self.folder}
        if pinned_year:
            self.environment["TALLYMAN_TEST_CLOCK"] = f"{pinned_year}-11-22T09:30:00+08:00"
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.server = None
        self.scanner = Scanner(os.path.join(self.folder, "scanner"))
        with open(os.path.join(self.folder, "config"), "w", encoding="utf-8") as out:
            out.write(CONFIG.format(site=site, lang=lang, auto="yes" if auto else "no"))
        with open(os.path.join(self.folder, "pulls"), "w", encoding="utf-8") as out:
            out.write("".join(pull + "\n" for pull in pulls))
        with open(os.path.join(self.folder, "feed"), "w", encoding="utf-8") as out:
            files = feeds if isinstance(feeds, list) else []
            if not files:
                out.write((feeds or make_feed.feed)(pinned_year or YEAR))
            for name in files:
                with open(os.path.join(ROOT, name), encoding="utf-8") as part:
                    out.write(part.read())
        self.terminal = Terminal(self.folder)

    def run(self, program, *arguments, typed=None):
        done = subprocess.run([os.path.join(self.build, program), *arguments], cwd=self.folder, check=False,
                              env=self.environment, input=typed, capture_output=True, text=True, timeout=LIMIT_S)
        if done.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(arguments)}: {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def start_server(self, *options):
        log = open(os.path.join(self.folder, "server.log"), "w+", encoding="utf-8")
        self.run("tallyman-server", "--db", "sqlite:server.db", "import", "feed")
        self.server = subprocess.Popen([os.path.join(self.build, "tallyman-server"), "--db", "sqlite:server.db",
                                        "--listen", "127.0.0.1:0", *options], cwd=self.folder, env=self.environment,
                                       stdout=log, stderr=subprocess.STDOUT)
        end = time.monotonic() + LIMIT_S
        while True:
            log.seek(0)
            said = re.search(r"(https?://[^\s/]+)", log.read())
            if said:
                return said.group(1)
            if time.monotonic() > end or self.server.poll() is not None:
                raise RuntimeError("the server does not listen")
            time.sleep(0.05)

    def enrol(self, before=None):
        """`before`: what others do with the goods first, with the server's address."""
        url = self.start_server()
        if before:
            before(self, url)
        self.enrol_at("data", self.site, url)

    def one_time_string(self, site, url):
        said = self.run("tallyman-server", "--db", "sqlite:server.db", "enrol", "--site", site, "--url", url)
        return said.strip().split("\n")[-1]

    def enrol_at(self, data, site, url):
        self.run("tallyman", "--data", data, "enrol", self.one_time_string(site, url))
        self.run("tallyman", "--data", data, "sync")

    def tell(self, *lines):
        """The data centre has news, and the device hears of them while the screens run."""
        with open(os.path.join(self.folder, "news"), "w", encoding="utf-8") as out:
            out.write("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        self.run("tallyman-server", "--db", "sqlite:server.db", "import", "news")
        self.run("tallyman", "--data", "data", "sync")

    def stock(self):
        """Without a server: the feed by stick."""
        self.run("tallyman", "--data", "data", "--config", "config", "import", "feed")

    def open(self):
        """The screens, on the first screen."""
        command = [os.path.join(self.build, "tallyman"), "--data", "data", "--config", "config", "run"]
        self.terminal.start(command, self.environment, self.folder)
        if not self.scanner.wait(True, LIMIT_S):
            raise RuntimeError("the program does not open the serial port")

    def scan(self, text):
        """One scan through the serial port."""
        self.scanner.write(unescape(text.encode()))

    def unplug(self):
        # the name goes first: a number that another program's terminal has by then is not ours to open
        os.unlink(self.scanner.link)
        self.scanner.close()

    def plug(self):
        self.scanner = Scanner(os.path.join(self.folder, "scanner"))
        if not self.scanner.wait(True, LIMIT_S):
            raise RuntimeError("the program does not come back to the serial port")

    def break_disk(self):
        """From now on no file can grow: what a full or failing disk does to every write."""
        resource.prlimit(self.terminal.pid(), resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))

    def mend_disk(self):
        resource.prlimit(self.terminal.pid(), resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self):
        self.terminal.close()
        self.unplug()
        if self.server:
            self.server.terminate()
            try:
                self.server.wait(LIMIT_S)
            except subprocess.TimeoutExpired:
                self.server.kill()
        self.temp.cleanup()
