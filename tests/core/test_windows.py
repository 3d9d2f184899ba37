"""Windows: in force from their start to their end, in steps, in any time zone."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from hedged.core.decide import decide
from hedged.core.types import Reason, Window
from hedged.core.windows import cron_of, schedule
from tests.core.build import D, account, cold, policy, quote, short, snapshot

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 18, 18, tzinfo=UTC)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]


def once(hours: int = 4, ratio: str = "1", ramp_s: int = 0, steps: int = 1) -> Window:
    return Window("event", D(ratio), START, START + hours * HOUR, ramp_s=ramp_s, steps=steps)


def daily(line: str, zone: str = "UTC", hours: float = 1) -> Window:
    return Window("daily", D(1), cron=line, duration_s=round(hours * 3600), zone=zone)


def step(window: Window, at: datetime) -> int:
    active = schedule([window], at).active
    return 0 if active is None else active.step


def test_a_window_holds_from_its_start_until_before_its_end() -> None:
    tick = timedelta(microseconds=1)
    moments = [START - tick, START, START + 4 * HOUR - tick, START + 4 * HOUR]
    assert [step(once(), at) for at in moments] == [0, 1, 1, 0]
    assert schedule([once()], START - HOUR).next_change_at == START
    assert schedule([once()], START).next_change_at == START + 4 * HOUR
    assert schedule([once()], START + 4 * HOUR).next_change_at is None


def test_a_ramp_goes_in_at_the_start_and_out_before_the_end() -> None:
    window = once(ramp_s=3600, steps=4)
    quarter = HOUR / 4
    moments = [START + n * quarter for n in range(5)]
    assert [step(window, at) for at in moments] == [1, 2, 3, 4, 4]
    end = START + 4 * HOUR
    assert [step(window, end - n * quarter) for n in range(5)] == [0, 1, 2, 3, 4]
    assert schedule([window], START).next_change_at == START + quarter


@given(st.integers(0, 14_400), st.integers(1, 20), st.integers(1, 7200))
def test_the_next_change_is_when_the_step_changes(at_s: int, steps: int, ramp_s: int) -> None:
    window = once(ramp_s=ramp_s, steps=steps)
    at = START + timedelta(seconds=at_s)
    change = schedule([window], at).next_change_at
    if change is not None:
        before = change - timedelta(microseconds=1)
        assert step(window, before) == step(window, at)
        assert step(window, change) != step(window, before)


def test_the_first_window_in_force_holds() -> None:
    windows = [once(1, "0.2"), once(4, "0.7")]
    ratios = []
    for hours in (0, 2, 5):
        active = schedule(windows, START + hours * HOUR).active
        ratios.append(None if active is None else active.ratio)
    assert ratios == [D("0.2"), D("0.7"), None]


LINES = ["30 2 * * *", "0 3 * * sun", "15,45 1-3 * * *", "0 0 29 2 *", "0 8 1 * mon", "*/7 2 * * *"]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(LINES),
    st.sampled_from(ZONES),
    st.integers(0, 500 * 24 * 60),
)
def test_the_next_time_is_the_scheduler_s_but_for_changes_of_the_clock(
    line: str, zone: str, minutes: int
) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ours = schedule([daily(line, zone)], at).next_change_at
    local = ZoneInfo(zone)
    theirs = CronTrigger.from_crontab(line, timezone=local).get_next_fire_time(None, at + SECOND)
    if ours is None or step(daily(line, zone), at):
        return
    if clock_changes_near(local, ours) or clock_changes_near(local, theirs.astimezone(UTC)):
        return
    assert ours == theirs


SECOND = timedelta(seconds=1)


def clock_changes_near(zone: ZoneInfo, at: datetime) -> bool:
    offsets = {(at + n * HOUR).astimezone(zone).utcoffset() for n in (-26, 0, 26)}
    return len(offsets) > 1


def test_a_skipped_time_comes_later_and_a_repeated_one_once() -> None:
    berlin = daily("30 2 * * *", "Europe/Berlin")
    spring = datetime(2026, 3, 29, tzinfo=UTC)  # 02:00 becomes 03:00 at 01:00 UTC
    assert schedule([berlin], spring).next_change_at == spring + 1.5 * HOUR
    autumn = datetime(2026, 10, 25, tzinfo=UTC)  # 03:00 becomes 02:00 at 01:00 UTC
    first = autumn + 0.5 * HOUR
    assert schedule([berlin], autumn).next_change_at == first
    assert schedule([berlin], first + HOUR).next_change_at == first + 25 * HOUR


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 59), st.integers(0, 500))
def test_a_daily_window_opens_once_on_each_local_day(
    zone: str, hour: int, minute: int, day: int
) -> None:
    """Across all changes of the clock: one opening per local day, and for as long as told."""
    window = daily(f"{minute} {hour} * * *", zone)
    today = date(2026, 1, 1) + timedelta(days=day)
    midnight = datetime(today.year, today.month, today.day, tzinfo=ZoneInfo(zone))
    at = midnight.astimezone(UTC) - timedelta(microseconds=1)
    opens = schedule([window], at).next_change_at
    while opens is not None and opens.astimezone(ZoneInfo(zone)).date() < today:
        at, opens = opens, schedule([window], opens).next_change_at
    assert opens is not None
    if step(window, at):  # the window of the evening before is still open
        opens = schedule([window], opens).next_change_at
    assert opens is not None
    assert opens.astimezone(ZoneInfo(zone)).date() == today
    assert step(window, opens) == 1
    assert schedule([window], opens).next_change_at == opens + HOUR


def test_a_window_may_last_longer_than_the_time_between_its_starts() -> None:
    window = daily("0 8 * * *", hours=30)
    assert all(step(window, START + n * HOUR) for n in range(48))


def test_a_day_that_never_comes_is_not_looked_for_for_ever() -> None:
    assert schedule([daily("0 0 31 2 *")], START).next_change_at is None


def test_a_clock_that_jumps_at_midnight() -> None:
    havana = daily("30 0,1 * * *", "America/Havana", hours=0.25)
    jump = datetime(2026, 3, 8, 5, tzinfo=UTC)  # 00:00 becomes 01:00
    assert schedule([havana], jump).next_change_at == jump + 0.5 * HOUR
    assert step(havana, jump + 0.5 * HOUR) == 1


def test_cron_lines_know_names_lists_ranges_and_steps() -> None:
    line = cron_of("0,30 8-18/5 1,15 jan-jun/2 mon-wed")
    assert [moment.hour for moment in line.times] == [8, 8, 13, 13, 18, 18]
    assert sorted(line.days) == [1, 15]
    assert sorted(line.months) == [1, 3, 5]
    assert sorted(line.weekdays) == [0, 1, 2]


@pytest.mark.parametrize(("hours", "usd"), [(0, "-162500"), (1, "-325000"), (6, "-81250")])
def test_a_window_moves_the_target_step_by_step(hours: int, usd: str) -> None:
    """Half of the way at first, all of it later, and back to the base ratio when it is over."""
    base = {6: "0.25"}.get(hours, "0")
    hedge = policy(ratio=D(base), windows=(once(4, ramp_s=7200, steps=2),))
    book = snapshot(
        quotes=(quote("65000"),), holdings=(cold(5),), hedges=(hedge,), at=START + hours * HOUR
    )
    (asset,) = decide(book).assets
    assert asset.standing is not None
    target = asset.standing.target
    assert target.usd == Decimal(usd)
    assert (target.window is None) == (hours == 6)
    assert ("window event" in target.rule) == (hours < 6)


def told(hours: float) -> list[tuple[Reason, str]]:
    """What the owner hears of a hedge that is as large as the window's last step wants it."""
    hedge = policy(ratio=D("0.5"), windows=(once(4, ramp_s=7200, steps=2),))
    book = snapshot(
        quotes=(quote("65000"),),
        holdings=(cold(5),),
        accounts=(account(0, short("325000", "65000")),),
        hedges=(hedge,),
        at=START + hours * HOUR,
    )
    (asset,) = decide(book).assets
    assert asset.reason is (Reason.IN_BAND if hours == 1 else Reason.BELOW_BAND)
    return [(finding.reason, finding.detail) for finding in asset.alerts]


def test_an_open_window_is_told_beside_the_verdict() -> None:
    until = f"until {(START + 4 * HOUR).isoformat()}, from ratio 0.5 of equity"
    assert told(0) == [(Reason.WINDOW, f"window event: ratio 1, step 1 of 2 {until}")]
    assert told(1) == [(Reason.WINDOW, f"window event: ratio 1 {until}")]
    assert told(4) == []


def test_zones_are_known_on_a_machine_without_a_database_of_them() -> None:
    zoneinfo.reset_tzpath(to=[])
    try:
        zone = zoneinfo.ZoneInfo.no_cache("America/New_York")
    finally:
        zoneinfo.reset_tzpath()
    assert datetime(2026, 7, 1, 12, tzinfo=zone).utcoffset() == timedelta(hours=-4)
