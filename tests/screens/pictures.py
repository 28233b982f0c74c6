#!/usr/bin/env python3
"""Takes the pictures of the README from the running program: an xterm under Xvfb looks at the terminal that the driver
works in. Called by pictures.sh.

    pictures.py FOLDER
"""
import os
import subprocess
import sys
import time

import make_market
import path
import path_audit
import path_flows
from make_flows import CUPS
from path_flows import BOX_B, scanned
from run import Driver
from terminal import LIMIT_S
from world import ROOT, World

YEAR = 2026
FONT, WIDE_FONT = "DejaVu Sans Mono", "Noto Sans Mono CJK SC"
GROUND, INK = "#0b0f14", "#e8eaed"
SETTLED_S = 0.4


class Camera:
    """One X display of its own, and on it one xterm that shows the driver's terminal."""

    def __init__(self, terminal):
        reader, writer = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1000x24", "-nolisten",
                                        "tcp"], pass_fds=[writer], stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as number:
            self.display = ":" + number.readline().strip()
        self.environment = {**os.environ, "DISPLAY": self.display, "LC_ALL": "C.UTF-8"}
        self.xterm = subprocess.Popen(
            ["xterm", "-fa", FONT, "-fd", WIDE_FONT, "-fs", "17", "-geometry", f"{terminal.width}x{terminal.height}+0+0", "+sb", "-b", "10",
             "-bg", GROUND, "-fg", INK, "-tn", "xterm-256color", "-title", "tallyman", "-e", "tmux", "-S",
             terminal.socket, "attach", "-t", "s"], env=self.environment)
        end = time.monotonic() + LIMIT_S
        while not terminal.tmux("list-clients", "-t", "s").strip():
            if time.monotonic() > end:
                raise TimeoutError("xterm does not attach")
            time.sleep(0.05)

    def take(self, file):
        """The picture once two in a row are the same."""
        seen = None
        while True:
            time.sleep(SETTLED_S)
            shot = subprocess.run(["import", "-window", "root", "-trim", "+repage", "-colors", "64", "png8:-"],
                                  env=self.environment, check=True, capture_output=True, timeout=LIMIT_S).stdout
            if shot == seen:
                break
            seen = shot
        with open(file, "wb") as out:
            out.write(shot)
        print(f"{file}: {len(shot)} bytes")

    def close(self):
        for process in (self.xterm, self.server):
            process.terminate()
            process.wait(LIMIT_S)


class Sitting(Driver):
    """The driver without goldens: a step waits for a text."""

    def __init__(self, world, folder):
        super().__init__(world, False)
        self.folder, self.camera = folder, None

    def until(self, text):
        self.terminal.wait(lambda screen: text in screen, text)

    def take(self, name, text):
        self.until(text)
        self.camera.take(os.path.join(self.folder, name + ".png"))


def to_scanning(s, who, chosen, documents):
    s.until(who)
    s.key("Down", "Enter")
    s.until("Enter")
    s.pin("2468")
    s.until(chosen)
    s.key("1")
    s.until(documents)


def chinese(s):
    to_scanning(s, "谁来作业", "做什么", "SO-1 · 待办")
    s.take("documents-zh", "SO-2")
    s.key("Enter")
    s.until("0/4")
    s.key("Enter")
    s.until("请扫描")
    s.scan(path.INSIDE)
    s.until("1 / 5箱")
    s.key("F2")
    s.until("A101C0")
    s.key("F2")
    s.until("已撤销")
    s.key("Escape")
    s.scan(path.PALLET)
    s.until("4箱 / 5箱")
    s.scan(path.PULLS[0])
    s.take("scan-zh", "5箱 / 5箱")
    s.scan(path.RECALLED)
    s.take("recalled-zh", "已召回")


def english(s):
    to_scanning(s, "Who works", "What now", "SO-1 · to do")
    s.key("Enter")
    s.until("0/4")
    s.key("Enter")
    s.until("Ready")
    s.scan(path.PALLET)
    s.until("4箱 / 5箱")
    s.burst(path.YOUNGER_WINE)
    s.take("older-first-en", "Older lot first")
    s.scan(path.RECALLED)
    s.until("Recalled")
    s.scan(path.BEARING_ELSEWHERE)
    s.until("Not from here")
    s.key("F4")
    s.take("reject-en", "Rejected: 2")


