#!/bin/sh
# Sees to it that the browser tests find a Chromium: installs Debian's where it may, else says what to install.
set -eu

for name in chromium chromium-browser google-chrome; do
    ! command -v "$name" >/dev/null || exit 0
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests (about 400 MB)"
    log=$(mktemp)
    if apt-get update -qq >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >>"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    echo "That failed; the end of what apt-get said:" >&2
    tail -n 5 "$log" >&2
    rm -f "$log"
fi

echo "The browser tests need Chromium or Chrome on the PATH. On Debian and Ubuntu: sudo apt-get install chromium" >&2
[ "${CI:-}" != true ]
