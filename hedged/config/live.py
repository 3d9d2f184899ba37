"""Two locks before a live order: the file says so, and so does the command line.

On mainnet a third one follows, arming; that is the engine's.
"""

from hedged.config.problems import ConfigError, Problem
from hedged.core.types import Execution


def execution(configured: Execution, *, live: bool) -> tuple[Execution, str | None]:
    """How to run, and a notice for the first line where that is less than the file says.

    Raises:
        ConfigError: `--live` was given, but the file says dry-run.
    """
    match configured, live:
        case Execution.DRY_RUN, True:
            message = (
                'the file says "dry-run", so --live is refused; set execution = "live" there first'
            )
            raise ConfigError([Problem("", None, "execution", message)])
        case Execution.LIVE, False:
            notice = 'dry-run: the file says execution = "live", but --live is missing'
            return Execution.DRY_RUN, notice
        case _:
            return configured, None
