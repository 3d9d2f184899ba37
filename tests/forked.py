"""Commands as processes that are forked from one which has imported everything already.

Starting an interpreter and importing ccxt takes seconds, and the tests start hundreds of daemons.
What runs is the command line itself, from its arguments on, in a process of its own that has
signals, descriptors and an end. That an interpreter starts it too, others see to.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Final, Protocol

from hedged.cli.commands import VERBS

FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        *sorted({f"hedged.cli.{verb.module}" for verb in VERBS}),
        "hedged.store.journal",
        "ccxt.async_support.bybit",
        __name__,
    ]
)


class Descriptor(Protocol):
    """A descriptor on its way to another process."""

    def detach(self) -> int:
        """Its number there."""


def _command(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    stdout: Descriptor,
    stderr: Descriptor,
) -> None:
    """Be `hedged` with these arguments."""
    from hedged.cli import main  # noqa: PLC0415 - in the child alone

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, descriptor in ((1, stdout), (2, stderr)):
        sink = descriptor.detach()
        os.dup2(sink, number)
        os.close(sink)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - as long as the process
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 - as long as the process
    sys.argv = ["hedged", *arguments]
    main()


class Fork:
    """A forked command, to be handled as a `subprocess.Popen` is."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], stdout: int, stderr: int
    ) -> None:
        """`stdout` and `stderr` are descriptors, which stay the caller's."""
        told = (tuple(arguments), dict(environment), Path.cwd(), DupFd(stdout), DupFd(stderr))
        self._process = FORKS.Process(target=_command, args=told)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """How it ended; None: it runs."""
        return self._process.exitcode

    def wait(self, patience_s: float) -> int:
        """How it ended, waited for."""
        self._process.join(patience_s)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("hedged", patience_s)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it ended just now
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, and see it gone."""
        self._process.kill()
        self._process.join()
