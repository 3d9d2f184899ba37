import pytest

from hedged.config import ConfigError, execution
from hedged.core.types import Execution


def test_dry_run_stays_dry_run() -> None:
    assert execution(Execution.DRY_RUN, live=False) == (Execution.DRY_RUN, None)


def test_live_in_the_file_alone_is_a_dry_run_that_says_why() -> None:
    mode, notice = execution(Execution.LIVE, live=False)
    assert mode is Execution.DRY_RUN
    assert notice == 'dry-run: the file says execution = "live", but --live is missing'


def test_live_needs_both() -> None:
    assert execution(Execution.LIVE, live=True) == (Execution.LIVE, None)


def test_live_on_the_command_line_alone_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        execution(Execution.DRY_RUN, live=True)
    assert str(caught.value) == (
        'execution: the file says "dry-run", so --live is refused;'
        ' set execution = "live" there first'
    )
