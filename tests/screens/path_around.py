"""What is around the screens: battery and network, told by files; scanning goes on through all of it."""
import os

from path_changes import BEARINGS, WINES, to_order

FEEDS = None  # the small world of make_feed
PINNED_YEAR = None
AUTO = True
PULLS = [WINES[0]]
NO_NETWORK = {"zh_CN": "无网络", "en": "No network"}


def told(d, name, text):
    path = os.path.join(d.world.folder, name)
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write(text + "\n")
    os.rename(path + ".new", path)


def gone(d, text):
    d.terminal.wait(lambda screen: text not in screen, "no more " + text)


def battery(d):
    told(d, "power", "80 discharging")
    d.scan(WINES[0])
    d.shot("power-good")
    told(d, "power", "20 discharging")
    d.see("20 %")
    d.shot("power-20")
    d.scan(BEARINGS[0])  # the notice goes, the foot goes on saying it
    d.shot("power-20-scan")
    told(d, "power", "9 discharging")
    d.see(" 9 %")
    d.shot("power-9")
    told(d, "power", "9 charging")
    d.key("Escape")
    gone(d, " 9 %")


def network(d):
    told(d, "net", "down")
    d.see(NO_NETWORK[d.world.lang])
    d.shot("net-down")
    told(d, "net", "up")
    gone(d, NO_NETWORK[d.world.lang])
    d.shot("net-up")


def empty(d):
    """A charger in time calls the end off."""
    told(d, "power", "4 discharging")
    d.see(" 4 %")
    told(d, "power", "4 charging")
    gone(d, " 4 %")
    d.shot("power-called-off")


def walk(d):
    to_order(d)
    battery(d)
    network(d)
    empty(d)
