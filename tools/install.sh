#!/bin/sh
# Installs what `make test` needs beyond Go: PostgreSQL, Chromium, poppler-utils, and gcc
# for the race detector. As root on Debian it installs them; elsewhere it names what is missing.
set -eu
missing=
need() { # command package
	command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
# The shell is Chromium without the windows around the page: the same engine in half the time.
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 || missing="$missing chromium-headless-shell"
need pdftotext poppler-utils
need gcc gcc
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -e /usr/include/stdlib.h ] || missing="$missing libc6-dev"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-cache show chromium-headless-shell >/dev/null 2>&1 || missing=$(echo "$missing" | sed 's/chromium-headless-shell/chromium/')
	# shellcheck disable=SC2086
	apt-get install -y -qq --no-install-recommends $missing fonts-noto-core >/dev/null
	exit 0
fi
echo "make test needs these packages:$missing" >&2
exit 1
