"""The alert rules, judged by Prometheus' own tool."""

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

RULES = Path(__file__).resolve().parents[2] / "deploy/prometheus"


@pytest.mark.parametrize(
    "words",
    [("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")],
    ids=lambda words: words[0],
)
def test_promtool_agrees(words: tuple[str, ...]) -> None:
    done = subprocess.run(  # noqa: S603 - Debian's promtool
        ["promtool", *words],  # noqa: S607 - found on PATH, as install.sh puts it
        cwd=RULES,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
