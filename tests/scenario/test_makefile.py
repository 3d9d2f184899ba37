"""`make` builds .venv by itself, also after it was interrupted, and says what it misses.

A shell script stands in for Python: it makes folders in place of environments, notes what it is
asked, and fails or is interrupted where a file tells it to.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None, reason="there is no make on this machine")

PYTHON = """#!/bin/sh
echo "$*" >> calls
case "$1 $2" in
"-c import sys"*) test ! -e old ;;
"-c import ens"*) test ! -e no-venv ;;
"-m venv")
    for last; do :; done
    mkdir -p "$last/bin"
    cp "$0" "$last/bin/python"
    if test -e interrupt-venv; then rm interrupt-venv; kill -INT $PPID; exit 130; fi
    touch "$last/pip"
    printf '#!/bin/sh\\necho "hedged $*"\\n' > "$last/bin/hedged"
    chmod +x "$last/bin/hedged"
    ;;
"-m pip")
    test -e .venv/pip || exit 1
    test "$3" = --version && exit 0
    if test -e interrupt-pip; then rm interrupt-pip; kill -INT $PPID; exit 1; fi
    test ! -e offline
    ;;
esac
"""

Make = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    fake = tmp_path / "fake-python"
    fake.write_text(PYTHON)
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    return tmp_path


@pytest.fixture
def make(project: Path) -> Make:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        settings = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(  # noqa: S603 - our own Makefile
            [str(MAKE), "demo", f"PYTHON={project / 'fake-python'}", *arguments],
            cwd=project,
            env=settings,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


def calls(project: Path, beginning: str) -> int:
    return (project / "calls").read_text().count(f"\n{beginning}")


def test_it_builds_once(make: Make, project: Path) -> None:
    for _ in range(2):
        done = make()
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "hedged demo")
    assert calls(project, "-m venv") == 1


@pytest.mark.parametrize("moment", ["interrupt-venv", "interrupt-pip"])
def test_an_interrupted_build_is_begun_anew(make: Make, project: Path, moment: str) -> None:
    (project / moment).touch()
    assert make().returncode != 0
    assert not (project / moment).exists()
    assert make().stdout.splitlines()[-1] == "hedged demo"
    assert calls(project, "-m venv") == 2
    make()
    assert calls(project, "-m venv") == 2


def test_a_failed_download_keeps_the_environment(make: Make, project: Path) -> None:
    (project / "offline").touch()
    assert make().returncode != 0
    (project / "offline").unlink()
    assert make().returncode == 0
    assert calls(project, "-m venv") == 1


def test_an_environment_without_pip_is_made_anew(make: Make, project: Path) -> None:
    make()
    (project / ".venv/pip").unlink()
    (project / ".venv/.runtime").unlink()
    assert make().returncode == 0
    assert calls(project, "-m venv") == 2


@pytest.mark.parametrize(
    ("lacking", "arguments", "said"),
    [
        ("", ("PYTHON=python9",), "there is no python9 here"),
        ("old", (), "hedged needs Python 3.11 or newer"),
        ("no-venv", (), "sudo apt install python3-venv"),
    ],
)
def test_what_is_missing_is_one_clear_line(
    make: Make, project: Path, lacking: str, arguments: tuple[str, ...], said: str
) -> None:
    if lacking:
        (project / lacking).touch()
    done = make(*arguments)
    assert done.returncode != 0
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(ours) == 1
    assert said in ours[0]
    assert not (project / ".venv").exists()
