#!/usr/bin/env python3
"""Inside of the machine: a HID POS scanner that is made of nothing but USB/IP messages to vhci_hcd, so that it can do what
no gadget does: stall, send too little or nothing, describe itself wrongly, vanish between two reports.

    usbip.py COMMANDS              a named pipe, a command a line

    plug KIND       one of DESCRIPTIONS, until the host has configured it; or of VANISHINGS, until it is gone again
    vanish          the cable, at once
    send HEX …      a packet each, of any length; "-" one without a byte
    stall           the endpoint, once what waits has been sent, until the host clears it
    stall-on        so that clearing does not help, up to
    stall-off
    fail NAME       of FAILURES, in place of the next packet
    sync            until all of it has been taken
Says `done N TIME` of each, by the clock of udevadm monitor.
"""
import collections
import errno
import glob
import os
import re
import select
import socket
import struct
import sys
import time

import codes

VHCI = "/sys/devices/platform/vhci_hcd.0"
SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4
HEAD, SUBMITTED_HEAD, UNLINKED_HEAD = struct.Struct(">5I5i8s"), struct.Struct(">5I5i8x"), struct.Struct(">5Ii24x")
FREE, GONE_S = "004", 60     # the kernel waits for an answer for five seconds, though who gives it has gone
ENDPOINT, PACKET, FULL_SPEED = 0x81, 64, 2
VID, PID = 0x1209, 0x0001       # nobody's: no maker's layout helps
CLEAR_FEATURE, GET_DESCRIPTOR, GET_CONFIGURATION, SET_CONFIGURATION = 1, 6, 8, 9
DEVICE, CONFIGURATION, STRING, HID, REPORT = 1, 2, 3, 0x21, 0x22
FAILURES = {"babble": errno.EOVERFLOW, "crc": errno.EILSEQ, "protocol": errno.EPROTO, "timeout": errno.ETIMEDOUT}
GOOD = codes.POS_DESCRIPTOR
DESCRIPTIONS = {"good": GOOD, "cut": GOOD[:-31], "none": b"", "noise": bytes(range(7, 100)) * 2,
                "no-data": GOOD.replace(bytes.fromhex("09fe"), bytes.fromhex("0930")),
                "endless": bytes.fromhex("058c0902a101") + bytes.fromhex("a102") * 80,
                "huge": bytes.fromhex("058c0902a101150026ff00750896ffff09fe8102c0"),
                "keyboard": codes.WEDGE_DESCRIPTOR}
VANISHINGS = {"vanish-device": DEVICE, "vanish-configuration": CONFIGURATION, "vanish-report": REPORT}
STRINGS = {0: b"\x09\x04", 1: "Rig".encode("utf-16le"), 2: "Faults".encode("utf-16le"), 3: "VHCI1".encode("utf-16le")}


