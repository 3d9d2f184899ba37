"""What is told of a condition, and when: once it has lasted, ever less often, and its end."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hedged.alerts.course import A_DAY_S, Condition, Memory, turned
from hedged.ops.notify import Alert, Level

REPEAT_S = 3600.0
HALT = Condition(("state", "halted"), Level.CRITICAL, "trading is halted", "anna: lunch.")
BLIND = Condition(
    ("core", "BTC", "SOURCE_MISSING"),
    Level.WARNING,
    "core BTC: SOURCE_MISSING",
    "main: account: gone.",
    patience_s=300,
    hold_s=60,
    grave_s=1800,
)


class Play:
    """A condition that is there or not, second by second."""

    def __init__(self) -> None:
        self.memory: Memory = {}
        self.told: list[tuple[float, Alert]] = []
        self.now_s = 1000.0

    def go(self, seconds: float, *conditions: Condition, step_s: float = 1.0) -> list[Alert]:
        began = len(self.told)
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += step_s
            self.memory, alerts = turned(self.memory, conditions, self.now_s, REPEAT_S)
            self.told += [(self.now_s, alert) for alert in alerts]
        return [alert for _, alert in self.told[began:]]


def test_a_halt_is_told_at_once_and_so_is_its_end() -> None:
    play = Play()
    (told,) = play.go(1, HALT)
    assert (told.level, told.title, told.is_over) == (Level.CRITICAL, "trading is halted", False)
    (over,) = play.go(1)
    assert (over.level, over.is_over) == (Level.CRITICAL, True)
    (again,) = play.go(1, HALT)
    assert not again.is_over


def test_what_may_pass_is_told_once_it_has_lasted() -> None:
    play = Play()
    assert play.go(299, BLIND) == []
    (told,) = play.go(10, BLIND)
    assert told.title == "core BTC: SOURCE_MISSING (for 5 min)"
    assert play.go(50) == []
    (over,) = play.go(30)
    assert over.is_over
    assert over.text == "It lasted 5 min."


def test_what_passes_in_time_is_never_told() -> None:
    play = Play()
    assert play.go(200, BLIND) == []
    assert play.go(100) == []
    assert play.go(200, BLIND) == []


def test_what_fails_every_other_time_counts_as_lasting() -> None:
    play = Play()
    for _ in range(20):
        play.go(10, BLIND)
        play.go(10)
    assert [alert.is_over for _, alert in play.told] == [False]


def test_what_stands_is_told_again_ever_less_often_and_at_least_daily() -> None:
    play = Play()
    play.go(5 * A_DAY_S, HALT, step_s=60)
    gaps = [b - a for (a, _), (b, _) in zip(play.told, play.told[1:], strict=False)]
    assert gaps[:4] == [3600, 7200, 14400, 28800]
    assert gaps[-1] == A_DAY_S
    assert len(play.told) == 9


def test_what_lasts_much_longer_grows_critical_at_once() -> None:
    play = Play()
    told = play.go(2000, BLIND)
    assert [alert.level for alert in told] == [Level.WARNING, Level.CRITICAL]


def test_what_flaps_grows_quiet() -> None:
    play = Play()
    flapping = replace(BLIND, patience_s=0.0, grave_s=None)
    for _ in range(180):  # 18 hours of two minutes on, four off
        play.go(120, flapping, step_s=10)
        play.go(240, step_s=10)
    assert len(play.told) < 16, [(at, a.is_over) for at, a in play.told]


def test_new_figures_are_no_news() -> None:
    play = Play()
    assert len(play.go(2, HALT)) == 1
    assert play.go(2, replace(HALT, text="another figure")) == []


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 4000)), max_size=60))
def test_an_end_is_told_only_after_a_beginning_and_only_once(
    course: list[tuple[bool, int]],
) -> None:
    memory: Memory = {}
    now_s, is_open = 0.0, False
    for is_there, seconds in course:
        now_s += seconds
        memory, alerts = turned(memory, [BLIND] if is_there else [], now_s, REPEAT_S)
        for alert in alerts:
            assert not alert.is_over or is_open
            is_open = not alert.is_over
    assert len(memory) <= 1
    for _ in range(3):
        now_s += 4 * 3600
        memory, _ = turned(memory, [], now_s, REPEAT_S)
    assert memory == {}, "what is long over is forgotten"
