"""Days out of reach, and then a server that takes its time: what goes and comes is shown in figures, and work goes on."""
import base64
import json

from path_flows import scanned
from path_inbox import SHIPPED, TAKEN
from slow_server import SlowServer

FEEDS = None  # the small world of make_feed
PINNED_YEAR = None
PULLS = ["]d2010690123499002721W8101"]
SCANS = 900


def prepare(world):
    """Much was scanned, and nobody heard of it."""
    world.slow = SlowServer()
    world.stock()
    said = json.dumps({"url": world.slow.url, "token": "t", "pins": []}).encode()
    world.run("tallyman", "--data", "data", "enrol",
              "tallyman:1:" + base64.urlsafe_b64encode(said).decode().rstrip("="))
    world.environment["TALLYMAN_PIN"] = "2468"
    world.run("tallyman", "--data", "data", "--as", "wang", "scan", "SO-1", typed=(scanned(TAKEN) + "\n") * SCANS)


def joins(d):
    d.see("Tallyman")
    d.key("Down", "Enter")
    d.pin("2468")
    d.see("5 ")
    d.world.slow.total = json.loads(d.world.run("tallyman", "--json", "--data", "data", "status"))["last_seq"]
    d.key("3")
    d.see("F2")
    d.key("F2")


def waits(d):
    d.sizes("slow-sending")
    d.key("Escape")
    d.shot("slow-home-sending")
    d.world.slow.go_on("push")
    d.shot("slow-home-fetching")
    d.key("3")
    d.sizes("slow-fetching")
    d.key("Escape", "1")
    d.see("SO-1")
    d.key("Enter")
    d.see("/4")
    d.key("Enter")
    d.see("F2")
    d.scan(scanned(SHIPPED[0]))  # it counts at once
    d.see("0001C1")
    d.shot("slow-scanned")
    d.key("Escape", "Escape", "Escape")
    d.see("5 ")
    d.key("3")
    d.world.slow.total += 1
    d.world.slow.go_on("piece")
    d.shot("slow-rows")


def walk(d):
    joins(d)
    try:
        waits(d)
    finally:
        d.world.slow.close()
