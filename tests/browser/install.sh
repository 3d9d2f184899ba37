#!/usr/bin/env bash
# What the browser tests need and pip cannot bring: chromium with a font, and promtool.
set -euo pipefail

wanted=()
command -v chromium >/dev/null || wanted+=(chromium fonts-dejavu-core)
command -v promtool >/dev/null || wanted+=(prometheus)
if [ "${#wanted[@]}" -gt 0 ]; then
    [ "$(id -u)" = 0 ] || { echo "these are missing: ${wanted[*]}; install them, or run this as root" >&2; exit 1; }
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # A package starts no service of its own here: only promtool is wanted.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get install -qq -y --no-install-recommends "${wanted[@]}" >/dev/null
fi
