"""A contract as it is on record, and as its venue lists it now."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from hedged.core.events import Acked, Entry, Event
from hedged.core.ledger import folded, restored
from hedged.core.listing import freezes, listed, relisted
from hedged.core.types import Kind
from tests.core.build import instrument

D = Decimal
AT = datetime(2026, 1, 1, tzinfo=UTC)
PERP = instrument()
KEY = (PERP.venue, PERP.symbol)


def after(*events: Event) -> Any:
    return folded(Entry(seq, AT, event) for seq, event in enumerate(events, start=1))


@pytest.mark.parametrize(
    "change",
    [{"contract_size": D(10)}, {"settle": "USDT"}, {"base": "ETH"}, {"kind": Kind.LINEAR}],
)
def test_another_contract_is_not_adopted_and_told_once(change: dict[str, Any]) -> None:
    known, other = listed(PERP), replace(PERP, **change)
    doubted = relisted(known, None, other)
    assert doubted is not None
    assert not doubted.adopted
    assert relisted(known, doubted, other) is None
    ledger = after(known, doubted)
    ((key, why),) = freezes(ledger.listings, ledger.doubted)
    assert key == KEY
    assert known.text in why
    assert doubted.text in why
    assert restored(ledger.checkpoint()) == ledger


@pytest.mark.parametrize("change", [{"lot": D(5)}, {"tick": D(1)}, {"min_contracts": D(7)}])
def test_new_steps_are_adopted(change: dict[str, Any]) -> None:
    now = relisted(listed(PERP), None, replace(PERP, **change))
    assert now is not None
    assert now.adopted
    assert now.steps != listed(PERP).steps


def test_the_first_listing_is_adopted_and_the_same_one_is_no_news() -> None:
    assert relisted(None, None, PERP) == listed(PERP)
    assert relisted(listed(PERP), None, PERP) is None
    changed = replace(PERP, maintenance=D("0.01"), max_contracts=D(5))
    assert relisted(listed(PERP), None, changed) is None


def test_it_is_over_when_the_old_contract_is_back_or_an_operator_has_seen_the_new_one() -> None:
    known, other = listed(PERP), listed(replace(PERP, contract_size=D(10)), adopted=False)
    back = relisted(known, other, PERP)
    assert back is not None
    returned = after(known, other, back)
    assert (returned.listings[KEY], returned.doubted) == (known, {})
    seen = after(known, other, Acked(*KEY, "anna"))
    assert (seen.listings[KEY].contract_size, seen.doubted) == (10, {})
    assert relisted(seen.listings[KEY], None, replace(PERP, contract_size=D(10))) is None
