#!/usr/bin/env bash
# Prints what embedding costs: processor seconds of all processes and threads, rows for each of them, and bytes.
#
#   testdata/cost.sh SIAMESE_BEAM MODEL FEATURES.parquet ROWS [flags of embed]
#
# FEATURES, of so many ROWS, is copied ten times. One process embeds the ten; then two processes at once, of one thread
# each, embed five each.
set -euo pipefail
beam=$(realpath "$1") model=$(realpath "$2") features=$(realpath "$3") rows=$(($4 * 10))
shift 4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for k in 0 1 2 3 4 5 6 7 8 9; do cp "$features" "$work/t$k.parquet"; done
TIMEFORMAT='%U %S'

# told prints a line of the table: what it is of, and the processor seconds of user and system.
told() {
  awk -v what="$1" -v cpu="$2 $3" -v rows="$rows" 'BEGIN {
    split(cpu, s, " "); printf "%s: %.1f CPU s, %.0f rows for each\n", what, s[1]+s[2], rows/(s[1]+s[2]) }'
}

# The same ids are in all copies, which is nothing to embedding.
read -r user system < <({ time "$beam" embed --model "$model" --out "$work/one" "$@" "$work"/t?.parquet \
  >"$work/said" 2>"$work/log" || cat "$work/log" >&2; } 2>&1)
told "1 process" "$user" "$system"
both() {
  GOMAXPROCS=1 "$beam" embed --model "$model" --out "$work/a" "$@" "$work"/t[0-4].parquet >"$work/said" 2>"$work/log" &
  local first=$!
  GOMAXPROCS=1 "$beam" embed --model "$model" --out "$work/b" "$@" "$work"/t[5-9].parquet >"$work/said" 2>"$work/log2"
  wait $first
}
read -r user system < <({ time both "$@"; } 2>&1)
told "2 processes" "$user" "$system"
for out in one a b; do
  test -e "$work/$out/manifest.json" || { echo "$out is not whole" >&2; exit 1; }
done
bytes=$(cat "$work"/one/part-*.parquet | wc -c)
table=$(cat "$work"/t?.parquet | wc -c)
echo "bytes of a row: $((bytes / rows)) of shards, $((table / rows)) of tables"
