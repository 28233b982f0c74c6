"""The network cut and bad, while scans and orders go both ways: sync ends complete, and scans are judged as fast as ever
meanwhile. The server is on the host, behind the machine's network card: what the program sends to its own loopback, as
it does without TLS, the kernel sends there."""
import os
import statistics

import stand
import vm

HERE = os.path.dirname(os.path.abspath(__file__))
DATA, PHASE, OUT, STOP = "/dev/shm/data", "/dev/shm/phase", "/dev/shm/out", "/dev/shm/stop"
ROUNDS, SCANS = 3, 15       # in each of them, of each kind of network
PHASE_S, SYNC_S = 240, 240
PHASES = ("good", "bad", "cut")
PULL_BYTES, PUSH_BYTES = 6000, 2000
NEWS_LINES = 1000
LAST_NEWS = f"N{NEWS_LINES - 1:06d}"
NEWS = [one for n in range(NEWS_LINES) for one in
        (stand.rig.line("lot", product="SEAL", lot=f"LOT-{n}", expires="2031-01-10", quality="released"),
         stand.rig.serials("N", 1, first=n, lot=f"LOT-{n}"))]
# Anything that waited for the network would wait for seconds
SLOWER_MAX = 2.0
# The host's as QEMU has it; without a route the machine reaches nothing else
OWN, ADDRESS = "10.0.2.15", "10.0.2.2"
BAD, GOOD = "tc qdisc replace dev eth0 root netem delay 300ms loss 5%", "tc qdisc del dev eth0 root"


class Network:
    """A server on the host and a machine that reaches it through its network card alone."""

    def __init__(self, parts):
        self.server = stand.rig.Server()
        only_wang = [one for one in stand.rig.base_feed() if '"li"' not in one]
        self.server.import_feed(only_wang + [stand.rig.order("SO-1", 1000000), stand.rig.serials("B", 100000)])
        self.server.start()
        self.machine = vm.Machine(parts, ["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,id=card"],
                                  usb=False)
        self.must(f"""modprobe -a virtio_net sch_netem nf_tables nft_nat nft_chain_nat
until_true 20 test -e /sys/class/net/eth0
ip link set eth0 up
ip addr add {OWN}/24 dev eth0
echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
nft -f - <<'END'
add table ip out
add chain ip out there {{ type nat hook output priority -100; }}
add rule ip out there ip daddr 127.0.0.1 tcp dport {self.server.port} dnat to {ADDRESS}
add chain ip out mine {{ type nat hook postrouting priority 100; }}
add rule ip out mine oif eth0 snat to {OWN}
END
""")

    def must(self, script, seconds=PHASE_S):
        build = os.path.relpath(stand.rig.BUILD, stand.rig.ROOT)
        return self.machine.must(f"set -e\n. {HERE}/kit.sh\n{stand.ENVIRONMENT} TALLYMAN_BUILD={build}\n{script}", seconds)

    def start(self):
        """Until it scans: the order that is worked on is the only one then."""
        enrolment = self.server.enrolment(f"http://127.0.0.1:{self.server.port}")
        self.must(f"echo start >{PHASE}\nsetsid python3 {HERE}/pace.py {DATA} '{enrolment}' {PHASE} {OUT} {STOP}"
                  " >/dev/shm/said 2>&1 &")
        self.scans("start", 1)

    def scans(self, name, count):
        self.must("enough() { [ -s /dev/shm/said ] || { read -r phase n <" + OUT + ".now && "
                  f"[ \"$phase\" = {name} ] && [ $n -ge {count} ]; }} 2>/dev/null; }}\n"
                  f"until_true {PHASE_S - 10} enough\n! grep . /dev/shm/said")

    def call(self, name, number):
        """What the network is like from now on; the server has news then."""
        self.server.import_feed([stand.rig.order(f"NEW-{name}-{number}", 10)])
        self.name(name)

    def name(self, name):
        self.must(f"echo {name} >{PHASE}.new; mv {PHASE}.new {PHASE}")

    def catch_up(self, number):
        """Until the last news have come; what it scans meanwhile is compared with nothing."""
        self.name("between")
        self.must(f"has() {{ grep -qs NEW-cut-{number} {DATA}/catalog-*; }}\nuntil_true {SYNC_S} has", SYNC_S + 10)

    def cut_in(self, direction, size):
        """Takes the link away when so much has gone one way since something else was true."""
        count = f"/sys/class/net/eth0/statistics/{direction}_bytes"
        self.must(f"read -r before <{count}\nflows() {{ read -r now <{count}; [ $((now - before)) -ge {size} ]; }}\n"
                  f"until_true {SYNC_S} flows")
        self.link(False)

    def link(self, up):
        self.machine.control("set_link", name="card", up=up)

    def close(self):
        self.machine.pull()
        self.server.kill()