class Device:
    """One that is plugged in."""

    def __init__(self, kind):
        self.description, self.vanishes_at = DESCRIPTIONS.get(kind, GOOD), VANISHINGS.get(kind)
        self.configured = self.halted = self.stalls_on = False
        self.waiting = collections.deque()      # the host's requests for a packet
        self.packets = collections.deque()      # bytes, or a status
        self.socket, host = socket.socketpair()
        with open(VHCI + "/attach", "w", encoding="ascii") as stream:
            stream.write(f"0 {host.fileno()} {1 << 16 | 2} {FULL_SPEED}")
        host.close()

    def descriptor(self, kind, number):
        hid = struct.pack("<BBHBBBH", 9, HID, 0x111, 0, 1, REPORT, len(self.description))
        parts = (struct.pack("<9B", 9, 4, 0, 0, 1, 3, 0, 0, 0) + hid
                 + struct.pack("<BBBBHB", 7, 5, ENDPOINT, 3, PACKET, 4))
        text = STRINGS.get(number)
        return {DEVICE: struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, 0, 0, 0, 64, VID, PID, 0x100, 1, 2, 3, 1),
                CONFIGURATION: struct.pack("<BBHBBBBB", 9, 2, 9 + len(parts), 1, 1, 0, 0x80, 50) + parts,
                STRING: text and bytes([2 + len(text), STRING]) + text,
                HID: hid, REPORT: self.description}.get(kind)

    def control(self, setup):
        """The answer; None: it stalls."""
        kind, request, value, _, length = struct.unpack("<BBHHH", setup)
        if request == GET_DESCRIPTOR and kind & 0x80:
            if value >> 8 == self.vanishes_at:
                raise EOFError
            return self.descriptor(value >> 8, value & 0xff)
        if request == GET_CONFIGURATION:
            return bytes([self.configured])
        if request == CLEAR_FEATURE and kind == 0x02:
            self.halted = self.stalls_on
        if request == SET_CONFIGURATION and kind == 0x00:
            self.configured = True
        return b"\0" * length if kind & 0x80 else b""

    def answer(self, sequence, inwards, status, data):
        self.socket.sendall(SUBMITTED_HEAD.pack(SUBMITTED, sequence, 0, 0, 0, status, len(data), 0, 0, 0)
                            + (data if inwards else b""))

    def pump(self):
        """Packets for those who wait for them."""
        while self.waiting and (self.halted or self.packets):
            sequence, length = self.waiting.popleft()
            what = -errno.EPIPE if self.halted else self.packets.popleft()
            self.halted = self.halted or what == -errno.EPIPE
            if isinstance(what, int):
                self.answer(sequence, True, what, b"")
            else:
                self.answer(sequence, True, 0, what[:length])

    def read(self, length):
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def serve(self):
        """One message of the host."""
        command, sequence, _, inwards, endpoint, first, length, _, _, _, setup = HEAD.unpack(self.read(HEAD.size))
        if command == UNLINK:
            had = [one for one in self.waiting if one[0] == first]
            for one in had:
                self.waiting.remove(one)
            self.socket.sendall(UNLINKED_HEAD.pack(UNLINKED, sequence, 0, 0, 0, -errno.ECONNRESET if had else 0))
        elif endpoint:
            self.waiting.append((sequence, length))
        else:
            data = b"" if inwards else self.read(length)
            said = self.control(setup)
            if said is None:
                self.answer(sequence, inwards, -errno.EPIPE, b"")
            else:
                self.answer(sequence, inwards, 0, said[:length] if inwards else data)
        self.pump()

    def close(self):
        self.socket.close()
        end = time.monotonic() + GONE_S
        while True:
            with open(VHCI + "/status", encoding="ascii") as stream:
                if re.search(rf"^hs +0000 {FREE} ", stream.read(), re.M) and not glob.glob(VHCI + "/usb*/*-1"):
                    return
            if time.monotonic() > end:
                sys.exit("it does not go")
            time.sleep(0.01)


class Bench:
    """What carries the commands out."""

    def __init__(self):
        self.device, self.number, self.busy, self.waits = None, 0, False, None

    def begin(self, word, *rest):
        """Sets what is to be waited for."""
        device = self.device
        if word == "plug":
            self.device = Device(*rest)
            vanishes = self.device.vanishes_at
            self.waits = lambda: not self.device or (self.device.configured and not vanishes)
        elif word == "vanish":
            self.lose()
        elif word == "send":
            device.packets.extend(b"" if one == "-" else bytes.fromhex(one) for one in rest)
        elif word == "fail":
            device.packets.append(-FAILURES[rest[0]])
        elif word in ("stall", "stall-on"):
            device.stalls_on = word == "stall-on"
            device.packets.append(-errno.EPIPE)
        elif word == "stall-off":
            device.stalls_on = device.halted = False
        elif word == "sync":
            self.waits = lambda: not self.device or not (self.device.packets or self.device.halted)
        if self.device:
            self.device.pump()

    def lose(self):
        self.device.close()
        self.device = None

    def serve(self):
        try:
            self.device.serve()
        except (EOFError, ConnectionError):
            self.lose()

    def go_on(self, commands):
        """As far as nothing has to be waited for."""
        while self.busy or commands:
            if not self.busy:
                self.number, self.busy, self.waits = self.number + 1, True, None
                self.begin(*commands.popleft().split())
            if self.waits and not self.waits():
                return
            print(f"done {self.number} {time.monotonic():.6f}", flush=True)
            self.busy = False


def main():
    pipe = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
    bench, commands, read = Bench(), collections.deque(), b""
    while True:
        fds = [pipe] + ([bench.device.socket] if bench.device else [])
        for ready in select.select(fds, [], [])[0]:
            if ready == pipe:
                *lines, read = (read + os.read(pipe, 1 << 16)).split(b"\n")
                commands.extend(line.decode() for line in lines)
            else:
                bench.serve()
        bench.go_on(commands)


if __name__ == "__main__":
    main()
