"""Outputs that cannot be written: a reader that left, a full disk, a closed descriptor."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.process import KEYS, PATIENCE_S, embedded_exchange, written

CALC = ("calc", "--coins", "5", "--price", "65000")
FULL = Path("/dev/full")


def ended(
    *arguments: object,
    stdout: int | IO[str],
    stderr: int | IO[str] = subprocess.PIPE,
    unbuffered: str = "",
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "hedged", *map(str, arguments)],
        stdout=stdout,
        stderr=stderr,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, **KEYS, "PYTHONUNBUFFERED": unbuffered},
    )


@pytest.fixture
def deserted() -> Iterator[int]:
    """A pipe that nobody reads from any more."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.mark.parametrize(("options", "unbuffered"), [(CALC, "1"), ((*CALC, "--json"), "")])
def test_a_reader_that_left_is_no_reason_to_complain(
    options: tuple[str, ...], unbuffered: str, deserted: int
) -> None:
    done = ended(*options, stdout=deserted, unbuffered=unbuffered)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(("options", "unbuffered"), [(CALC, "1"), ((*CALC, "--json"), "")])
def test_a_full_disk_is_one_line(options: tuple[str, ...], unbuffered: str) -> None:
    with FULL.open("w") as full:
        done = ended(*options, stdout=full, unbuffered=unbuffered)
    why = os.strerror(errno.ENOSPC)
    expected = f"hedged: the output cannot be written: {why}\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_a_stderr_that_nobody_reads_does_not_hinder_a_command(deserted: int) -> None:
    done = ended(*CALC, "--json", stdout=subprocess.PIPE, stderr=deserted)
    assert done.returncode == 0
    assert json.loads(done.stdout)["order_contracts"] == "-325000"


def test_closed_descriptors_do_not_hinder_a_command() -> None:
    command = f"exec '{sys.executable}' -m hedged {' '.join(CALC)} <&- >&- 2>&-"
    done = subprocess.run(  # noqa: S602 - our own command
        command, shell=True, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_terminal_cannot_show_is_shown_as_numbers(tmp_path: Path) -> None:
    config = written(tmp_path, "http://127.0.0.1:1").rename(tmp_path / "fünf€\udcff.toml")
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "hedged", "check", "-c", config],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, **KEYS, "PYTHONIOENCODING": "ascii:strict"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "f\\xfcnf\\u20ac\\udcff.toml: ok" in done.stdout


def test_a_daemon_whose_log_nobody_reads_ends_with_an_error(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        config = str(written(tmp_path, exchange.url))
        command = [sys.executable, "-m", "hedged", "run", "-c", config]
        with subprocess.Popen(  # noqa: S603 - our own command
            command, stderr=subprocess.PIPE, text=True, env={**os.environ, **KEYS}
        ) as daemon:
            try:
                assert daemon.stderr is not None
                while "daemon.started" not in (line := daemon.stderr.readline()):
                    assert line, "it ended"
                daemon.stderr.close()
                assert daemon.wait(PATIENCE_S) == 1
            finally:
                daemon.kill()


def test_a_daemon_without_stderr_does_not_begin(tmp_path: Path) -> None:
    config = written(tmp_path, "http://127.0.0.1:1")
    done = subprocess.run(  # noqa: S602 - our own command
        f"exec '{sys.executable}' -m hedged run -c '{config}' 2>&-",
        shell=True,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, **KEYS},
    )
    assert (done.returncode, done.stdout) == (1, b"")
