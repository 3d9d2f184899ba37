"""What a release is made of installs into empty environments and does its main job there."""

import json
import os
import re
import shlex
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import hedged
from tests.deploy.bed import ROOT, run
from tests.docs.shown import Ground, to_run

pytestmark = pytest.mark.deploy

PYTHONS = ("3.11", "3.12", "3.13")


def interpreter(version: str) -> Path | None:
    """A Python of this version: on PATH, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    kept = sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))
    named = shutil.which(f"python{version}")
    for candidate in (*kept, *([Path(named)] if named else [])):
        if run(candidate, "-c", "import ensurepip, venv", check=False).returncode == 0:
            return candidate
    return None


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(Path(sys.executable).parent / "hatchling", "build", "--directory", folder)
    return folder


def built(dist: Path, pattern: str) -> Path:
    (found,) = dist.glob(pattern)
    return found


def test_the_version_stands_in_one_place_and_everywhere(dist: Path) -> None:
    assert built(dist, "*.whl").name == f"hedged-{hedged.__version__}-py3-none-any.whl"
    assert built(dist, "*.tar.gz").name == f"hedged-{hedged.__version__}.tar.gz"
    assert "version = " not in (ROOT / "pyproject.toml").read_text().partition("[tool.")[0]


def test_what_a_release_holds(dist: Path) -> None:
    with zipfile.ZipFile(built(dist, "*.whl")) as wheel:
        names = wheel.namelist()
    assert "hedged/demo.toml" in names
    assert not [name for name in names if name.startswith(("tests", "config/", "deploy"))]
    with tarfile.open(built(dist, "*.tar.gz")) as sdist:
        names = [name.partition("/")[2] for name in sdist.getnames()]
    assert {"hedged/app.py", "config/demo.toml", "LICENSE", "CHANGELOG.md"} <= set(names)


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
@pytest.mark.parametrize("version", PYTHONS)
def test_it_installs_and_hedges_in_an_empty_environment(
    dist: Path, version: str, kind: str, tmp_path: Path
) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"THERE IS NO PYTHON {version} HERE: not shown to work on it")
    run(python, "-m", "venv", "--without-pip", tmp_path / "env")
    install = (Path(sys.executable).parent / "uv", "pip", "install", "--quiet")
    into = {"VIRTUAL_ENV": str(tmp_path / "env")}
    run(*install, "--require-hashes", "-r", ROOT / "requirements.lock", env=into)
    run(*install, "--no-deps", "--no-build-isolation", built(dist, kind), env=into)
    program = tmp_path / "env/bin/hedged"
    assert run(program, "--version").stdout == f"hedged {hedged.__version__}\n"
    demo = json.loads(run(program, "demo", "--live", "--duration", "6s", "--json").stdout)
    assert demo["sent"] >= 2
    assert {asset["asset"] for book in demo["books"] for asset in book["assets"]} == {"BTC", "ETH"}


def test_it_installs_as_the_pages_show(dist: Path, tmp_path: Path) -> None:
    """By pip alone, without the lock file; its versions are taken all the same."""
    python = interpreter(PYTHONS[0])
    assert python is not None
    run(python, "-m", "venv", tmp_path / "env")
    lock = (ROOT / "requirements.lock").read_text()
    (tmp_path / "versions").write_text(
        "\n".join(re.findall(r"^[^\s=]+==[^\s;]+", lock, re.MULTILINE))
    )
    env = {"PIP_CONSTRAINT": str(tmp_path / "versions"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for lines in to_run(Ground.RELEASE).values():
        for line in lines:
            program, *arguments = shlex.split(line.replace("VERSION", hedged.__version__))
            run("env", "-C", dist, tmp_path / "env/bin" / program, *arguments, env=env)
    assert run(tmp_path / "env/bin/hedged", "--version").stdout.startswith("hedged ")
