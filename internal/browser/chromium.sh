#!/usr/bin/env bash
# Prints the path of a Chromium, and installs Debian's when there is none.
set -euo pipefail
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
  if [ -n "$name" ] && path=$(command -v "$name"); then
    echo "$path"
    exit
  fi
done
if ! command -v apt-get >/dev/null; then
  echo "The browser tests need Chromium: install it, or set CHROMIUM to its path." >&2
  exit 1
fi
root=()
[ "$(id -u)" = 0 ] || root=(sudo)
{ "${root[@]}" apt-get update -qq && "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >&2
command -v chromium
