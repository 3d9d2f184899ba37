"""What a machine can tell of the deployment files without running them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hedged.config import load

DEPLOY = Path(__file__).parents[2] / "deploy"
TOOLS = Path(sys.executable).parent
COMMENT = "# The rest is the same as in"


def checked(tool: str, *arguments: object) -> None:
    """A linter finds nothing."""
    done = subprocess.run(  # noqa: S603 - a tool of our own environment
        [str(TOOLS / tool), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_is_clean() -> None:
    checked("hadolint", DEPLOY / "Dockerfile")


@pytest.mark.parametrize("script", ["install.sh", "prepare.sh", "systemd/hedged-ctl"])
def test_the_scripts_are_clean(script: str) -> None:
    checked("shellcheck", DEPLOY / script)


@pytest.mark.parametrize("name", ["compose.demo.yml", "compose.testnet.yml"])
def test_the_compositions_are_compositions(name: str) -> None:
    checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / name)


def test_an_operators_commands_have_what_the_service_has() -> None:
    units = [(DEPLOY / f"systemd/{name}@.service").read_text() for name in ("hedged", "hedged-ctl")]
    service, command = (unit.partition(COMMENT)[2].partition("\n")[2] for unit in units)
    assert service.partition("\n[Install]")[0].strip() == command.strip()
    assert "LoadCredential=secret:" in command


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("unit", ["hedged@.service", "hedged-ctl@.service"])
def test_the_units_are_closed(unit: str) -> None:
    done = subprocess.run(  # noqa: S603 - systemd's own checker
        [
            shutil.which("systemd-analyze") or "",
            "security",
            "--offline=yes",
            "--threshold=15",
            DEPLOY / "systemd" / unit,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_the_demos_configuration_is_one() -> None:
    settings = load(DEPLOY / "demo/hedged.toml", env={})
    assert settings.web.bind == "127.0.0.1:8430"


def test_a_reads_time_limit_is_below_half_of_the_watchdog() -> None:
    unit = (DEPLOY / "systemd/hedged@.service").read_text()
    watchdog = re.search(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE)
    assert watchdog is not None
    usual_s = load(DEPLOY / "demo/hedged.toml", env={}).venues["main"].timeout_s
    assert usual_s < int(watchdog[1]) / 2
