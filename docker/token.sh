#!/usr/bin/env bash
# Starts JupyterLab as the image does, and fails unless it answers those alone who have the token. docker/smoke.sh runs
# it in a container:
#
#   docker/token.sh [PORT]
set -euo pipefail
port=${1:-8888} temp=$(mktemp -d)
kernels lab --ip 0.0.0.0 --port "$port" >"$temp/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$temp"' EXIT

for _ in $(seq 180); do
  docker/health.sh "$port" 2>/dev/null && break
  kill -0 "$server" || { cat "$temp/log"; exit 1; }
  sleep 1
done
docker/health.sh "$port" || { cat "$temp/log"; echo "JupyterLab does not answer"; exit 1; }
token=$(sed -n 's/.*[?]token=\([0-9a-f]*\).*/\1/p' "$temp/log" | head -n 1)
[ ${#token} -ge 32 ] || { cat "$temp/log"; echo "JupyterLab has printed no token"; exit 1; }

# status PATH [TOKEN] prints the status of an answer.
status() {
  python3 -I - "http://127.0.0.1:$port$1" "${2:-}" <<'PYTHON'
import sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1])
if sys.argv[2]:
    request.add_header("Authorization", "token " + sys.argv[2])
try:
    print(urllib.request.urlopen(request, timeout=30).status)
except urllib.error.HTTPError as e:
    print(e.code)
PYTHON
}
for path in /api/kernels /api/contents /api/terminals; do
  for wrong in "" "$(echo "$token" | tr 0-9a-f 1-9a-f0)"; do
    got=$(status $path "$wrong")
    [ "$got" = 403 ] || { echo "$path without the token: status $got"; exit 1; }
  done
  got=$(status $path "$token")
  [ "$got" = 200 ] || { echo "$path with the token: status $got"; exit 1; }
done
echo "without the token 403, with it 200"
