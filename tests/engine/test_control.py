"""Operator commands: told to a living daemon, or done to the journal of a dead one."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.clock import VirtualClock
from hedged.config import Settings
from hedged.core.events import ExternalChange
from hedged.core.terms import Cause
from hedged.core.types import Amount, TradingState
from hedged.engine.control import CommandError, control, effect, told
from hedged.engine.operator import Operator
from hedged.store import MemoryJournal, control_path
from hedged.store.places import LONGEST_SOCKET


def journal() -> MemoryJournal:
    return MemoryJournal(VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)))


def operator(record: MemoryJournal) -> Operator:
    return Operator(record, VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)), ("core",))


def change(symbol: str) -> ExternalChange:
    amount = Amount(Decimal(5), "USD")
    return ExternalChange("main", symbol, amount, Cause.TRADE, f"buy 5 {symbol}", adopted=False)


@pytest.mark.asyncio
async def test_a_command_reaches_the_journal(tmp_path: Path) -> None:
    record = journal()
    async with control(tmp_path / "c.sock", operator(record).perform):
        answer = await told(tmp_path / "c.sock", {"verb": "halt", "who": "anna"})
    assert answer is not None
    assert answer.said == ("trading state is halted",)
    assert record.ledger.state is TradingState.HALTED


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "line", [b"\n", b"nonsense\n", b"[1]\n", b'{"verb": "sell"}\n', b"x" * 99999]
)
async def test_a_bad_command_is_answered_or_dropped_and_changes_nothing(
    line: bytes, tmp_path: Path
) -> None:
    record = journal()
    async with control(tmp_path / "c.sock", operator(record).perform):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "c.sock")
        writer.write(line)
        answer = await reader.readline()
        writer.close()
        assert answer == b"" or b"error" in answer
    assert record.ledger.state is TradingState.ACTIVE


@pytest.mark.asyncio
async def test_ack_takes_what_waits_and_names_it_when_nothing_matches() -> None:
    record = journal()
    await record.append(change("BTC/USD:BTC"), change("ETH/USD:ETH"))
    with pytest.raises(
        CommandError, match="waiting: main BTC/USD:BTC: buy 5 BTC/USD:BTC; main ETH"
    ):
        effect({"verb": "ack", "symbol": "XRP/USD:XRP"}, record.ledger)
    events, said = effect({"verb": "ack", "symbol": "BTC/USD:BTC"}, record.ledger)
    assert said == "acknowledged main BTC/USD:BTC: buy 5 BTC/USD:BTC"
    await record.append(*events)
    with pytest.raises(CommandError, match="waiting: main ETH/USD:ETH"):
        effect({"verb": "ack", "symbol": "BTC/USD:BTC"}, record.ledger)


@pytest.mark.asyncio
async def test_where_no_daemon_lives_nothing_is_told(tmp_path: Path) -> None:
    assert await told(tmp_path / "none.sock", {"verb": "halt"}) is None


def test_the_socket_of_a_deep_state_folder_is_short_and_its_own(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "environment": "sim",
            "venues": {
                "main": {
                    "exchange": "bybit",
                    "api_key": "env:K",
                    "secret": "env:S",
                    "url": "http://127.0.0.1:1",
                }
            },
            "books": {
                "core": {"hedges": [{"asset": "BTC", "venue": "main", "instrument": "BTC/USD:BTC"}]}
            },
        }
    )
    deep = [
        control_path(settings, {"STATE_DIRECTORY": f"{tmp_path}/{name * 30}"})
        for name in ("a-folder", "b-folder")
    ]
    assert len(set(deep)) == 2
    assert all(len(str(path)) <= LONGEST_SOCKET for path in deep)
