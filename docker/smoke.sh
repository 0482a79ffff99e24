#!/bin/sh
# Builds the CPU image and tests it, inside as its ordinary user: `doctor` finds everything, the quickstart runs at its
# small settings and is reproduced, JupyterLab answers with its token and not without, the list of parts has them, and
# the image is not larger than its bound.
#
#   docker/smoke.sh
#
# It uses the first of docker, podman and buildah that works; ENGINE chooses one, IMAGE names the image, and with
# BUILT=1 it is there already. SBOM names the file for the list of parts. BUILD_FLAGS and RUN_FLAGS are passed to the
# engine's build and run. buildah inside a container needs STORAGE_DRIVER=vfs and BUILDAH_ISOLATION=chroot in the
# environment.
set -eu
cd "$(dirname "$0")/.."
image=${IMAGE:-siamese-lab:smoke}

works() {
  case $1 in
  docker | podman) "$1" info >/dev/null 2>&1 ;;
  buildah) buildah images >/dev/null 2>&1 ;;
  *) return 1 ;;
  esac
}

engine=${ENGINE:-}
if [ -z "$engine" ]; then
  for candidate in docker podman buildah; do
    if works "$candidate"; then
      engine=$candidate
      break
    fi
  done
fi
[ -n "$engine" ] || {
  echo "none of docker, podman and buildah works here: install one, or start its service" >&2
  exit 1
}
echo "== $image with $engine"
ignore="--ignorefile docker/Dockerfile.dockerignore" # which docker finds by itself

# shellcheck disable=SC2086 # flags are meant to be split
[ -n "${BUILT:-}" ] || case $engine in
docker) docker build ${BUILD_FLAGS:-} -t "$image" -f docker/Dockerfile . ;;
podman) podman build --format docker ${BUILD_FLAGS:-} $ignore -t "$image" -f docker/Dockerfile . ;;
buildah) buildah bud --format docker ${BUILD_FLAGS:-} $ignore -t "$image" -f docker/Dockerfile . ;;
*) echo "ENGINE is $engine; use docker, podman or buildah" >&2; exit 1 ;;
esac

# inside runs a command in a new container of the image.
# shellcheck disable=SC2086
inside() {
  if [ "$engine" = buildah ]; then
    container=$(buildah from "$image")
    status=0
    buildah run ${RUN_FLAGS:-} "$container" -- "$@" || status=$?
    buildah rm "$container" >/dev/null
    return $status
  fi
  "$engine" run --rm ${RUN_FLAGS:-} "$image" "$@"
}

echo "== who runs it"
test "$(inside id -un)" = lab
echo lab
echo "== doctor"
# The cell of the kernel without XLA compiles, which may take a busy machine longer than doctor waits.
inside sh -c 'kernels doctor || kernels doctor'
echo "== quickstart at its small settings, twice"
inside sh -ec 'kernels run --out /tmp -p PerClass=40 -p Epochs=2 -p PairsPerEpoch=4000 -p MinROCAUC=0.9 -p MinLead=-1.0
  kernels reproduce --fresh /tmp/quickstart*.executed.ipynb'
echo "== JupyterLab and its token"
inside docker/token.sh 18888 # a port of its own, since buildah's containers may share the machine's
echo "== parts"
inside docker/sbom.py >"${SBOM:=/tmp/siamese-lab.cdx.json}"
python3 - "$SBOM" <<'PYTHON'
import json, sys
document = json.load(open(sys.argv[1]))
refs = [c["bom-ref"] for c in document["components"]]
assert len(refs) == len(set(refs)), "a part is listed twice"
for start in ("pkg:deb/debian/gcc@", "pkg:deb/debian/libc6@", "pkg:pypi/jupyterlab@", "pkg:golang/std@",
              "pkg:golang/github.com/gomlx/gomlx@", "pkg:golang/github.com/janpfeifer/gonb@",
              "pkg:golang/golang.org/x/tools/gopls@"):
    assert any(ref.startswith(start) for ref in refs), f"no {start}"
kinds = [ref.split("/")[0] for ref in refs]
print({kind: kinds.count(kind) for kind in sorted(set(kinds)) if kind.startswith("pkg:")}, "in", sys.argv[1])
PYTHON
echo "== size, in MB, by layer"
# What root alone may read has a few kB.
inside sh -c 'cd && du -xcs --block-size=1000000 /usr/local/go .cache/siamese-lab/venv-* .cache/siamese-lab/plugin go \
  .cache/siamese-lab/bin-* .cache/siamese-lab/gopls-* .cache/go-build bin siamese-lab .cache/siamese-lab/session \
  .cache/gopls .cache/goimports
  du -xs --block-size=1000000 /' 2>/dev/null | tee "$SBOM.size" || true
size=$(tail -n 1 "$SBOM.size" | cut -f 1)
rm "$SBOM.size"
most=2000
[ "$size" -gt 500 ] && [ "$size" -lt $most ] || { echo "the image has $size MB, and $most are its bound"; exit 1; }
echo "== the image works"