def rounds(place):
    """Good, bad, cut, and again: in turns, since nobody knows what else the host does. Cut in a pull, then in pushes."""
    for number in range(ROUNDS):
        place.call("good", number)
        place.scans("good", SCANS * (number + 1))
        place.must(BAD)
        place.call("bad", number)
        place.scans("bad", SCANS * (number + 1))
        if number == 0:
            place.server.import_feed(NEWS)
            place.cut_in("rx", PULL_BYTES)
        else:
            place.cut_in("tx", PUSH_BYTES)
        place.call("cut", number)
        place.scans("cut", SCANS * (number + 1))
        place.link(True)
        place.must(GOOD)
        place.catch_up(number)


def end(place):
    """Nobody scans any more: sync ends by itself. Seconds until nothing waits."""
    place.must(f"touch {STOP}\nuntil_true 60 test -e {STOP}.seen")
    told = f"{stand.rig.TALLYMAN} --data {DATA} status"
    said = place.must(f"there=$(date +%s%N)\nnone() {{ {told} | grep -q '^waiting.0$'; }}\nuntil_true {SYNC_S} none\n"
                      "echo after $((($(date +%s%N) - there) / 1000000))", SYNC_S + 10)
    place.must(f"rm {STOP}\ndone_() {{ ! pgrep -f rig/pace.py >/dev/null; }}\nuntil_true 60 done_\n! grep . /dev/shm/said")
    return int(said.split()[-1]) / 1000


def complete(checks, place, count):
    """Each scan is on the server once, and all that the server told is here."""
    there = [one["seq"] for one in place.server.rows("records") if one["kind"] == "scan" and one["severity"] == "accept"]
    checks.equal((len(there), len(set(there))), (count, count), "good scans on the server, each once")
    tallyman = f"{stand.rig.TALLYMAN} --data {DATA} --lang en --as wang"
    documents = place.must(f"{tallyman} documents")
    for name in (f"NEW-{name}-{number}" for name in PHASES for number in range(ROUNDS)):
        checks.ok(name in documents, f"{name} has come")
    told = place.must(f"echo '{stand.rig.scan(LAST_NEWS)}' | {tallyman} scan SO-1")
    checks.ok(told.startswith("ok\taccept"), f"the last of the news whose pull was cut: {told}")


def network(checks, parts):
    place = Network(parts)
    try:
        place.start()
        rounds(place)
        seconds = end(place)
        times = {}
        for line in place.must(f"cat {OUT}").splitlines():
            name, milliseconds = line.split()
            times.setdefault(name, []).append(float(milliseconds))
        complete(checks, place, sum(map(len, times.values())))
        print(f"figure: sync complete {seconds:.1f} s after the last scan, cut in a pull and in {ROUNDS - 1} pushes",
              flush=True)
        usual = statistics.median(times["good"])
        for name in PHASES:
            middle, mine = statistics.median(times[name]), sorted(times[name])
            checks.ok(middle <= SLOWER_MAX * usual, f"a scan while {name}: {middle:.0f} ms, not {usual:.0f}")
            print(f"figure: network {name}: {len(mine)} scans, from bytes to bell median {middle:.0f} ms, "
                  f"p90 {mine[len(mine) * 9 // 10]:.0f} ms, slowest {mine[-1]:.0f} ms", flush=True)
        checks.ok(place.server.sound(), "the server said that it was broken")
    finally:
        place.close()


CHECKS = [("network", network)]
