#!/usr/bin/env bash
# The build stages of docker/Dockerfile and Dockerfile.cuda run this after `kernels install`: it executes what a user
# begins with, unless there is no GPU for it (--no-run), drops from Go's caches what was not needed, and sorts the home
# folder into folders of OUT, one for each layer of the image.
#
#   docker/pack.sh [--no-run] OUT
set -euo pipefail
run=yes
[ "$1" != --no-run ] || { run=no; shift; }
out=$1
cache=$(go env GOCACHE) modules=$(go env GOMODCACHE)
lab=${SIAMESE_LAB_DIR:-$HOME/.cache/siamese-lab}

# Go notes when it last used a file of its cache in the file's time, if that is over an hour ago.
find "$cache" -type f -exec touch -d '2 days ago' {} +
if [ $run = yes ]; then
  kernels doctor || kernels doctor # the first one compiles, which may take a busy machine longer than doctor waits
  kernels run --out /tmp/quickstart -p PerClass=40 -p Epochs=2 -p PairsPerEpoch=4000 -p MinROCAUC=0.9 -p MinLead=-1.0
else
  kernels doctor --quick
fi
# What other cells import, with the flags of this kernel, is kept too: the installer compiles it anew from the cache.
rm -f "$lab"/checkouts/*/.warm-*.json
kernels install
find "$cache" -type f ! -newermt '1 day ago' -delete
find "$cache" -type d -empty -delete
# Go removes what has not been used for five days. A time to come keeps what an old image was made with.
find "$cache" -type f -exec touch -d 2037-01-01 {} +

# Sources of modules that no package of the checkout imports were for the tools, which are built. Archives are unpacked.
find "$modules/cache/download" -name '*.zip' -delete
rm -rf "$modules/cache/vcs" "$HOME/.cache/pip"
go list -deps -f '{{with .Module}}{{.Dir}}{{end}}' ./... github.com/janpfeifer/gonb/gonbui{,/dom,/widgets} |
  sort -u >/tmp/needed
chmod -R u+w "$modules"
find "$modules" -path "$modules/cache" -prune -o -type d -name '*@v*' -print -prune | while read -r dir; do
  grep -qxF "$dir" /tmp/needed || rm -rf "$dir"
done
# Nobody runs the tests of other modules here.
find "$modules" -path "$modules/cache" -prune -o -type d -name testdata -prune -exec rm -rf {} +
find "$modules" -path "$modules/cache" -prune -o -type f -name '*_test.go' -exec rm {} +
# Linked anew, without symbols, from what is left: nothing that is needed has gone.
GOPROXY=off go build -ldflags='-s -w' -o "$HOME/bin/" ./kernels ./siamese/cmd/siamese

# Values, logs and histories of the run above are nobody's work.
rm -rf "$lab"/{frames,history,log,runtime,digests.json} "$lab"/session/{begun,hashes.json,lock,runs,values,work}

# move LAYER PATH...: paths of the home folder go to a layer's folder.
move() {
  local layer=$1 path
  shift
  for path in "$@"; do
    path=${path#"$HOME"/}
    mkdir -p "$out/$layer/$(dirname "$path")"
    mv "$HOME/$path" "$out/$layer/$path"
  done
}
move python "$lab"/venv-* "$lab/plugin"
move modules "$modules"
move tools "$lab"/bin-* "$lab"/gopls-*
move cache "$cache"
mkdir notebooks/work
mkdir -p "$out/code" && cp -a "$HOME/." "$out/code/"
