#!/usr/bin/env python3
"""The server's suite once more, on a PostgreSQL of its own: every unit test that opens a server's database, each test in a
schema of its own. With --long also those that have a server beside them.

    units.py [--long] [NAME …]
"""
import concurrent.futures
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests/crash"), os.path.dirname(os.path.abspath(__file__))]
import cluster  # noqa: E402
import rig  # noqa: E402

PROGRAM_S = 300
SERVERS = r"tests/unit/server_\w+\.h"  # every helper of theirs opens a server
BESIDE = SERVERS + r"|linked_world\.h|market_world\.h"


def programs(words, long):
    """Those whose sources say that they have one."""
    found = []
    for source in sorted(glob.glob(os.path.join(ROOT, "tests/unit/test_*.c"))):
        name = os.path.basename(source)[:-2]
        with open(source, encoding="utf-8") as text:
            has = re.search(BESIDE if long else SERVERS, text.read())
        if has and (not words or any(word in name for word in words)):
            found.append(name)
    return found


def run(name, url):
    """(name, status, output)."""
    environment = dict(os.environ, TALLYMAN_TEST_DB=url)
    try:
        done = subprocess.run([os.path.join(rig.BUILD, "unit", name)], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PROGRAM_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return name, 1, str(error)
    return name, done.returncode, done.stdout.decode("utf-8", "replace")


def main(words):
    long = "--long" in words
    names = programs([word for word in words if word != "--long"], long)
    passed = failed = skipped = 0
    postgres = cluster.Cluster(full_page_writes="off", autovacuum="off", wal_level="minimal", max_wal_senders="0")
    postgres.start()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, status, output in pool.map(lambda name: run(name, postgres.url()), names):
            counts = [sum(int(n) for n in re.findall(rf"^\[  {word} *\] (\d+) test", output, re.M))
                      for word in ("PASSED", "FAILED", "SKIPPED")]
            passed, skipped = passed + counts[0], skipped + counts[2]
            failed += counts[1] or (status != 0)
            for test in dict.fromkeys(re.findall(r"^\[  FAILED  \] (\w+)$", output, re.M)):
                print(f"FAILED: {name}: {test}")
            if status or not counts[0]:
                print(f"$ {name}: status {status}\n{output[-4000:]}", flush=True)
                failed += not status
    errors = sum(int(n) for n in postgres.sql("SELECT deadlocks FROM pg_stat_database").split())
    print(f"figure: {len(names)} programs on PostgreSQL; {errors} deadlocks")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
