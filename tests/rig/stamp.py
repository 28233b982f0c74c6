#!/usr/bin/env python3
"""Inside of the machine: each line of standard input with the time when it came, on the clock that udevadm monitor shows."""
import sys
import time

for line in iter(sys.stdin.buffer.readline, b""):
    sys.stdout.buffer.write(b"%.6f " % time.monotonic() + line)
    sys.stdout.buffer.flush()
