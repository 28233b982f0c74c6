#!/usr/bin/env python3
"""A scanner on a serial port that is not there: a pseudo terminal whose other end writes scans.

    pty_scanner.py LINK [--pace SECONDS] [--baud N] <SCANS

LINK becomes a symbolic link to the port. Scans come from standard input, one a line, with `\\xNN` and `\\\\` as
`tallyman decode` reads them, and leave it ended by CR, as soon as a program has opened the port. Ends when that
program has closed it. As a module: Scanner.
"""
import argparse
import os
import pty
import re
import select
import sys
import termios
import time
import tty


def unescape(line):
    """The bytes of one line of text with `\\xNN` and `\\\\`."""
    return re.sub(rb"\\(x[0-9a-fA-F]{2}|\\)",
                  lambda m: b"\\" if m.group(1) == b"\\" else bytes([int(m.group(1)[1:], 16)]), line)


class Scanner:
    """`device` is the port's path. Bytes wait in the kernel (4 kB) when the program is slow; nothing is dropped."""

    def __init__(self, link=None):
        self.master, slave = pty.openpty()
        tty.setraw(slave, termios.TCSANOW)
        self.device = os.ttyname(slave)
        os.close(slave)  # from now on the master says "hung up" until a program opens the port
        self.link = link
        if link:
            if os.path.islink(link):
                os.unlink(link)
            os.symlink(self.device, link)
        self.poll = select.poll()

    def is_open(self):
        self.poll.register(self.master, 0)
        return not any(events & select.POLLHUP for _, events in self.poll.poll(0))

    def wait(self, opened, seconds):
        """Until the port is opened, or closed; False when that takes longer."""
        end = time.monotonic() + seconds
        while self.is_open() != opened:
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def write(self, scan, end=b"\r"):
        data = scan + end
        while data:
            data = data[os.write(self.master, data):]

    def close(self):
        os.close(self.master)
        if self.link and os.path.islink(self.link):
            os.unlink(self.link)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("link")
    parser.add_argument("--pace", type=float, default=0.0)
    parser.add_argument("--baud", type=int, default=0)
    parser.add_argument("--wait", type=float, default=60.0)
    options = parser.parse_args()
    scanner = Scanner(options.link)
    try:
        if not scanner.wait(True, options.wait):
            sys.exit("pty_scanner: nobody opened the port")
        for line in sys.stdin.buffer:
            scan = unescape(line.rstrip(b"\r\n"))
            scanner.write(scan)
            time.sleep(options.pace + ((len(scan) + 1) * 10 / options.baud if options.baud else 0))
        scanner.wait(False, options.wait)
    except OSError as error:
        sys.exit(f"pty_scanner: {error}")
    finally:
        scanner.close()


if __name__ == "__main__":
    main()
