"""The network cut and bad, while scans and orders go both ways: sync ends complete, and scans are judged as fast as ever
meanwhile. The server is on the host, behind the machine's network card."""
import os
import statistics

import stand
import vm

HERE = os.path.dirname(os.path.abspath(__file__))
DATA, PHASE, OUT, STOP = "/dev/shm/data", "/dev/shm/phase", "/dev/shm/out", "/dev/shm/stop"
SCANS = 60                  # of each phase
PHASE_S, SYNC_S = 240, 240
# Anything that waited for the network would wait for seconds
SLOWER_MAX = 2.0
ADDRESS = "10.0.2.100"
BAD, GOOD = "tc qdisc replace dev eth0 root netem delay 300ms loss 5%", "tc qdisc del dev eth0 root"


class Network:
    """A server on the host and a machine that reaches it through its network card alone."""

    def __init__(self, parts):
        self.server = stand.rig.Server()
        only_wang = [one for one in stand.rig.base_feed() if '"li"' not in one]
        self.server.import_feed(only_wang + [stand.rig.order("SO-1", 1000000), stand.rig.serials("B", 100000)])
        self.server.start()
        forward = f"guestfwd=tcp:{ADDRESS}:80-tcp:127.0.0.1:{self.server.port}"
        self.machine = vm.Machine(parts, ["-netdev", f"user,id=net,restrict=on,{forward}",
                                          "-device", "virtio-net-pci,netdev=net,id=card"], usb=False)
        self.must("modprobe -a virtio_net sch_netem\nuntil_true 20 test -e /sys/class/net/eth0\nip link set eth0 up\n"
                  "ip addr add 10.0.2.15/24 dev eth0")

    def must(self, script, seconds=PHASE_S):
        build = os.path.relpath(stand.rig.BUILD, stand.rig.ROOT)
        return self.machine.must(f"set -e\n. {HERE}/kit.sh\n{stand.ENVIRONMENT} TALLYMAN_BUILD={build}\n{script}", seconds)

    def start(self):
        enrolment = self.server.enrolment(f"http://{ADDRESS}:80")
        self.must(f"echo start >{PHASE}\nsetsid python3 {HERE}/pace.py {DATA} '{enrolment}' {PHASE} {OUT} {STOP}"
                  " >/dev/shm/said 2>&1 &")

    def phase(self, name):
        """Until so many scans were made in it. Meanwhile the server has news."""
        self.server.import_feed([stand.rig.order(f"NEW-{name}", 10)])
        self.must(f"echo {name} >{PHASE}\nenough() {{ grep -q . /dev/shm/said || "
                  f"[ \"$(grep -c '^{name} ' {OUT} 2>/dev/null)\" -ge {SCANS} ]; }}\n"
                  f"until_true {PHASE_S - 10} enough\n! grep . /dev/shm/said")

    def link(self, up):
        self.machine.control("set_link", name="card", up=up)

    def close(self):
        self.machine.pull()
        self.server.kill()


def phases(place):
    place.phase("good")
    place.link(False)
    place.phase("cut")
    place.link(True)
    place.must(BAD)
    place.phase("bad")
    place.must(GOOD)
    place.phase("again")
    place.must(f"touch {STOP}\ndone_() {{ ! pgrep -f rig/pace.py >/dev/null; }}\nuntil_true 60 done_\n! grep . /dev/shm/said")


def network(checks, parts):
    place = Network(parts)
    try:
        place.start()
        phases(place)
        times = {}
        for line in place.must(f"cat {OUT}").splitlines():
            name, milliseconds = line.split()
            times.setdefault(name, []).append(float(milliseconds))
        tallyman = f"{stand.rig.TALLYMAN} --data {DATA} --lang en "
        place.must(tallyman + "sync", SYNC_S)
        there = [one["seq"] for one in place.server.rows("records") if one["kind"] == "scan"]
        checks.equal(len(there), sum(map(len, times.values())), "scans on the server, each once")
        checks.ok(place.server.sound(), "the server did not say that it was broken")
        documents = place.must(tallyman + "documents")
        for name in ("good", "cut", "bad", "again"):
            checks.ok(f"NEW-{name}" in documents, f"what the server told while {name} has come")
        middle = {name: statistics.median(times[name]) for name in ("good", "cut", "bad")}
        for name in ("cut", "bad"):
            checks.ok(middle[name] <= SLOWER_MAX * middle["good"], f"a scan while {name}: {middle}")
            print(f"figure: network {name}: {len(times[name])} scans, median {middle[name]:.0f} ms, slowest "
                  f"{max(times[name]):.0f} ms; good: {middle['good']:.0f} ms, {max(times['good']):.0f} ms", flush=True)
    finally:
        place.close()


CHECKS = [("network", network)]
