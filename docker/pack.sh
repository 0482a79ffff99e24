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

# Layers keep whole seconds. A program of the checkout's sources that notes finer times is built again in the image.
find . -exec touch -h -d "@$(date +%s)" {} +

# Sources of modules that no package of the checkout imports were for the tools, which are built. Archives are unpacked.
find "$modules/cache/download" -name '*.zip' -delete
rm -rf "$modules/cache/vcs" "$HOME/.cache/pip"
go list -deps -f '{{with .Module}}{{.Dir}}{{end}}' ./... github.com/janpfeifer/gonb/gonbui{,/dom,/widgets} |
  sort -u >/tmp/needed
chmod -R u+w "$modules"
find "$modules" -path "$modules/cache" -prune -o -type d -name '*@v*' -print -prune | while read -r dir; do
  grep -qxF "$dir" /tmp/needed || rm -rf "$dir"
done
# Nobody runs the tests of other modules here, and Go passes over folders that begin so.
find "$modules" -path "$modules/cache" -prune -o -type d \( -name testdata -o -name '[_.]?*' \) -prune -exec rm -rf {} +
find "$modules" -path "$modules/cache" -prune -o -type f -name '*_test.go' -exec rm {} +
# Go compiles its own sources, C and assembly. The rest, mostly pictures and pages, is read only where it is embedded.
# What licences ask for stays.
grep -rl --include='*.go' '^//go:embed' "$modules" | xargs -d '\n' dirname | sed 's|$|/|' | sort -u >/tmp/embedding
find "$modules" -path "$modules/cache" -prune -o -type f ! -name '*.go' ! -name '*.[sSch]' ! -name '*.syso' \
  ! -name go.mod ! -iname '*licen[cs]e*' ! -iname 'copying*' ! -iname 'copyright*' ! -iname 'notice*' \
  ! -iname 'patents*' ! -iname 'authors*' ! -iname 'contributors*' -print | { grep -vFf /tmp/embedding || true; } |
  xargs -d '\n' rm -f
find "$modules" -type d -empty -delete
# Linked anew, without symbols, from what is left: nothing that is needed has gone.
GOPROXY=off go build -ldflags='-s -w' -o "$HOME/bin/" ./kernels ./siamese/cmd/siamese

# Go notes when it last used a file of its cache in the file's time, if that is over an hour ago. What other cells
# import, with the flags of the kernel that notebooks use, is kept too: the installer compiles it anew from the cache.
# The other kernel's is not: its first cell compiles.
find "$cache" -type f -exec touch -d '2 days ago' {} +
kernels doctor --quick
if [ $run = yes ]; then
  kernels run --out /tmp/quickstart -p PerClass=40 -p Epochs=2 -p PairsPerEpoch=4000 -p MinROCAUC=0.9 -p MinLead=-1.0
fi
rm -f "$lab"/checkouts/*/.warm-*.json
kernels install
find "$cache" -type f ! -newermt '1 day ago' -delete
find "$cache" -type d -empty -delete
# Go removes what has not been used for five days. A time to come keeps what an old image was made with.
find "$cache" -type f -exec touch -d 2037-01-01 {} +

# What the run above has left is nobody's work: values, logs, histories, and the secret by which Jupyter trusts
# notebooks, which everybody with the image would know. Programs of cells are linked in a second.
rm -rf "$lab"/{cells,frames,history,log,runtime,trust,digests.json} "$lab/quick/programs" notebooks/runs \
  "$lab"/session/{begun,hashes.json,lock,runs,values,work}

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
move python "$lab"/venv-*
# There is none where XLA has none for this machine, and where GOMLX_BACKEND names another.
[ ! -e "$lab/plugin" ] || move python "$lab/plugin"
move modules "$modules"
move tools "$lab"/bin-* "$lab"/gopls-*
move cache "$cache"
mkdir notebooks/work
mkdir -p "$out/code" && cp -a "$HOME/." "$out/code/"
