"""What the crash and end-to-end scripts share: the programs under test, a feed, counting checks, bounded waits.

The programs are taken from the folder that $TALLYMAN_BUILD names (default: build), so that sanitizer builds can be
tested. Every wait is for a condition and has an end. Only processes that a script started are ended, by their ids.
"""
import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("TALLYMAN_BUILD", "build"))
TALLYMAN = os.path.join(BUILD, "tallyman")
SERVER = os.path.join(BUILD, "tallyman-server")
LONG = "--long" in sys.argv[1:]

PIN = "2468"
# Of the cheapest kind: how long guessing takes is not what is tested here, and each sign-in would pay for it.
PIN_HASH = "$argon2id$v=19$m=8,t=1,p=1$BGwbqeoXA0UZc+eG0kcJ9Q$rARs/MqWPYJBUnjl1cnQ6Q4AoBnLKjfArfBULwy/4lM"
GTIN = "05901234123457"
GS1 = "]C1"
NOWHERE = os.path.join(BUILD, "no-home")
WAIT_S = 60
SAID_MAX = 20


class Checks:
    """Counts; prints what failed; ends the script with its figures."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def ok(self, condition, what):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            if self.failed <= SAID_MAX:
                print(f"FAILED: {what}", flush=True)
        return bool(condition)

    def equal(self, got, expected, what):
        return self.ok(got == expected, f"{what}: got {got!r:.200}, not {expected!r:.200}")

    def skip(self, what):
        self.skipped += 1
        print(f"skipped: {what}", flush=True)

    def end(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        sys.exit(1 if self.failed else 0)


def folder(in_memory=False):
    """A new folder that is gone when the script ends; on the disk, or in memory where there is such a file system."""
    path = tempfile.mkdtemp(prefix="tallyman-test-", dir="/dev/shm" if in_memory and os.access("/dev/shm", os.W_OK) else None)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def wait_for(condition, what, seconds=WAIT_S):
    """Until condition() answers something true, which is returned."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)


# ---- the feed ----

def line(feed_type, **members):
    return json.dumps({"type": feed_type, **members}, ensure_ascii=False)


def base_feed():
    """Places, people, goods: one tracked by item, one counted, one recalled lot."""
    return [
        line("party", id="D-1", name="成都蓉城商贸", kind="dealer"),
        line("site", id="CDB", name="中心库", kind="warehouse"),
        line("operator", id="wang", name="王芳", role="clerk", site="CDB", pin_hash=PIN_HASH),
        line("operator", id="li", name="李伟", role="supervisor", site="CDB", pin_hash=PIN_HASH),
        line("product", id="SEAL", name="Seal kit", gtin=[GTIN], unit="u", decimals=0, control="item"),
        line("product", id="CAP", name="Cap", gtin=["06901234000016"], unit="u", decimals=0, control="item"),
        line("product", id="OTHER", name="Other", gtin=["05901234000017"], unit="u", decimals=0, control="none"),
        line("lot", product="SEAL", lot="L1", expires="2031-01-10", quality="released"),
        line("lot", product="SEAL", lot="L2", expires="2031-01-10", quality="released"),
        line("recall", id="R-7", product="SEAL", lots=["L2"], reason="leak"),
    ]


def order(no, qty, product="SEAL", **members):
    return line("document", source="erp", doc=no, no=no, flow="outbound", state="open", **{"from": "site:CDB"},
                to="party:D-1", lines=[{"line": f"{no}/1", "product": product, "qty": str(qty)}], **members)


def item(serial):
    """A serial's key."""
    return f"(01){GTIN}(21){serial}"


def scan(serial):
    """The same as a scanner sends it."""
    return f"{GS1}01{GTIN}21{serial}"


def sscc(number):
    """A logistic unit's key."""
    digits = f"{69012340000 + number:017d}"
    check = -sum(int(digit) * (1 if n % 2 else 3) for n, digit in enumerate(digits)) % 10
    return f"(00){digits}{check}"


def label(number):
    """The same as a scanner sends it."""
    return GS1 + sscc(number).replace("(00)", "00")


def serials(prefix, count, first=1, width=6, holder="site:CDB", lot="L1"):
    """A run of registered serials, PREFIX000001 and on."""
    return line("codes", product="SEAL", lot=lot, first=item(f"{prefix}{first:0{width}d}"),
                last=item(f"{prefix}{first + count - 1:0{width}d}"), holder=holder)


def write_feed(path, lines):
    with open(path, "w", encoding="utf-8") as stream:
        stream.write("".join(one + "\n" for one in lines))
    return path


# ---- the device ----

SANITIZERS = (b"Sanitizer", b"runtime error:", b"Assertion ")


def sound(errors):
    """False when a program's standard error tells of a programmer's error."""
    return not any(word in errors for word in SANITIZERS)


def sound_log(path):
    with open(path, "rb") as stream:
        return sound(stream.read())


