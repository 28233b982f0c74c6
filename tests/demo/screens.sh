# The demo on a terminal: the same day in the real screens; sourced by demo.sh.

title "Tallyman on a simulated handheld"
start_server
as_server import tests/data/orders.ndjson
as_server import tests/data/packed.ndjson
enrol_device
awk -F'\t' '!/^#/ && NF >= 4 { print $2 }' tests/data/verdicts.tsv >"$work/scans"
cat >"$work/config" <<INI
[scanner demo]
kind = sim
device = $work/scans
INI
cat <<TEXT

The server runs on $url, the device is enrolled.

  Sign in as 王芳, PIN 2468, and open order $(orders | head -n 1).
  F9 pulls the scanner's trigger: each pull is the next of $(wc -l <"$work/scans") scans;
  wrong goods, a duplicate and a recalled lot are among them.
  They belong to the orders $(orders | paste -sd' '), in this order.
  2 on the first screen begins what needs no order: a receipt, packing, a count.
  A code typed by hand, ended by Enter, is a scan too.
  Leave by F4 on the first screen: then you see what the server has.

Enter opens the screens.
TEXT
read -r _ || :
"$build/tallyman" --data "$work/device" --config "$work/config" run || broken "the screens ended with $?"
"$build/tallyman" --data "$work/device" sync || :
title "What the server has now"
show_records
show_results
