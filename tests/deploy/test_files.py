"""What a machine can tell of the deployment files without running them."""

import json
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


def test_grafana_finds_its_source_and_its_dashboard_where_the_demo_puts_them() -> None:
    composition = (DEPLOY / "compose.demo.yml").read_text()
    provisioned = DEPLOY / "demo/grafana"
    assert "./demo/grafana:/etc/grafana/provisioning:ro" in composition
    source = (provisioned / "datasources/prometheus.yml").read_text()
    assert "type: prometheus" in source
    assert "isDefault: true" in source
    address = re.search(r"url: http://(\S+)", source)
    assert address is not None
    assert f"--web.listen-address={address[1]}" in composition
    folder = re.search(r"path: (\S+)", (provisioned / "dashboards/hedged.yml").read_text())
    assert folder is not None
    assert f"./grafana:{folder[1]}:ro" in composition
    board = json.loads((DEPLOY / "grafana/hedged.json").read_text())
    (variable,) = (one for one in board["templating"]["list"] if one["type"] == "datasource")
    assert variable["query"] == "prometheus"
    used = {panel["datasource"]["uid"] for panel in board["panels"] if panel["type"] != "row"}
    assert used == {f"${{{variable['name']}}}"}


def test_the_demos_configuration_is_one() -> None:
    settings = load(DEPLOY / "demo/hedged.toml", env={})
    assert settings.web.bind == "127.0.0.1:8430"


def test_a_reads_time_limit_is_below_half_of_the_watchdog() -> None:
    unit = (DEPLOY / "systemd/hedged@.service").read_text()
    watchdog = re.search(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE)
    assert watchdog is not None
    usual_s = load(DEPLOY / "demo/hedged.toml", env={}).venues["main"].timeout_s
    assert usual_s < int(watchdog[1]) / 2
