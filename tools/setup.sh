#!/usr/bin/env bash
# Installs what the build and the tests need on Debian 12 / Ubuntu 24.04 and newer. Does nothing when all is there.
# Asks for sudo only when not root. Further packages may be named as arguments.
set -eu
packages="gcc cmake ninja-build pkg-config git ca-certificates
libjansson-dev libpcre2-dev libutf8proc-dev libseccomp-dev zlib1g-dev libzstd-dev libyaml-dev libcurl4-openssl-dev
libmicrohttpd-dev libcmocka-dev python3 python3-pip openssl $*"
missing=""
for p in $packages; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "installing:$missing" >&2
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: not root and no sudo; install these packages:$missing" >&2; exit 1; }
    as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >&2
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2
