"""Where state lives on a machine, as systemd and the XDG base directories name it."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hedged.config import Settings
from hedged.core.types import Environment

LONGEST_SOCKET: Final = 100  # the kernel takes no path of a socket beyond about that


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


def journal_file(settings: Settings, env: Mapping[str, str]) -> Path:
    """Where live execution keeps its journal."""
    return journal_path(state_folder(env), settings.environment)


def control_path(settings: Settings, env: Mapping[str, str]) -> Path:
    """The socket on which a living daemon takes commands."""
    return _socket(journal_file(settings, env).with_suffix(".sock"))


def rehearsal_path(config: Path, env: Mapping[str, str]) -> Path:
    """The socket on which a dry-run of this file tells its status."""
    digest = hashlib.sha256(os.fsencode(config.resolve())).hexdigest()
    return _socket(state_folder(env) / f"dry-run-{digest[:16]}.sock")


def _socket(beside: Path) -> Path:
    """Here, or where the path is short enough for the kernel."""
    if len(os.fsencode(beside)) <= LONGEST_SOCKET:
        return beside
    digest = hashlib.sha256(os.fsencode(beside)).hexdigest()
    return lock_folder() / f"hedged-{digest[:32]}.sock"
