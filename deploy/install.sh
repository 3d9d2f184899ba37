#!/bin/sh
# Installs hedged as a systemd service on this machine, or upgrades it; run again, it changes nothing.
#
#     sudo deploy/install.sh               # this checkout, into /opt/hedged/VERSION-DIGEST
#     sudo deploy/install.sh --uninstall   # all but the configurations, the keys and the journals
#
# Nothing is started and nothing is restarted: it says what to do. The version before stays in
# /opt/hedged, for going back: ln -sfn VERSION-DIGEST /opt/hedged/current.
set -eu

root=/opt/hedged
units=/etc/systemd/system
source=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

uninstall() {
    for unit in $(systemctl list-units --all --plain --no-legend 'hedged@*' 'hedged-ctl@*' | cut -d' ' -f1); do
        systemctl disable --now --quiet "$unit"
    done
    rm -f "$units/hedged@.service" "$units/hedged-ctl@.service" /usr/local/bin/hedged-ctl
    [ ! -L /usr/local/bin/hedged ] || rm -f /usr/local/bin/hedged
    rm -rf "$root" /run/hedged-ctl
    systemctl daemon-reload
    say 'hedged is uninstalled. Kept: /etc/hedged (configurations, keys), /var/lib/private/hedged (journals),'
    say "$units/hedged@*.d (your drop-ins)."
}

digest() { # of all that is installed from the checkout
    (cd "$source" && find hedged config requirements.lock pyproject.toml docs -type f ! -name '*.pyc' \
        | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-12)
}

build() { # into the folder $1
    rm -rf "$1"
    "$python" -m venv "$1"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$source/requirements.lock"
    # Built from a copy: the checkout stays as it is, whoever owns it.
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    (cd "$source" && cp -R pyproject.toml README.md LICENSE hedged config docs "$copy")
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation "$copy"
    mkdir -p "$1/share/doc/hedged"
    cp -R "$source/docs/." "$1/share/doc/hedged"
    touch "$1/.complete"
}

[ "$(id -u)" -eq 0 ] || fail 'must be run as root: sudo deploy/install.sh'
command -v systemctl >/dev/null || fail 'there is no systemd here; see deploy/compose.testnet.yml for Docker'
case ${1:-} in
--uninstall) uninstall; exit 0 ;;
'') ;;
*) fail "unknown option $1; there is --uninstall" ;;
esac
"$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || fail "$python is not Python 3.11 or newer with venv: apt install python3-venv, or PYTHON=python3.12 deploy/install.sh"

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$source/hedged/__init__.py")
to=$root/$version-$(digest)
if [ ! -e "$to/.complete" ]; then
    say "installing into $to ..."
    build "$to"
fi
before=$(readlink "$root/current" || :)
ln -sfn "$(basename "$to")" "$root/current"
ln -sfn "$root/current/bin/hedged" /usr/local/bin/hedged
for folder in "$root"/*-*; do # keep this one and the one before
    case $(basename "$folder") in "$(basename "$to")" | "$before") ;; *) rm -rf "$folder" ;; esac
done

install -d -m 0755 /etc/hedged
install -m 0644 "$source/deploy/systemd/hedged@.service" "$source/deploy/systemd/hedged-ctl@.service" "$units"
install -m 0755 "$source/deploy/systemd/hedged-ctl" /usr/local/bin/hedged-ctl
systemctl daemon-reload

say "hedged $version is installed."
running=$(systemctl list-units --plain --no-legend --state=active 'hedged@*' | cut -d' ' -f1 | tr '\n' ' ')
if [ -n "$running" ] && [ "$before" != "$(basename "$to")" ]; then
    say "To go over to it: systemctl restart $running"
elif set -- /etc/hedged/*.toml && [ ! -e "$1" ]; then
    say 'Next: write /etc/hedged/NAME.toml, with api_key = "credential:api_key" and secret = "credential:secret";'
    say 'put the two into /etc/hedged/NAME.api_key and /etc/hedged/NAME.secret (chmod 600); then'
    say '    systemctl enable --now hedged@NAME'
fi
