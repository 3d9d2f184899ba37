import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from hedged.config.cron import cron_line

NUMBERS = st.integers(0, 61).map(str)
WORDS = st.sampled_from(["mon", "tue", "sun", "jan", "dec", "xxx", "MON"])
ITEMS = st.one_of(
    st.just("*"),
    NUMBERS,
    WORDS,
    st.builds("{}-{}".format, NUMBERS, NUMBERS),
    st.builds("{}-{}".format, WORDS, WORDS),
    st.builds("*/{}".format, NUMBERS),
    st.builds("{}-{}/{}".format, NUMBERS, NUMBERS, NUMBERS),
)
FIELDS = st.lists(ITEMS, min_size=1, max_size=2).map(",".join)


@settings(deadline=None)
@given(st.integers(0, 4), FIELDS)
def test_every_accepted_line_is_one_that_the_scheduler_understands(place: int, field: str) -> None:
    fields = ["*"] * 5
    fields[place] = field
    try:
        accepted = cron_line(" ".join(fields))
    except PydanticCustomError:
        return
    CronTrigger.from_crontab(accepted, timezone="UTC")


@pytest.mark.parametrize(
    "line",
    [
        "* * * * *",
        "*/5 * * * *",
        "0,30 8-18/2 1,15 jan-jun mon-fri",
        "59 23 31 12 sun",
        "0 0 * 1-12/3 sat,sun",
    ],
)
def test_usual_lines_are_accepted(line: str) -> None:
    assert cron_line(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 1",
        "* * * * */2",
        "* * * * fri-mon",
        "* * * mon *",
        "*/0 * * * *",
        "*/60 * * * *",
        "5/10 * * * *",
        "9-5 * * * *",
        "1, * * * *",
        "- * * * *",
        "@daily",
        "* * * * * *",
        "",
    ],
)
def test_what_means_nothing_or_different_things_is_refused(line: str) -> None:
    with pytest.raises(PydanticCustomError):
        cron_line(line)
