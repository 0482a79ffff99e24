#!/bin/sh
# Builds the CPU image and tests it: `doctor` finds everything, and the quickstart runs at its small settings, both
# inside the image as its ordinary user.
#
#   docker/smoke.sh
#
# It uses the first of docker, podman and buildah that works; ENGINE chooses one, IMAGE names the image. BUILD_FLAGS and
# RUN_FLAGS are passed to the engine's build and run. buildah inside a container needs STORAGE_DRIVER=vfs and
# BUILDAH_ISOLATION=chroot in the environment.
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
echo "== building $image with $engine"

# shellcheck disable=SC2086 # flags are meant to be split
case $engine in
docker) DOCKER_BUILDKIT=1 docker build ${BUILD_FLAGS:-} -t "$image" -f docker/Dockerfile . ;;
podman) podman build ${BUILD_FLAGS:-} --ignorefile docker/Dockerfile.dockerignore -t "$image" -f docker/Dockerfile . ;;
buildah) buildah bud ${BUILD_FLAGS:-} --ignorefile docker/Dockerfile.dockerignore -t "$image" -f docker/Dockerfile . ;;
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
inside kernels doctor
echo "== quickstart at its small settings"
inside kernels run --out /tmp -p PerClass=40 -p Epochs=2 -p PairsPerEpoch=4000 -p MinROCAUC=0.9 -p MinLead=-1.0
echo "== the image works"
