"""Whatever is recorded reads back as it was, in plain notation."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings

from hedged.core.events import EVENTS, Event, Intended, LookedUp, Opening
from hedged.core.terms import Answer
from hedged.core.types import USD, Amount
from hedged.store.codec import CodecError, decoded_event, digest, dumps, encoded
from tests.core.any_event import ANY_EVENT, terms
from tests.core.build import quote, snapshot


@settings(deadline=None, max_examples=300)
@given(ANY_EVENT)
def test_every_event_reads_back_as_it_was(event: Event) -> None:
    text = dumps(encoded(event))
    assert decoded_event(event.kind, json.loads(text)) == event
    assert "E+" not in text
    assert "E-" not in text


def test_kinds_are_unique_and_fit_their_column() -> None:
    kinds = [event.kind for event in EVENTS]
    assert len(set(kinds)) == len(kinds)
    assert max(map(len, kinds)) <= 32


def test_numbers_and_times_are_plain() -> None:
    summer = timezone(timedelta(hours=2))
    event = Opening(
        "main", "X", Amount(Decimal("-3.25E+5"), USD), datetime(2026, 7, 1, 12, tzinfo=summer)
    )
    assert encoded(event) == {
        "venue": "main",
        "symbol": "X",
        "quantity": {"value": "-325000", "unit": "USD"},
        "as_of": "2026-07-01T10:00:00+00:00",
    }


def test_digits_are_kept_beyond_the_context() -> None:
    many = Decimal("1." + "1" * 60)
    read = decoded_event("look-up", encoded(LookedUp("hg1", Answer.DONE, many)))
    assert isinstance(read, LookedUp)
    assert read.filled == many


@pytest.mark.parametrize("wrong", [Decimal("NaN"), Decimal("Infinity"), datetime(2026, 1, 1)])  # noqa: DTZ001 - what is refused
def test_what_could_not_be_read_back_is_a_bug(wrong: object) -> None:
    with pytest.raises(ValueError, match="no"):
        encoded(wrong)
    with pytest.raises(TypeError, match="float cannot be stored"):
        encoded(1.5)


def test_a_field_that_was_added_later_takes_its_default() -> None:
    raw = encoded(LookedUp("hg1", Answer.DONE, Decimal(5)))
    del raw["venue_id"], raw["detail"]
    raw["of a newer version"] = 1
    assert decoded_event("look-up", raw) == LookedUp("hg1", Answer.DONE, Decimal(5))


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("nonsense", {}),
        ("submit", {}),
        ("submit", []),
        ("submit", {"client_id": 5}),
        ("look-up", {"client_id": "hg1", "answer": "perhaps"}),
        ("look-up", {"client_id": "hg1", "answer": "done", "filled": "much"}),
        ("look-up", {"client_id": "hg1", "answer": "done", "filled": 5}),
        ("opening", {"venue": "", "symbol": "", "quantity": None, "as_of": "2026-01-01"}),
    ],
)
def test_damage_is_not_read(kind: str, raw: object) -> None:
    with pytest.raises(CodecError):
        decoded_event(kind, raw)


def test_equal_values_have_one_digest() -> None:
    one = Intended(terms(1))
    assert digest(one) == digest(Intended(terms(1)))
    assert digest(one) != digest(Intended(terms(2)))
    assert digest(one) != digest(Intended(replace(terms(1), contracts=Decimal(101))))


def test_snapshots_have_digests() -> None:
    one = snapshot(quotes=(quote(60_000),))
    assert digest(one) == digest(snapshot(quotes=(quote("60000"),)))
    assert digest(one) != digest(snapshot(quotes=(quote("60000.1"),)))
    assert len(digest(one)) == 64
