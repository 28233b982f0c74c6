"""A program in a pseudo terminal of its own, and when which bytes came out of it."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time


class Terminal:
    def __init__(self, command, columns=30, rows=20, environment=None, cwd=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.output = b""
        self.started = time.monotonic()

        def own_terminal():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=cwd, close_fds=True,
                                        env={**os.environ, "TERM": "xterm-256color", **(environment or {})},
                                        preexec_fn=own_terminal)
        os.close(slave)

    def read(self, seconds):
        """What comes next and when it came; (b"", now) when nothing does."""
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return b"", time.monotonic()
        now = time.monotonic()
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        self.output += data
        return data, now

    def until(self, wanted, seconds, fresh=True):
        """When the wanted bytes were there (fresh: among what comes from now on); None when they did not come."""
        seen = b"" if fresh else self.output
        end = time.monotonic() + seconds
        if wanted in seen:
            return time.monotonic()
        while time.monotonic() < end:
            data, when = self.read(end - time.monotonic())
            seen += data
            if wanted in seen:
                return when
            if not data and self.process.poll() is not None:
                return None
        return None

    def settle(self, quiet=0.05, seconds=2.0):
        """Reads until nothing has come for `quiet`; when the last bytes came."""
        last, end = time.monotonic(), time.monotonic() + seconds
        while time.monotonic() < end:
            data, when = self.read(quiet)
            if not data:
                break
            last = when
        return last

    def type(self, data):
        os.write(self.master, data)

    def resident_kib(self):
        """Resident memory now; of which shared with files (libraries, mapped databases)."""
        values = {}
        with open(f"/proc/{self.process.pid}/status", encoding="ascii", errors="replace") as stream:
            for line in stream:
                name, _, rest = line.partition(":")
                if name in ("VmRSS", "RssFile"):
                    values[name] = int(rest.split()[0])
        return values.get("VmRSS", 0), values.get("RssFile", 0)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self.master)
