"""Where state lives on a machine, as systemd and the XDG base directories name it."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hedged.core.types import Environment


def state_folder(env: Mapping[str, str]) -> Path:
    """The folder that survives a reboot: journals, backups, the control socket."""
    given = env.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    home = env.get("XDG_STATE_HOME") or str(Path(env.get("HOME") or Path.home()) / ".local/state")
    return Path(home) / "hedged"


def lock_folder() -> Path:
    """The folder for locks of accounts: the same for every daemon on this machine."""
    usual = Path("/run/lock")
    return usual if os.access(usual, os.W_OK) else Path(tempfile.gettempdir())


def journal_path(folder: Path, environment: Environment) -> Path:
    """The journal of one environment: test money and real money never share one."""
    return folder / f"journal-{environment.value}.db"
