"""From a file to settings, or to every problem that stands between them.

Errors are raised outside of `except` blocks, so that no traceback can carry the file's contents.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hedged.config.checks import contradictions
from hedged.config.credentials import SecretRef
from hedged.config.hedges import ACCOUNTS_TAG, STATIC_TAG, VENUE_TAG
from hedged.config.keys import description, unknown_key
from hedged.config.lines import key_lines, nearest_line
from hedged.config.problems import ConfigError, Location, Problem, key_text, shown, without_telling
from hedged.config.settings import Settings

_TOML_PLACE: Final = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
_TOML_ADVICE: Final = {
    "Invalid value": ' (text needs quotes: key = "value")',
    "Cannot overwrite a value": " (this key is set already)",
    "Illegal character '\\n'": " (a closing quote is missing)",
}
_NOT_KEYS: Final = {VENUE_TAG, STATIC_TAG, ACCOUNTS_TAG, "[key]"}

Fault = tuple[Location, str]


def load(
    path: Path,
    *,
    env: Mapping[str, str],
    change: Callable[[dict[str, Any]], None] | None = None,
) -> Settings:
    """Read and check a configuration file.

    Secrets are not fetched: `env` only serves to recognise the name of a variable that was
    written without its `env:`. `change` is made to the document before it is checked.

    Raises:
        ConfigError: the file cannot be used; it carries every problem found.
    """
    document, lines = _document(path, _text(path))
    if change is not None:
        change(document)
    settings, faults = _validated(document, env)
    if settings is not None:
        faults = [*contradictions(settings)]
    if settings is None or faults:
        problems = (
            Problem(str(path), nearest_line(lines, at), key_text(at), message)
            for at, message in faults
        )
        raise ConfigError(sorted(problems, key=lambda problem: problem.line or 0))
    return _with_places(settings, str(path), lines)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problem = Problem(str(path), line, "", "this is not UTF-8 text")
    except OSError as error:
        problem = Problem(str(path), None, "", f"cannot be read: {error.strerror}")
    raise ConfigError([problem])


def _document(path: Path, text: str) -> tuple[dict[str, Any], dict[Location, int]]:
    """The document as TOML has it, and the lines of its keys."""
    line = None
    try:
        return tomllib.loads(text, parse_float=Decimal), key_lines(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line = int(place["line"]) if place and place["line"] else len(text.splitlines())
        message = _TOML_PLACE.sub("", str(error))
        message = f"this is not TOML: {without_telling(message)}{_TOML_ADVICE.get(message, '')}"
    except (ValueError, InvalidOperation):
        message = "a number in this file has too many digits"
    except RecursionError:
        message = "lists or tables in this file are nested too deeply"
    raise ConfigError([Problem(str(path), line, "", message)])


def _validated(document: object, env: Mapping[str, str]) -> tuple[Settings | None, list[Fault]]:
    try:
        return Settings.model_validate(document, context=env), []
    except ValidationError as error:
        return None, [_fault(details) for details in error.errors(include_url=False)]


def _fault(error: ErrorDetails) -> Fault:
    """An error of pydantic's in words of ours; those of our own readers stand as they are."""
    at = tuple(part for part in error["loc"] if part not in _NOT_KEYS)
    value = shown(error["input"])
    match error["type"]:
        case "extra_forbidden":
            message = unknown_key(at)
        case "missing":
            message = f"missing: {description(at)}"
        case "model_type":
            message = f"must be a table, not {value}"
        case "bool_type":
            message = f"must be true or false, without quotes, not {value}"
        case "string_type":
            message = f"must be text in quotes, not {value}"
        case _:
            message = error["msg"]
    return at, message


def _with_places(settings: Settings, file: str, lines: Mapping[Location, int]) -> Settings:
    """The settings, in which each reference to a secret knows where it was written."""

    def placed(ref: SecretRef, *at: str | int) -> SecretRef:
        return replace(ref, key=key_text(at), file=file, line=nearest_line(lines, at))

    venues = {}
    for name, venue in settings.venues.items():
        places = {
            key: placed(ref, "venues", name, key)
            for key in ("api_key", "secret", "passphrase")
            if (ref := getattr(venue, key)) is not None
        }
        venues[name] = venue.model_copy(update=places)
    alerts = settings.alerts.model_copy(
        update={
            key: tuple(
                placed(ref, "alerts", key, number)
                for number, ref in enumerate(getattr(settings.alerts, key))
            )
            for key in ("to", "urgent")
        }
    )
    beat, heartbeat = settings.heartbeat.url, settings.heartbeat
    if beat is not None:
        heartbeat = heartbeat.model_copy(update={"url": placed(beat, "heartbeat", "url")})
    return settings.model_copy(update={"venues": venues, "alerts": alerts, "heartbeat": heartbeat})
