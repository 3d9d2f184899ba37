#!/bin/sh
# Installs what `make deploy-test` needs on a Debian machine; what is there already stays.
set -eu

packages='systemd-container mmdebstrap docker.io docker-compose iptables prometheus'
[ "$(id -u)" -eq 0 ] || { echo 'prepare.sh: must be run as root: sudo make deploy-test' >&2; exit 1; }
command -v apt-get >/dev/null || { echo 'prepare.sh: deployments are tested on Debian' >&2; exit 1; }

missing=
for package in $packages; do
    dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "Installing$missing ..."
# Their services are not wanted here: the tests start what they need, and stop it again.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
# shellcheck disable=SC2086 # the words are packages
apt-get install --quiet=2 --yes --no-install-recommends $missing >/dev/null
