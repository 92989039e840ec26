# How the set-up scripts speak: a step is a line, a failure is one sentence that says what to do.
# Sourced by them.

# The words that fail_from_log looks for are not translated.
export LC_ALL=C.UTF-8

say() {
    printf 'rollcall: %s\n' "$*"
}

fail() {
    printf 'rollcall: %s\n' "$*" >&2
    exit 1
}

# fail_from_log WHAT LOG: why WHAT failed, from what apt, pip, go or cargo wrote to LOG.
fail_from_log() {
    local what=$1 log=$2
    if grep -qiE 'no space left|enough free space' "$log"; then
        fail "$what failed: the disk is full; make room, then run the same command again."
    elif grep -qiE 'do not match the hashes|checksum mismatch|hash sum mismatch' "$log"; then
        fail "$what failed: what came has another checksum than the pinned one; nothing of it was used. Try again later, or through another network."
    elif grep -qiE 'failure resolving|name resolution|resolve host|NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|dial tcp|connect to|timed out|unreachable|failed to download' "$log"; then
        fail "$what failed: no connection to the network; check it (and the proxy, if you have one), then run the same command again."
    fi
    fail "$what failed: $(grep -iE '^(E|error)\b' "$log" | tail -n 1 || tail -n 1 "$log")"
}
