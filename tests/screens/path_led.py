"""A handheld whose data were put back from an older copy: its server leads it back, and the screens say so, once."""
import os
import shutil

from make_feed import SEAL, item
from path_flows import scanned

FEEDS = None  # the small world of make_feed
PINNED_YEAR = None
AUTO = True
PULLS = ["]d2010690123499002721W8101"]
SEALS = [item("0" + SEAL, "B000%dC1" % n) for n in (1, 2, 3)]


def scan(world, code):
    world.run("tallyman", "--data", "data", "--as", "wang", "scan", "SO-1", typed=scanned(code) + "\n")


def prepare(world):
    """A copy is made in the morning, and put back in the evening."""
    world.enrol()
    world.environment["TALLYMAN_PIN"] = "2468"
    data = os.path.join(world.folder, "data")
    scan(world, SEALS[0])
    world.run("tallyman", "--data", "data", "sync")
    shutil.copytree(data, data + ".copy")
    scan(world, SEALS[1])
    world.run("tallyman", "--data", "data", "sync")
    shutil.rmtree(data)
    os.rename(data + ".copy", data)
    scan(world, SEALS[2])


def walk(d):
    d.see("Tallyman")
    d.key("Down", "Enter")
    d.pin("2468")
    d.see("5 ")
    d.world.run("tallyman", "--data", "data", "sync")  # asked from outside: the sync screen would have said it at once
    d.shot("led-home")
    d.key("3")
    d.see("✔")
    d.sizes("led-sync")
    d.key("Escape")
    d.shot("led-home-seen")
