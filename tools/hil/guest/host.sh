# Starts the program under test, in the scenario's folder: by init, and again by a scenario that kills it.
start_host() {
    count=$(($(ls "$out" | grep -c '^lines.$') + 1))
    $(cat /lib/program) >"$out/lines$count" 2>"$out/errors$count" &
    echo $! >/run/host.pid
    echo "$out/lines$count" >/run/host.lines
    echo "$out/memory$count" >/run/host.memory
}