class Device:
    """A data folder and the program on it."""

    def __init__(self, path=None, lang="en"):
        home = folder()
        self.path = path or os.path.join(home, "data")
        self.errors = os.path.join(home, "errors")  # standard error of what start() started
        self.lang = lang

    def command(self, *arguments, json_out=False, operator="wang"):
        options = ["--data", self.path, "--lang", self.lang]
        if operator:
            options += ["--as", operator]
        if json_out:
            options += ["--json"]
        return [TALLYMAN, *options, *arguments]

    @staticmethod
    def environment(pin=PIN):
        """Nobody's own settings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "TALLYMAN_"))}
        return {**kept, "HOME": NOWHERE, "TALLYMAN_PIN": pin, "LC_ALL": "C.UTF-8"}

    def run(self, *arguments, feed=b"", json_out=False, operator="wang", pin=PIN, seconds=WAIT_S):
        """Runs to its end; stdout and stderr are bytes."""
        if isinstance(feed, str):
            feed = feed.encode()
        done = subprocess.run(self.command(*arguments, json_out=json_out, operator=operator), input=feed,
                              capture_output=True, env=self.environment(pin), timeout=seconds, check=False)
        if not sound(done.stderr):
            raise RuntimeError(f"{arguments}: {done.stderr.decode('utf-8', 'replace')}")
        return done

    def start(self, *arguments):
        with open(self.errors, "ab") as errors:
            return subprocess.Popen(self.command(*arguments), env=self.environment(), stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=errors)

    def sound(self):
        """Of all that start() started."""
        return not os.path.exists(self.errors) or sound_log(self.errors)

    def import_feed(self, lines):
        path = write_feed(os.path.join(folder(), "feed.ndjson"), lines)
        done = self.run("import", path, operator=None)
        if done.returncode != 0:
            raise RuntimeError(f"import: {done.stderr.decode()}")

    def journal(self):
        """All records as objects, in order."""
        done = self.run("journal", json_out=True, operator=None)
        if done.returncode != 0:
            raise RuntimeError(f"journal: {done.stderr.decode()}")
        return [json.loads(one) for one in done.stdout.splitlines()]

    def scans(self):
        """(reason, severity, key) of each scan record: what `scan` prints first on its lines."""
        return [(r["reason"], r["severity"], r["key"]) for r in self.journal() if r["kind"] == "scan"]

    def verify(self):
        return self.run("journal", "verify", operator=None)


def verdicts(output):
    """(reason, severity, key) of each whole line that `scan` printed."""
    if isinstance(output, bytes):
        output = output.decode("utf-8", "surrogateescape")
    return [tuple(one.split("\t")[:3]) for one in output.split("\n")[:-1]]


class Lines:
    """Reads a process's output on a thread; lines as they come."""

    def __init__(self, stream):
        self.lines, self.closed, self.changed = [], False, threading.Condition()
        self.thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self.thread.start()

    def _read(self, stream):
        for one in iter(stream.readline, b""):
            with self.changed:
                self.lines.append(one)
                self.changed.notify_all()
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def wait(self, count, seconds=WAIT_S):
        """Until so many lines are there, or no more will come; False when time is up."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.lines) >= count or self.closed, seconds)

    def end(self, seconds=WAIT_S):
        """All whole lines, once the stream is closed."""
        self.thread.join(seconds)
        return b"".join(one for one in self.lines if one.endswith(b"\n"))


def feed_all(stream, data):
    """Writes on a thread of its own until all is written or the reader has gone."""
    def work():
        try:
            stream.write(data)
            stream.close()
        except (BrokenPipeError, OSError, ValueError):
            pass

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def kill(process):
    """SIGKILL and gone."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait(WAIT_S)


# ---- the server ----

class Server:
    """tallyman-server over one SQLite file, on a free port of loopback."""

    def __init__(self, path=None):
        home = folder()
        self.db = "sqlite:" + (path or os.path.join(home, "server.db"))
        self.log = os.path.join(home, "log")
        self.process = self.port = None
        atexit.register(self.kill)

    def options(self):
        return ["--listen", "127.0.0.1:0"]

    def start(self):
        with open(self.log, "ab") as log:
            process = subprocess.Popen([SERVER, "--db", self.db, *self.options()], stderr=log,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=Device.environment())
        lines = Lines(process.stdout)
        if not lines.wait(1) or not lines.lines:
            kill(process)
            with open(self.log, encoding="utf-8", errors="replace") as log:
                raise RuntimeError("the server did not start: " + log.read()[-2000:])
        self.port = int(lines.lines[0].decode().strip().rsplit(":", 1)[1])
        self.process = process

    def kill(self):
        if self.process:
            kill(self.process)
        self.process = None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(WAIT_S)
        self.process = None
        return status

    def sound(self):
        return sound_log(self.log)

    def run(self, *arguments, feed=b""):
        done = subprocess.run([SERVER, "--db", self.db, *arguments], input=feed, capture_output=True,
                              env=Device.environment(), timeout=WAIT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.decode()}")
        return done.stdout.decode()

    def import_feed(self, lines):
        self.run("import", "-", feed="".join(one + "\n" for one in lines).encode())

    def enrolment(self, url, site="CDB"):
        return self.run("enrol", "--site", site, "--url", url).splitlines()[-1]

    def rows(self, what):
        return [json.loads(one) for one in self.run(what).splitlines()]
