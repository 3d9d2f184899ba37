"""Places where a test may kill the process, to prove that a restart converges.

`HEDGED_FAILPOINT="name:count"` kills with SIGKILL when the named place is reached for the
count-th time. Only the sim environment arms it; everywhere else the variable is ignored, and a
place costs one comparison. They stand before and after every write of the journal, every order
and every cancel that is sent; a test sees to it that none is missing, and kills at all of them.
"""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hedged.core.types import Environment

VARIABLE: Final = "HEDGED_FAILPOINT"


@dataclass(slots=True)
class _Armed:
    name: str
    left: int


_armed: _Armed | None = None


def arm(environment: Environment, env: Mapping[str, str]) -> bool:
    """Arm what the variable names; whether anything is armed now.

    Raises:
        ValueError: the variable is not `name:count`.
    """
    global _armed  # noqa: PLW0603 - one per process, as the process is what it kills
    _armed = None
    text = env.get(VARIABLE, "")
    if environment is Environment.SIM and text:
        name, _, count = text.rpartition(":")
        if not name or not count.isdecimal() or int(count) < 1:
            raise ValueError(f'{VARIABLE} is {text!r}, not "name:count" with a count from 1')
        _armed = _Armed(name, int(count))
    return _armed is not None


def point(name: str) -> None:
    """A place where the process may be killed."""
    if _armed is not None and _armed.name == name:
        _armed.left -= 1
        if not _armed.left:
            os.kill(os.getpid(), signal.SIGKILL)
