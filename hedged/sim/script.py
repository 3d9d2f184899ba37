"""A script: what the operator does, and what goes wrong, at set times.

JSON lines, one act each, or TOML with a table `[[step]]` for each: `at_s` (seconds from the start),
`action` (what follows /admin/ in the operator's interface) and its fields.

    {"at_s": 5, "action": "fault", "kind": "reply_lost", "path": "/v5/order/create"}
    {"at_s": 20, "action": "price", "coin": "BTC", "index": "58000"}
"""

import asyncio
import json
import tomllib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from hedged.sim.admin import ACTIONS
from hedged.sim.faults.fault import FaultError, fault_of


class ScriptError(Exception):
    """A script cannot be used; the message is one line that says why."""


class Step(NamedTuple):
    """One act."""

    at_s: Decimal
    action: str
    fields: Mapping[str, object]


def read_script(path: Path) -> list[Step]:
    """Return the acts of a script in the order of their times."""
    try:
        text = path.read_text(encoding="utf-8")
        entries = list(_toml(text) if path.suffix == ".toml" else _lines(text))
    except (OSError, ValueError) as error:
        raise ScriptError(f"{path.name} cannot be read: {error}") from None
    steps = []
    for place, entry in entries:
        try:
            steps.append(_step(entry))
        except ValueError as error:
            raise ScriptError(f"{path.name}, {place}: {error}") from None
    return sorted(steps, key=lambda step: step.at_s)


def _lines(text: str) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line, parse_float=Decimal)
            except ValueError as error:
                raise ValueError(f"line {number} is not JSON: {error}") from None


def _toml(text: str) -> Iterator[tuple[str, object]]:
    steps = tomllib.loads(text, parse_float=Decimal).get("step", [])
    if not isinstance(steps, list):
        raise ValueError("it has no [[step]] tables")  # noqa: TRY004 - what is wrong is the file
    for number, entry in enumerate(steps, start=1):
        yield f"step {number}", entry


def _step(entry: object) -> Step:
    if not isinstance(entry, dict):
        raise ValueError("not an object")  # noqa: TRY004 - what is wrong is the file
    fields = {name: _value(value) for name, value in entry.items()}
    try:
        at_s = Decimal(str(fields.pop("at_s", "")))
    except InvalidOperation:
        raise ValueError("at_s must be a number of seconds") from None
    if not at_s.is_finite() or at_s < 0:
        raise ValueError(f"at_s must be a time from the start on, not {at_s}")
    action = str(fields.pop("action", ""))
    if action not in ACTIONS:
        raise ValueError(f"action must be one of: {', '.join(ACTIONS)}")
    if action == "fault":
        try:
            fault_of(fields)
        except FaultError as error:
            raise ValueError(str(error)) from None
    return Step(at_s, action, fields)


def _value(value: object) -> object:
    """Return a field as the operator's interface takes it: numbers are texts there."""
    return value if isinstance(value, bool | str) else str(value)


async def play(
    script: Sequence[Step],
    act: Callable[[str, Mapping[str, object]], str],
    *,
    clock: Callable[[], int],
    speed: float = 1.0,
    on_refusal: Callable[[str], None] = lambda _text: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Do each act at its time, `speed` times as fast; tell of each that is refused."""
    start_ms = clock()
    for step in script:
        due_ms = start_ms + float(step.at_s) * 1000 / speed
        await sleep(max(0.0, (due_ms - clock()) / 1000))
        refused = act(step.action, step.fields)
        if refused:
            on_refusal(f"script, {step.at_s} s, {step.action}: {refused}")
