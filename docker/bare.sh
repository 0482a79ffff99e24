#!/usr/bin/env bash
# Makes a bare Debian or Ubuntu ready for the lab: a C compiler, Python with venv, Go, and what `kernels install`
# brings. What is there stays as it is. The dev container and Binder call it; arguments go to `kernels install`:
#
#   docker/bare.sh [--user]
#
# Packages need root or sudo. Go goes to ~/.local/go, pinned by version and SHA-256: from dl.google.com or, where that
# cannot be reached, from the module proxy, which has Go's toolchains too (GOPROXY names another).
set -euo pipefail
cd "$(dirname "$0")/.."

# From https://go.dev/dl/, as docker-library/golang has them too.
go_version=1.26.7
go_amd64=ffb5f8de10c62550dfddab66b36b57030721e0a44a3218e9e1181d7b59f121ca
go_arm64=5a4ec883379d51ee9ce1040d5e87f8d35e20387574dd8c947feb01eabc3c1b37
# Of the proxy's archives, whose contents sum.golang.org vouches for.
zip_amd64=478883fe531df5785b9186e7a39ecf2f67da37aaf81e3c9718e9c04e643ff5d1
zip_arm64=419d4f55c682419a5f91839e3a9cff6d866ed00b4bad1800fecfbc10f37de522

missing=()
command -v gcc >/dev/null || missing+=(gcc libc6-dev)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
command -v curl >/dev/null || missing+=(ca-certificates curl)
if [ ${#missing[@]} -gt 0 ]; then
  root=()
  [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# A Go that is too old, and cannot fetch a newer one, counts as none.
needed=$(sed -n 's/^go //p' go.mod)
has=$(go env GOVERSION 2>/dev/null || true)
has=${has#go}
if [ "$(printf '%s\n' "$needed" "${has:-0}" | sort -V | head -n 1)" != "$needed" ]; then
  case $(uname -m) in
  x86_64) arch=amd64 sum=$go_amd64 zip=$zip_amd64 ;;
  aarch64) arch=arm64 sum=$go_arm64 zip=$zip_arm64 ;;
  *) echo "install Go $needed or newer: there is none here for $(uname -m)" >&2; exit 1 ;;
  esac
  temp=$(mktemp -d)
  trap 'rm -rf "$temp"' EXIT
  if curl -fsSL -o "$temp/go.tar.gz" "https://dl.google.com/go/go$go_version.linux-$arch.tar.gz"; then
    echo "$sum  $temp/go.tar.gz" | sha256sum -c --quiet
    tar -C "$temp" -xzf "$temp/go.tar.gz"
  else
    proxy=${GOPROXY:-https://proxy.golang.org}
    version=v0.0.1-go$go_version.linux-$arch
    curl -fsSL -o "$temp/go.zip" "${proxy%%[,|]*}/golang.org/toolchain/@v/$version.zip"
    echo "$zip  $temp/go.zip" | sha256sum -c --quiet
    python3 -m zipfile -e "$temp/go.zip" "$temp"
    mv "$temp/golang.org/toolchain@$version" "$temp/go"
    chmod +x "$temp"/go/bin/* "$temp"/go/pkg/tool/*/* # which these archives do not say
  fi
  if [ -e ~/.local/go ] && [ ! -e ~/.local/go/VERSION ]; then
    echo "$HOME/.local/go is there and no Go that this script has put there: move it away" >&2; exit 1
  fi
  mkdir -p ~/.local/bin
  rm -rf ~/.local/go
  mv "$temp/go" ~/.local/go
  ln -sf ~/.local/go/bin/go ~/.local/go/bin/gofmt ~/.local/bin/
  export PATH=$HOME/.local/bin:$PATH
fi

go run ./kernels install "$@"
# The cell of the kernel without XLA compiles, which may take a busy machine longer than doctor waits.
go run ./kernels doctor || go run ./kernels doctor
