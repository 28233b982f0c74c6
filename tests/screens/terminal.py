"""A real terminal (tmux) around the real program: send keys, look at the screen, wait for what is to be seen."""
import os
import re
import shutil
import subprocess
import time

LIMIT_S = 20.0
PAUSE_S = 0.02
PRESS_S = 1.0
ESCAPE_S = 1.0  # at most; it may change nothing


class Terminal:
    """One tmux server of its own, one window of fixed size. `width` and `height` are the program's."""

    def __init__(self, folder, width=30, height=20):
        self.socket = os.path.join(folder, "tmux.sock")
        self.width, self.height = width, height
        self.server = None
        self.cwd = folder

    def tmux(self, *arguments, check=True):
        command = ["tmux", "-S", self.socket, "-f", "/dev/null", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LIMIT_S)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, command, environment, cwd):
        """Runs the command (a list) as the window's only process; its error output goes to a file. The server stays in
        our process group: who ends us ends it."""
        pairs = [f"{name}={value}" for name, value in environment.items()]
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in ["env", *pairs, *command])
        self.cwd = cwd
        self.server = subprocess.Popen(["tmux", "-D", "-S", self.socket, "-f", "/dev/null"], cwd=cwd,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + LIMIT_S
        while not os.path.exists(self.socket) and time.monotonic() < end:
            time.sleep(PAUSE_S)
        self.tmux("new-session", "-d", "-s", "s", "-x", str(self.width), "-y", str(self.height), "-c", cwd,
                  "tail -f /dev/null")
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("set-option", "-g", "default-terminal", "screen-256color")
        self.tmux("set-option", "-g", "remain-on-exit", "on")
        self.tmux("set-option", "-s", "escape-time", "0")
        # a file that can't grow is an error here, as on a full disk, and not the end of the program
        inner = f"trap '' XFSZ; echo $$ >pid; exec {quoted} 2>stderr".replace("'", "'\\''")
        self.tmux("respawn-pane", "-k", "-t", "s", "-c", cwd, f"sh -c '{inner}'; echo $? >status")

    def note(self, name):
        try:
            with open(os.path.join(self.cwd, name), encoding="ascii") as text:
                return text.read().strip()
        except FileNotFoundError:
            return ""

    def pid(self):
        return int(self.note("pid"))

    def ended(self):
        """The exit status, or None while the program runs."""
        status = self.note("status")
        return int(status) if status else None

    def screen(self):
        lines = self.tmux("capture-pane", "-p", "-t", "s").split("\n")
        return "\n".join(line.rstrip() for line in lines[: self.height]) + "\n"

    def picture(self):
        """With colours and what is marked: something to compare, not to read."""
        return self.tmux("capture-pane", "-e", "-p", "-t", "s")

    def key(self, name):
        """Escape is one only when nothing follows it for a while: a scan just after it would come first."""
        before = self.screen() if name == "Escape" else None
        self.tmux("send-keys", "-t", "s", name)
        end = time.monotonic() + ESCAPE_S
        while before is not None and self.screen() == before and time.monotonic() < end:
            time.sleep(PAUSE_S)

    def press(self, name):
        """A key that has done something before anything else comes: a scanner's bytes go another way and could be first,
        and what was to be seen before is no answer to the key. Whether it did; one that changes nothing gets a moment."""
        before = self.picture()
        self.key(name)
        end = time.monotonic() + PRESS_S
        while self.picture() == before:
            if time.monotonic() > end:
                return False
            time.sleep(PAUSE_S)
        return True

    def burst(self, text):
        """Characters all at once, as a keyboard wedge sends them, ended by Enter."""
        self.tmux("send-keys", "-t", "s", "-l", text + "\r")

    def resize(self, width, height):
        self.width, self.height = width, height
        self.tmux("resize-window", "-t", "s", "-x", str(width), "-y", str(height))

    def wait(self, true, what):
        """Until true(screen); the screen then. Bounded."""
        end = time.monotonic() + LIMIT_S
        while True:
            screen = self.screen()
            if true(screen):
                return screen
            if time.monotonic() > end:
                raise TimeoutError(f"waited {LIMIT_S:.0f} s for {what}; the screen shows:\n{screen}")
            time.sleep(PAUSE_S)

    def close(self):
        if not self.server:
            return
        self.server.terminate()  # its windows get a hang-up, as from a terminal that is closed
        try:
            self.server.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.server = None


def available():
    """Why this can't run here, or None."""
    return None if shutil.which("tmux") else "tmux is not installed"


MASKS = [
    (re.compile(r"127\.0\.0\.1:\d{5}\b"), "127.0.0.1:PPPPP"),
    (re.compile(r"\d\d-\d\d \d\d:\d\d:\d\d"), "MM-DD hh:mm:ss"),
    (re.compile(r"\d\d-\d\d \d\d:\d\d"), "MM-DD hh:mm"),
    (re.compile(r"\b09:3\d(:\d\d)?\b"), "hh:mm"),  # a pinned clock begins at 09:30, and goes on
]


def masked(screen):
    for pattern, instead in MASKS:
        screen = pattern.sub(instead, screen)
    return screen
