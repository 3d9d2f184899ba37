"""What the journal records only once."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hedged.core.events import ExternalChange, IllegalStepError, Intended, Submitted
from hedged.core.once import admitted, once
from hedged.core.statement import StatementLine
from hedged.core.terms import Cause
from hedged.core.types import USD, Amount, Flow, FlowKind
from tests.core.any_event import START, SYMBOL, fill, terms

ORDER = terms()


def change(trade_id: str | None) -> ExternalChange:
    return ExternalChange(
        "main",
        SYMBOL,
        Amount(Decimal(5), USD),
        Cause.TRADE,
        "by hand",
        False,
        trade_id,
        START if trade_id else None,
    )


def test_intents_and_trades_have_a_key_and_nothing_else_has() -> None:
    assert once(Intended(ORDER)) == f"intent|{ORDER.client_id}"
    assert once(fill(ORDER, "1", "t1")) == once(change("t1"))  # one trade, whoever tells of it
    assert once(fill(ORDER, "1", "t1")) != once(fill(ORDER, "1", "t2"))
    elsewhere = replace(fill(ORDER, "1", "t1"), venue="spare")
    assert once(elsewhere) != once(fill(ORDER, "1", "t1"))
    assert once(change(None)) is None
    assert once(Submitted(ORDER.client_id)) is None


def test_invariant_09_a_trade_is_admitted_once() -> None:
    one, other = fill(ORDER, "1", "t1"), fill(ORDER, "1", "t2")
    unknown = change(None)
    assert admitted([one, one, unknown, unknown, change("t1")], frozenset()) == (
        one,
        unknown,
        unknown,
    )
    assert admitted([one, other], frozenset({str(once(one))})) == (other,)


def test_invariant_04_a_client_id_is_never_used_again() -> None:
    intended = Intended(ORDER)
    assert admitted([intended], frozenset()) == (intended,)
    for events, taken in (
        ([intended, intended], frozenset[str]()),
        ([intended], frozenset({str(once(intended))})),
    ):
        with pytest.raises(IllegalStepError, match=f"{ORDER.client_id} was used before"):
            admitted(events, taken)


def test_a_line_of_a_statement_is_recorded_once_at_each_venue() -> None:
    flow = Flow(
        *("7", FlowKind.FUNDING, Amount(Decimal(1), "BTC"), Decimal(1), Decimal(0), None, START),
        *("", "", ""),
    )
    here, there = StatementLine("main", flow), StatementLine("second", flow)
    assert (once(here), once(there)) == ("line|main|7", "line|second|7")
    assert admitted([here, there, here], frozenset({"line|second|7"})) == (here,)
