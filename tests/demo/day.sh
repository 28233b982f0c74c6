# What the demo's steps are made of; sourced by demo.sh, in the root of the tree.

build=${TALLYMAN_BUILD:-build}
work=$(mktemp -d)
server= scanner= scans=0 address=127.0.0.1:0
tab=$(printf '\t')
export LC_ALL="${LC_ALL:-${LANG:-C.UTF-8}}"
case "$LC_ALL" in *[Uu][Tt][Ff]*) ;; *) LC_ALL=C.UTF-8 ;; esac
export TALLYMAN_PIN=2468

end() {
    status=$?
    trap - EXIT INT TERM
    [ -z "$scanner" ] || kill "$scanner" 2>/dev/null || :
    stop_server
    if [ "$status" -ne 0 ] && [ -s "$work/server.log" ]; then
        echo "The server said:"
        cat "$work/server.log"
    fi
    rm -rf "$work"
    exit "$status"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
exec 3>&1
say() { printf '%s\n' "$*" >&3; } # shown even where a step's own output goes to a file
title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain" >&3; }
broken() {
    printf 'demo: %s\n' "$*" >&2
    exit 1
}
as_device() {
    say "\$ tallyman $*"
    "$build/tallyman" --data "$work/device" "$@"
}
as_clerk() {
    say "\$ tallyman --as wang $*"
    "$build/tallyman" --data "$work/device" --as wang "$@"
}
as_server() {
    say "\$ tallyman-server $*"
    "$build/tallyman-server" --db "sqlite:$work/server.db" "$@"
}
fails() {
    if "$@"; then broken "this should have failed: $*"; fi
}

# wait_for SECONDS COMMAND: until it is true
wait_for() {
    left=$(($1 * 20))
    shift
    until "$@"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        sleep 0.05
    done
}

listening() { grep -q '^listening on' "$work/server.out" || ! kill -0 "$server" 2>/dev/null; }

# The second time it listens where it listened before: the device knows that address.
start_server() {
    say "\$ tallyman-server --listen $address &"
    : >"$work/server.out"
    "$build/tallyman-server" --db "sqlite:$work/server.db" --listen "$address" >"$work/server.out" 2>>"$work/server.log" &
    server=$!
    wait_for 20 listening || broken "the server does not listen"
    url=$(sed -n 's/^listening on \(http:[^ ]*\).*/\1/p' "$work/server.out")
    [ -n "$url" ] || broken "the server has ended"
    address=${url#http://}
    address=${address%/}
    say "listening on $url"
}

stop_server() {
    [ -n "$server" ] || return 0
    kill "$server" 2>/dev/null || :
    wait "$server" 2>/dev/null || :
    server=
}

enrol_device() {
    as_server enrol --site CDB --url "$url" >"$work/enrol"
    sed '$d' "$work/enrol"
    string=$(tail -n 1 "$work/enrol")
    say "${string%"${string#????????????????????????}"}…"
    "$build/tallyman" --data "$work/device" enrol "$string"
    as_device sync
}

orders() { awk -F'\t' '!/^#/ && NF >= 4 && !seen[$1]++ { print $1 }' tests/data/verdicts.tsv; }

# ---- scanning through a serial port ----

# port DOC SCANS VERDICTS: the scans arrive through a pseudo terminal, the program reads it as it would read /dev/ttyACM0.
port() {
    count=$(wc -l <"$2")
    rm -f "$work/port"
    python3 tests/demo/pty_scanner.py "$work/port" --pace 0.02 <"$2" &
    scanner=$!
    wait_for 10 test -L "$work/port" || broken "no serial port"
    say "\$ tallyman --as wang scan $1 --scanner serial:PORT:9600:cr --count $count"
    "$build/tallyman" --data "$work/device" --as wang scan "$1" --scanner "serial:$work/port:9600:cr" \
        --count "$count" --idle 20000 >"$3" || broken "scan ended with $?"
    wait "$scanner" || broken "the scanner failed"
    scanner=
}

# judged EXPECTED VERDICTS: shows each scan with its verdict and what it really is; both files must agree on reason and severity.
judged() {
    paste "$1" "$2" | awk -F'\t' '
        BEGIN { shape["accept"] = "✔"; shape["warn"] = "!"; shape["confirm"] = "?"; shape["reject"] = "✘" }
        { mark = ($3 == $7 && $4 == $8) ? "" : "   <-- expected " $3 " (" $4 ")"
          if (mark != "") wrong = 1
          printf "  %s %-18s %-42s %s\n    %-18s (%s)%s\n", shape[$8], $7, $2, $10, "", $6, mark }
        END { exit wrong }' || broken "a verdict is not the expected one"
}

# A row's fifth column, when it is there, says what the clerk does after the scan: undo, confirm.
act() {
    case "$2" in
    undo* | confirm*) as_clerk "${2%% *}" "$1" "$(last_record scan)" ;;
    esac
}
last_record() {
    "$build/tallyman" --data "$work/device" --json journal | awk -v kind="$1" '
        index($0, "\"kind\":\"" kind "\"") { match($0, /"seq":[0-9]+/); seq = substr($0, RSTART + 6, RLENGTH - 6) }
        END { print seq }'
}

# play FILE: every scan of it in its order; a pause wherever the document changes or the clerk does something.
play() {
    rm -f "$work"/part-*
    awk -F'\t' -v OFS='\t' -v work="$work" '
        /^#/ || NF < 4 { next }
        $1 != doc || pause { part++; file = sprintf("%s/part-%03d", work, part) }
        { doc = $1; pause = ($5 ~ /^(undo|confirm)/); print $1, $2, $3, $4, $5, $6 >file }' "$1"
    for part in "$work"/part-*; do
        doc=$(head -n 1 "$part" | cut -f1)
        cut -f2 "$part" >"$work/scans"
        cut -f1-6 "$part" >"$work/expected"
        port "$doc" "$work/scans" "$work/verdicts"
        judged "$work/expected" "$work/verdicts"
        scans=$((scans + $(wc -l <"$part")))
        act "$doc" "$(tail -n 1 "$part" | cut -f5)"
    done
}

# begin FLOW [FIELD=VALUE …]: a document of one's own, and every scan that verdicts-flows.tsv has for it; its number is $no.
begin() {
    no=$(as_clerk start "$@") || broken "$1 was not begun"
    begun="${begun:-} $no"
    awk -F'\t' -v OFS='\t' -v flow="$1" -v no="$no" '$1 == flow { $1 = no; print }' tests/data/verdicts-flows.tsv \
        >"$work/begun"
    play "$work/begun"
}

finish() { as_clerk complete "$1" --set-aside plate=川A12345; }

# ---- what the server has ----

show_records() {
    as_server records >"$work/records"
    python3 tests/demo/records.py <"$work/records"
}
show_results() {
    as_server results >"$work/results"
    python3 tests/demo/records.py --results <"$work/results"
}
# Every record of the journal is on the server once, and every order, and what was begun here, has one result.
check_once() {
    "$build/tallyman" --data "$work/device" --json journal >"$work/journal"
    python3 tests/demo/records.py --check "$work/journal" "$work/results" $(orders) ${begun:-} <"$work/records"
}
