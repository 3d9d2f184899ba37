"""The files in config/ are right, complete and agree with the schema."""

import json
import re
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hedged.config import load, schema
from hedged.config.keys import tables
from hedged.core.types import Environment, Execution

FOLDER = Path(__file__).parents[2] / "config"
SHIPPED = sorted(FOLDER.glob("*.toml"))


def test_the_files_are_there() -> None:
    assert {path.name for path in SHIPPED} >= {"demo.toml", "example.toml", "testnet.toml"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_file_loads_and_sends_nothing(path: Path) -> None:
    settings = load(path, env={})
    assert settings.execution is Execution.DRY_RUN
    assert settings.environment is not Environment.MAINNET


def test_the_common_case_is_short() -> None:
    common, line, _ = (FOLDER / "example.toml").read_text().partition("# ----")
    assert line
    assert len(common.splitlines()) <= 40


def test_the_example_mentions_every_key_with_its_default() -> None:
    text = (FOLDER / "example.toml").read_text()
    for keys in tables().values():
        for key in keys:
            assert re.search(rf"(^|[\s\[.]){key}([\s\].]|$)", text, re.MULTILINE), key
    document = schema()
    for node in (document, *document["$defs"].values()):
        for key, member in node["properties"].items():
            if "default" in member and key not in {
                "log",
                "web",
                "alerts",
                "heartbeat",
                "reports",
                "label",
                "auto",
                "carry",
                "limits",
                "maker",
                "twap",
                "transfers",
            }:
                written = re.compile(rf"^#? ?{key} = (\S+)", re.MULTILINE).findall(text)
                default = member["default"]
                plain = str(default).lower() if isinstance(default, bool) else str(default)
                assert {plain, f'"{plain}"'} & set(written), key


def test_every_key_is_described() -> None:
    for keys in tables().values():
        assert all(keys.values())


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(schema())) == schema()


def test_what_is_optional_says_its_default_unless_absence_means_something() -> None:
    document = schema()
    silent = {
        key
        for node in (document, *document["$defs"].values())
        for key, member in node["properties"].items()
        if key not in node.get("required", []) and "default" not in member
    }
    assert silent == {
        *(
            "url",
            "passphrase",
            "bind",
            "kill_file",
            "digest",
            "keep",
            "accounting",
            "cron",
            "notional",
            "cap",
            "hedged_by",
            "beta",
        ),
        *("venue", "instrument", "from", "to", "as_of", "duration", "value_at_risk", "floor"),
        *("account", "max_coins"),
        *(
            "emergency_distance",
            "collateral_low",
            "collateral_target",
            "collateral_high",
            "leverage",
        ),
        *("ceiling", "basis_low", "basis_high", "folder", "daily", "monthly"),
        *("min_order", "max_order", "max_position", "max_turnover", "max_cost", "max_orders"),
    }


def fits(value: object, node: dict[str, Any]) -> bool:
    """A judge of its own for as much of JSON Schema as ours uses."""
    if "$ref" in node:
        node = schema()["$defs"][node["$ref"].rpartition("/")[2]]
    if branches := node.get("anyOf") or node.get("oneOf"):
        return any(fits(value, branch) for branch in branches)
    if "enum" in node or "const" in node:
        return value in node.get("enum", [node.get("const")])
    by_type: dict[str, Callable[[Any, dict[str, Any]], bool]] = {
        "object": fits_object,
        "array": fits_array,
        "number": fits_number,
        "boolean": lambda value, _: isinstance(value, bool),
        "string": lambda value, node: (
            isinstance(value, str) and re.search(node.get("pattern", ""), value) is not None
        ),
    }
    return by_type[node["type"]](value, node)


def fits_object(value: object, node: dict[str, Any]) -> bool:
    def allows(key: str, member: object) -> bool:
        patterns = node.get("patternProperties", {})
        named = [patterns[pattern] for pattern in patterns if re.search(pattern, key)]
        schemas = named or [node.get("properties", {}).get(key)]
        return schemas[0] is not None and fits(member, schemas[0])

    assert node["additionalProperties"] is False
    return (
        isinstance(value, dict)
        and set(node.get("required", [])) <= set(value)
        and all(allows(key, member) for key, member in value.items())
    )


def fits_array(value: object, node: dict[str, Any]) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= node.get("minItems", 0)
        and all(fits(item, node["items"]) for item in value)
    )


def fits_number(value: object, node: dict[str, Any]) -> bool:
    return (
        isinstance(value, int | Decimal)
        and not isinstance(value, bool)
        and node.get("minimum", value) <= value <= node.get("maximum", value)
        and value > node.get("exclusiveMinimum", value - 1)
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_file_fits_the_schema(path: Path) -> None:
    document = tomllib.loads(path.read_text(), parse_float=Decimal)
    assert fits(document, schema())
    for book in document["books"].values():
        book["hedges"][0]["band"] = 0
    assert not fits(document, schema())


def test_every_default_fits_its_own_schema() -> None:
    document = schema()
    for node in (document, *document["$defs"].values()):
        for key, member in node["properties"].items():
            if "default" in member:
                assert fits(member["default"], member), key
