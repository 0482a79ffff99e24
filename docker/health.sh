#!/bin/sh
# Succeeds if JupyterLab of this container answers:
#
#   docker/health.sh [PORT]
exec python3 -I -c "import urllib.request as r; r.urlopen('http://127.0.0.1:${1:-8888}/api', timeout=8).read()"
