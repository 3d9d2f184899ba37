"""Secrets are cut out of whatever is logged: known ones, and what looks like a signed request.

Numbers, booleans and None pass as they are. Lists and mappings are gone through; everything else
(an exception, a set, bytes, a value of a class of ours) is turned into text here, and the text
is redacted, so that no renderer after this one ever meets an object that could show a secret.
A secret is recognised too where `repr`, JSON or a URL has escaped its punctuation.
"""

import logging
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from structlog.typing import EventDict, WrappedLogger

HIDDEN: Final = "[redacted]"
_DEPTH: Final = 20  # deeper down, and in what contains itself, the rest is one text
_TELLING_NAME: Final = (
    r"(?:signature|sign|api[-_]?key|secret|passphrase|token|x-bapi-[a-z-]+|authorization)"
)
_SIGNED: Final = re.compile(rf"(?i)({_TELLING_NAME}[\\\"']*\s*[=:]\s*[\\\"']*)[^\s\\\"'&,}}]+")
_TELLING: Final = re.compile(f"(?i){_TELLING_NAME}")
# The names that the log itself gives: a record without them could not be rendered.
_OWN_NAMES: Final = frozenset({"event", "level", "logger", "timestamp", "exception"})


class Redaction:
    """Cuts known secrets, and whatever looks like a signed request, out of a record."""

    def __init__(self, secrets: Iterable[str]) -> None:
        longest_first = sorted({s for s in secrets if s}, key=len, reverse=True)
        forms = ("".join(map(_forms, secret)) for secret in longest_first)
        self._known = re.compile("|".join(forms) or r"(?!)")

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """Redact a record: names and values, at any depth."""
        cleaned: EventDict = {}
        for name, value in event.items():
            if isinstance(value, logging.LogRecord) and name == "_record":
                cleaned[name] = value  # structlog's own note to itself, never rendered
            elif name in _OWN_NAMES:
                cleaned[name] = self._clean(value, 0)
            else:
                cleaned.update(self._entry(name, value, 0))
        return cleaned

    def text(self, text: str) -> str:
        """The text without secrets."""
        return _SIGNED.sub(rf"\g<1>{HIDDEN}", self._known.sub(HIDDEN, text))

    def _clean(self, value: object, depth: int) -> object:
        if value is None or type(value) in (bool, int, float):
            return value
        if depth < _DEPTH:
            match value:
                case dict():
                    entries = [self._entry(key, item, depth + 1) for key, item in value.items()]
                    return {key: item for entry in entries for key, item in entry.items()}
                case list() | tuple():
                    return [self._clean(item, depth + 1) for item in value]
        return self.text(_rendered(value))

    def _entry(self, key: object, value: object, depth: int) -> dict[str, object]:
        name = _rendered(key)
        is_telling = _TELLING.fullmatch(name) and value is not None
        return {self.text(name): HIDDEN if is_telling else self._clean(value, depth)}


def _forms(character: str) -> str:
    """A pattern of all that a character of a secret may have become on its way into a text."""
    if character.isalnum():
        return re.escape(character)
    encoded = "".join(f"%{byte:02x}" for byte in character.encode(errors="surrogatepass"))
    plain = r"\\+" if character == "\\" else rf"\\*{re.escape(character)}"
    return rf"(?:{plain}|(?i:{encoded}))"


def _rendered(value: object) -> str:
    """A value as text; a log must survive a value that cannot be shown."""
    try:
        if isinstance(value, str):
            return str(value)
        return format(value, "f") if isinstance(value, Decimal) else repr(value)
    except Exception as error:  # noqa: BLE001 - whatever a foreign __repr__ may raise
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"
