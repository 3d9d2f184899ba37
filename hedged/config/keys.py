"""Which keys may stand where: the JSON Schema of the file, and suggestions drawn from it."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from hedged.config.problems import Location, did_you_mean, key_text
from hedged.config.settings import Settings

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_LISTED_LENGTH: Final = 200
_NAMED: Final = ("venues", "books")  # tables of tables that the user names


def schema() -> dict[str, Any]:
    """The JSON Schema of what a user may write, each key with its description and default."""
    document = Settings.model_json_schema()
    for node in (document, *document["$defs"].values()):
        for member in node["properties"].values():
            member.pop("title", None)
            if "patternProperties" in member:
                member["additionalProperties"] = False  # names that do not fit are errors
    return {"$schema": _DIALECT, **document, "title": "hedged configuration"}


@cache
def tables() -> dict[Location, dict[str, str]]:
    """Every table that the file may contain → its keys with their descriptions.

    Names that the user chooses are `NAME`, places in a list `0`.
    """
    document = schema()

    def walk(node: dict[str, Any], at: Location) -> Iterator[tuple[Location, dict[str, str]]]:
        if "$ref" in node:
            node = document["$defs"][node["$ref"].rpartition("/")[2]]
        if "properties" in node:
            members = node["properties"]
            yield at, {key: member["description"] for key, member in members.items()}
            for key, member in members.items():
                yield from walk(member, (*at, key))
        for member in node.get("patternProperties", {}).values():
            yield from walk(member, (*at, "NAME"))
        for item in [node["items"]] if "items" in node else []:
            for member in item.get("oneOf", [item]):
                yield from walk(member, (*at, 0))

    found: dict[Location, dict[str, str]] = {}
    for at, members in walk(document, ()):
        found.setdefault(at, {}).update(members)  # the tables that a list may hold share a place
    return found


def unknown_key(location: Location) -> str:
    """What to say of a key that its table does not have."""
    table, key = _general(location[:-1]), str(location[-1])
    known = tables()[table]
    homes = [home for home, members in tables().items() if key in members]
    if homes:
        return f"unknown key here; `{key}` belongs to {_header(homes[0])}"
    if near := did_you_mean(key, known, quote="`"):
        return f"unknown key{near}"
    listed = ", ".join(known)
    if len(listed) > _LISTED_LENGTH:
        return f"unknown key; those of {_header(table)} are listed in config/example.toml"
    return f"unknown key; known here: {listed}"


def description(location: Location) -> str:
    """What the schema says of a key."""
    return tables()[_general(location[:-1])][str(location[-1])]


def _general(location: Location) -> Location:
    """A location with the user's own names and indexes made general."""
    return tuple(
        0 if isinstance(part, int) else "NAME" if i == 1 and location[0] in _NAMED else part
        for i, part in enumerate(location)
    )


def _header(table: Location) -> str:
    """How the beginning of a table is written."""
    written = key_text(tuple(part for part in table if isinstance(part, str)))
    if table and isinstance(table[-1], int):
        return f"[[{written}]]"
    return f"[{written}]" if table else "the top of the file"
