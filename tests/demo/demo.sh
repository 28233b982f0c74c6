#!/bin/sh
# The demo: a day of one handheld. On a terminal it opens the real screens (F9 pulls the scanner's trigger); without one it
# plays the same day as a script, and a bit of what needs no order; every verdict is checked against tests/data/verdicts.tsv
# and verdicts-flows.tsv.
#
#   tests/demo/demo.sh [--script]      TALLYMAN_BUILD names the folder of the programs (build)
set -eu
cd "$(dirname "$0")/../.."
. tests/demo/day.sh

if [ -t 0 ] && [ -t 1 ] && [ "${1:-}" != --script ]; then
    . tests/demo/screens.sh
    exit 0
fi

title "1. The order comes from the ERP to the server"
start_server
as_server import tests/data/orders.ndjson
as_server import tests/data/packed.ndjson

title "2. A new handheld is enrolled and takes the orders along"
enrol_device
as_clerk documents
for order in $(orders); do as_clerk show "$order"; done

title "3. Out of reach: the server is gone"
stop_server
fails as_device sync

title "4. The clerk scans, the handheld judges alone"
play tests/data/verdicts.tsv

title "5. Both orders are closed, still out of reach"
for order in $(orders); do finish "$order"; done
as_clerk documents
as_device status
as_device journal verify

title "6. Back in reach"
start_server
as_device sync
as_device status

title "7. What comes without an order: goods arrive, a case is packed, a shelf is counted"
begin receipt from=5
as_clerk complete "$no" --set-aside plate=川B20417
begin pack
as_clerk complete "$no"
begin count product=SKU-E500
fails as_clerk complete "$no" # other than the books: it is counted again first
as_clerk complete "$no" --recounted
as_device sync

title "8. What the server has now"
show_records
show_results
as_server conflicts
check_once
say "All $scans scans got the verdicts that tests/data/verdicts.tsv and verdicts-flows.tsv expect;"
say "the server has each record and each result once."
