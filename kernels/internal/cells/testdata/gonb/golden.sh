#!/bin/sh
# Writes golden.json: what GoNB itself makes of cells.txt, cell after cell. Needs GoNB's module in the module cache.
# Run: sh kernels/internal/cells/testdata/gonb/golden.sh
set -e
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
src=$(cd "$here" && go list -modfile="$here/../../../../tools.mod" -m -f '{{.Dir}}' github.com/janpfeifer/gonb)
cp -r "$src" "$tmp/gonb"
chmod -R u+w "$tmp/gonb"
# GoNB keeps these to itself.
cp "$here/export.go.txt" "$tmp/gonb/internal/goexec/export.go"
mkdir "$tmp/gonb/internal/golden"
cp "$here/main.go.txt" "$tmp/gonb/internal/golden/main.go"
cd "$tmp/gonb"
go run ./internal/golden "$here/cells.txt" > "$here/golden.json"
