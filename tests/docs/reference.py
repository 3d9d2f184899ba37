"""docs/configuration.md: every key of the configuration file, from the models that read it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hedged.config import schema as file_schema

Schema = Mapping[str, Any]

HEAD: Final = """# The configuration file

One TOML file. A key that is not listed here is refused, with its line and what you may have meant;
every problem of a file is shown in one go. `hedged check -c FILE` validates it, with `--online` it
also asks the venues, and `hedged config schema` prints this page as a JSON Schema, for editors.
`config/example.toml` shows the same keys as they stand in a file.

Durations are written `"250ms"`, `"10s"`, `"5m"`, `"2h"`, `"1d"`; shares `0.0025` or `"0.25%"`.
Secrets never stand in the file, only where they are kept: `"env:NAME"` is an environment variable,
`"file:PATH"` a file that only its owner can read, and `"credential:NAME"` a file that systemd
(`LoadCredential=`) or Docker (`/run/secrets`) provides.

This page is generated from the code that reads the file.
"""


def configuration_page() -> str:
    """The whole page."""
    schema = file_schema()
    return "\n".join([HEAD, *_tables("", schema, schema["$defs"], is_list=False)])


def _tables(path: str, table: Schema, defs: Schema, *, is_list: bool) -> Iterator[str]:
    """A table with its own keys first, then the tables below it."""
    yield f"## `{f'[[{path}]]' if is_list else f'[{path}]'}`\n" if path else "## At the top\n"
    if path:
        yield f"{_cell(table['description'])}\n"
    yield "| key | default | what |\n|---|---|---|"
    for name, key in table["properties"].items():
        default = "required" if name in table.get("required", ()) else _default(key)
        yield f"| `{name}` | {default} | {_cell(key['description'])} |"
    yield ""
    for name, key in table["properties"].items():
        below = f"{path}.{name}" if path else name
        for form in _forms(key):
            if "$ref" in form:
                yield from _tables(below, _at(form, defs), defs, is_list=False)
            for named in form.get("patternProperties", {}).values():
                yield from _tables(f"{below}.NAME", _at(named, defs), defs, is_list=False)
            for item in _forms(form.get("items", {})):
                if "$ref" in item:
                    yield from _tables(below, _at(item, defs), defs, is_list=True)


def _forms(key: Schema) -> list[Schema]:
    """What a key may be."""
    return [key, *key.get("anyOf", ()), *key.get("oneOf", ())]


def _at(form: Schema, defs: Schema) -> Schema:
    found: Schema = defs[str(form["$ref"]).rpartition("/")[2]]
    return found


def _default(key: Schema) -> str:
    default = key.get("default")
    return "–" if default in (None, {}, []) else f"`{json.dumps(default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