def wide(s):
    to_scanning(s, "Who works", "What now", "SO-1 · to do")
    s.key("Enter")
    s.until("0/4")
    s.key("Enter")
    s.until("Ready")
    s.scan(path.PALLET)
    s.until("4箱 / 5箱")
    s.scan(path.PULLS[0])
    s.until("5箱 / 5箱")
    s.scan(path.RECALLED)
    s.until("Recalled")
    s.scan("]d2010690123499002721W8101")
    s.take("wide-en", "1 / 3")


def begin(s, number):
    s.key("2")
    s.until("9 ")
    s.key(*["Down"] * (number - 1), "Enter")


def flows(s):
    """What is begun here: the menu, packing, a wave bin by bin, what was counted against the books, practice."""
    s.until("谁来作业")
    s.key("Down", "Enter")
    s.until("Enter")
    s.pin("2468")
    s.until("做什么")
    s.key("2")
    s.take("begin-zh", "9 ")
    s.key("Escape")
    s.until("做什么")
    s.scan("W-7")
    s.until("A-02")
    s.key("Enter")
    s.until("请扫描")
    s.scan(path_flows.BEARINGS[0])
    s.take("bins-zh", "A-12")
    s.key("Escape", "Escape")
    s.until("做什么")
    begin(s, 2)
    s.until("开始之前")
    s.key("F4")
    s.until("请扫描")
    s.scan(BOX_B)
    s.until("▣")
    s.scan(scanned(CUPS[0]))
    s.until("1 / 3")
    s.scan(scanned(CUPS[1]))
    s.take("packing-zh", "2 / 3")
    s.key("Escape", "Escape")
    s.until("做什么")
    begin(s, 7)
    s.until("开始之前")
    s.key("F2")
    s.until("CUP-3")
    s.key("Enter")
    s.until("开始之前")
    s.key("F4")
    s.until("请扫")
    s.scan(scanned(CUPS[3]))
    s.until("1 / 3")
    s.key("F4")
    s.take("differences-zh", "3盒")


def auditor(s):
    """A shop: what one bottle is told to be, and the report."""
    s.until("谁来作业")
    s.key("1")
    s.until("Enter")
    s.pin("2468")
    s.until("做什么")
    s.key("2")
    s.until("市场稽查")
    s.key("1")
    s.until("开始之前")
    s.scan("]Q3party:R-LW")
    s.until("锦江区")
    s.key("F4")
    s.until("请扫描")
    s.scan(path_audit.bottle(make_market.GOOD))
    s.until("区域内")
    s.scan(path_audit.bottle(make_market.OUT))
    s.until("疑似窜货")
    s.scan(path_audit.bottle(make_market.BOTH))
    s.take("audit-zh", "已召回")
    s.scan(path_audit.bottle(make_market.OUT))
    s.until("是另一件")
    s.key("Up")
    s.until("目前的报告")
    s.key("5")
    s.take("report-zh", "老王烟酒店")


def sit(folder, lang, play, width=30, height=20, feed=None):
    world = World(os.environ.get("TALLYMAN_BUILD", os.path.join(ROOT, "build")), lang, path.PULLS, feed, YEAR)
    world.terminal.width, world.terminal.height = width, height
    sitting = Sitting(world, folder)
    try:
        world.stock()
        world.open()
        sitting.camera = Camera(world.terminal)
        play(sitting)
    finally:
        if sitting.camera:
            sitting.camera.close()
        world.close()


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    sit(folder, "zh_CN", chinese)
    sit(folder, "en", english)
    sit(folder, "en", wide, 80, 24)
    sit(folder, "zh_CN", flows, feed=path_flows.FEEDS)
    sit(folder, "zh_CN", auditor, feed=path_audit.FEEDS)


if __name__ == "__main__":
    main()
