"""Commands as processes that are forked from one which has imported everything already.

Starting an interpreter and importing ccxt takes seconds; a proof that starts hundreds of daemons
has not so long. What runs is the command line itself, in a process of its own, to be killed.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 60.0
POLL_S: Final = 0.02
FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["hedged.cli.run", "hedged.cli.sim", "hedged.app", "ccxt.async_support.bybit", __name__]
)


def _command(arguments: Sequence[str], environment: Mapping[str, str], output: str) -> None:
    """Be `hedged` with these arguments."""
    from hedged.cli import main  # noqa: PLC0415 - in the child alone

    os.environ.update(environment)
    sink = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(sink, stream)
    sys.argv = ["hedged", *arguments]
    main()


class Command:
    """A command that runs, and what it has said so far."""

    def __init__(self, process: BaseProcess, log: Path) -> None:
        self._process = process
        self._log = log
        self._begin = log.stat().st_size if log.exists() else 0  # what came before was another's

    def output(self) -> str:
        """All that it has said."""
        if not self._log.exists():
            return ""
        return self._log.read_bytes()[self._begin :].decode()

    def says(self, *texts: str) -> bool:
        """Wait for a line with all of these; False when it ends without one."""
        ends_at_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_at_s:
            alive = self._process.is_alive()
            if any(all(text in line for text in texts) for line in self.output().splitlines()):
                return True
            if not alive:
                return False
            time.sleep(POLL_S)  # a file that grows rings no bell
        raise AssertionError(f"never said {texts}: {self.output()[-2000:]}")

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def exit_code(self) -> int | None:
        """How it ended, waited for."""
        self._process.join(PATIENCE_S)
        return self._process.exitcode

    def close(self) -> None:
        """Make sure that it is gone."""
        if self._process.is_alive():
            self._process.kill()
        self._process.join()


@contextmanager
def running(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[Command]:
    """A command that runs as long as the block; it writes what it says to the end of `log`."""
    process = FORKS.Process(target=_command, args=(arguments, dict(environment), str(log)))
    command = Command(process, log)
    process.start()
    try:
        yield command
    finally:
        command.close()
