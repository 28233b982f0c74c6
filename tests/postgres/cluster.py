"""A PostgreSQL of one's own: a cluster in a folder of its own, reached through a socket there, ended when the test does."""
import atexit
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

WAIT_S = 30
OTHER_USER = "nobody"  # PostgreSQL does not run as root
SHORT_MEMORY = "/dev/shm"


def program(name):
    """Debian keeps those of the server beside each other, and not on the path."""
    found = shutil.which(name) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), None)
    if not found:
        raise RuntimeError(f"{name} is not there: is postgresql installed?")
    return found


def as_other(command):
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={OTHER_USER}", "--regid=nogroup", "--clear-groups", *command]


def processes_of(pid):
    """The process and all below it."""
    found = [pid]
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            for child in children.read().split():
                found += processes_of(int(child))
    except OSError:
        pass
    return found


class Cluster:
    """settings: name=value of the server. safe: it may be killed."""

    def __init__(self, safe=False, **settings):
        self.home = tempfile.mkdtemp(prefix="tallyman-pg-", dir=SHORT_MEMORY if os.path.isdir(SHORT_MEMORY) else None)
        self.data, self.process = os.path.join(self.home, "data"), None
        self.settings = {"listen_addresses": "", "unix_socket_directories": self.home, "max_connections": "40",
                         "shared_buffers": "64MB", "fsync": "on" if safe else "off", **settings}
        atexit.register(self.remove)
        if os.geteuid() == 0:
            os.chown(self.home, pwd.getpwnam(OTHER_USER).pw_uid, -1)
        subprocess.run(as_other([program("initdb"), "-D", self.data, "-A", "trust", "-U", "tallyman", "-E", "UTF8",
                                 "--locale=C.UTF-8", "--no-sync"]), cwd=self.home, check=True, capture_output=True)

    def url(self, database="postgres"):
        return f"postgresql:///{database}?host={self.home}&user=tallyman"

    def start(self):
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        with open(os.path.join(self.home, "log"), "ab") as log:
            self.process = subprocess.Popen(as_other([program("postgres"), "-D", self.data, *options]), cwd=self.home,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                self.sql("SELECT 1")
                return self
            except subprocess.CalledProcessError:
                time.sleep(0.05)
        with open(os.path.join(self.home, "log"), encoding="utf-8", errors="replace") as log:
            raise RuntimeError("PostgreSQL did not start: " + log.read()[-2000:])

    def sql(self, text, database="postgres"):
        return subprocess.run([program("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text, self.url(database)],
                              check=True, capture_output=True, text=True).stdout.strip()

    def kill(self):
        """The postmaster and all its children at once, as when the power goes."""
        for pid in processes_of(self.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(WAIT_S)
        self.process = None

    def live_again(self):
        """Goes on in another timeline, as a standby does that takes over."""
        self.stop()
        with open(os.path.join(self.data, "standby.signal"), "wb"):
            pass
        self.start()
        self.sql("SELECT pg_promote()")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(WAIT_S)
        self.process = None

    def remove(self):
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None
        shutil.rmtree(self.home, ignore_errors=True)
