"""Signals, as a terminal or a service manager sends them, at any moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE_S = 30.0
TERM, INT = signal.SIGTERM, signal.SIGINT

STUBBORN = """
import asyncio, sys
from hedged.engine.signals import stop_on_signals
from hedged.ops import logging

async def main():
    logging.configure(style="json", level="info", stream=sys.stdout)
    stop = asyncio.Event()
    stop_on_signals(stop)
    print("ready", flush=True)
    await stop.wait()
    print("stopping", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@contextmanager
def stubborn() -> Iterator["subprocess.Popen[str]"]:
    """A process that hears the first signal and never ends by itself."""
    command = [sys.executable, "-c", STUBBORN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own
        try:
            assert line(running) == "ready"
            yield running
        finally:
            running.kill()


def line(running: "subprocess.Popen[str]") -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


@pytest.mark.parametrize(("first", "second"), [(TERM, INT), (INT, TERM), (TERM, TERM)])
def test_a_second_signal_of_either_kind_ends_the_process_at_once(
    first: signal.Signals, second: signal.Signals
) -> None:
    with stubborn() as running:
        running.send_signal(first)
        assert "stop.signal" in line(running)
        assert line(running) == "stopping"
        running.send_signal(second)
        assert running.wait(PATIENCE_S) == -second


def test_a_hang_up_is_noted_and_changes_nothing() -> None:
    with stubborn() as running:
        for _ in range(2):
            running.send_signal(signal.SIGHUP)
            assert "signal.ignored" in line(running)
        running.send_signal(TERM)
        assert "stop.signal" in line(running)
        assert line(running) == "stopping"
        running.send_signal(signal.SIGHUP)
        assert "signal.ignored" in line(running)
        assert running.poll() is None


@pytest.mark.parametrize(
    "start",
    [["-m", "hedged"], ["-c", "from hedged.cli import main; main()"]],
    ids=["module", "script"],
)
def test_ctrl_c_while_it_still_loads_is_130_without_a_traceback(
    start: list[str], tmp_path: Path
) -> None:
    # Stands in the place of a library that is loaded first, and presses Ctrl-C.
    (tmp_path / "typer.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nraise AssertionError('went on')\n"
    )
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, *start, "calc"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


# A task group or a time limit cancels its own task too, at times just when Ctrl-C does.
TWICE_CANCELLED = """
import asyncio, os, signal
from hedged.cli.common import run_async

async def job():
    asyncio.get_running_loop().call_soon(asyncio.current_task().cancel)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.Event().wait()

run_async(job)
"""


def test_ctrl_c_in_the_middle_of_a_command_is_130_without_a_traceback() -> None:
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", TWICE_CANCELLED],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
