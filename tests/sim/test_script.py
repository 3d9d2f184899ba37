"""Scripts: what is read, what is refused, and when it is done."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.sim.accounts import Account
from hedged.sim.admin import ACTIONS
from hedged.sim.exchange import Exchange
from hedged.sim.faults import Kind
from hedged.sim.script import ScriptError, Step, play, read_script
from hedged.sim.server import SimServer, run_server

LINES = """
{"at_s": 60, "action": "price", "coin": "BTC", "index": 58000}
{"at_s": 2.5, "action": "fault", "kind": "delay", "seconds": 10, "times": 3}

{"at_s": "60", "action": "deposit", "account": "main", "coin": "BTC", "amount": "0.1"}
"""
TABLES = """
[[step]]
at_s = 60
action = "price"
coin = "BTC"
index = 58000

[[step]]
at_s = 2.5
action = "fault"
kind = "delay"
seconds = 10
times = 3

[[step]]
at_s = 60
action = "deposit"
account = "main"
coin = "BTC"
amount = 0.1
"""


@pytest.mark.parametrize(("name", "text"), [("acts.jsonl", LINES), ("acts.toml", TABLES)])
def test_both_forms_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert read_script(path) == [
        Step(Decimal("2.5"), "fault", {"kind": "delay", "seconds": "10", "times": "3"}),
        Step(Decimal(60), "price", {"coin": "BTC", "index": "58000"}),
        Step(Decimal(60), "deposit", {"account": "main", "coin": "BTC", "amount": "0.1"}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", "{", "line 1 is not JSON"),
        ("a.jsonl", "[]", "line 1: not an object"),
        ("a.jsonl", '{"action": "lift"}', "line 1: at_s"),
        ("a.jsonl", '{"at_s": -1, "action": "lift"}', "line 1: at_s"),
        ("a.jsonl", '{"at_s": NaN, "action": "lift"}', "line 1: at_s"),
        ("a.jsonl", '\n{"at_s": 1, "action": "dance"}', "line 2: action must be one of: account"),
        ("a.jsonl", '{"at_s": 1, "action": "fault", "kind": "flu"}', "line 1: kind must be one of"),
        ("a.toml", "[[step]", "cannot be read"),
        ("a.toml", "step = 3", "no .*step.* tables"),
        ("a.toml", "[[step]]\nat_s = 1", "step 1: action"),
        ("missing.jsonl", None, "cannot be read"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(ScriptError, match=said) as refused:
        read_script(path)
    assert "\n" not in str(refused.value)


@pytest.mark.asyncio
async def test_acts_are_done_at_their_times_and_refusals_told() -> None:
    done: list[tuple[int, str]] = []
    now_ms = 1_000
    refused: list[str] = []

    async def sleep(seconds: float) -> None:
        nonlocal now_ms
        now_ms += round(seconds * 1000)

    def act(action: str, fields: Mapping[str, object]) -> str:
        done.append((now_ms, action))
        return "no account nobody" if action == "deposit" else ""

    steps = [Step(Decimal(1), "price", {}), Step(Decimal(3), "deposit", {})]
    await play(steps, act, clock=lambda: now_ms, speed=2.0, on_refusal=refused.append, sleep=sleep)
    assert done == [(1_500, "price"), (2_500, "deposit")]
    assert refused == ["script, 3 s, deposit: no account nobody"]


@pytest.mark.asyncio
async def test_a_server_performs_its_script(exchange: Exchange, account: Account) -> None:
    stop, told = asyncio.Event(), list[str]()

    def on_refusal(text: str) -> None:
        told.append(text)
        stop.set()

    server = SimServer(exchange, clock=lambda: exchange.now_ms)
    steps = [
        Step(Decimal(0), "price", {"coin": "BTC", "index": "58000"}),
        Step(Decimal(0), "fault", {"kind": "status", "status": "503"}),
        Step(Decimal(0), "withdraw", {"account": "main", "coin": "BTC", "amount": "99"}),
    ]
    async with asyncio.timeout(5):
        await run_server(server, {}, stop=stop, script=steps, on_refusal=on_refusal)
    assert str(exchange.prices["BTC"]) == "58000"
    assert [rule.fault.kind for rule in server.faults.rules] == [Kind.STATUS]
    assert len(told) == 1


def test_the_manual_names_every_action_and_every_kind_of_fault() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()
    assert not [name for name in (*ACTIONS, *Kind) if f"`{name}`" not in manual]
