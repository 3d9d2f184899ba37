r"""On which line each key of a TOML document stands.

`tomllib` reads values but forgets where they were. This module reads the same text a second
time, only to find the keys: it relies on the document being valid, so it needs no errors of
its own. Tables, arrays of tables, dotted and quoted keys, and the items of arrays and inline
tables each get the line on which they begin.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Final

from hedged.config.problems import Location

_TOKEN: Final = re.compile(
    r'''
      (?P<string> """(?:\\.|[^\\])*?"{3,5} | \'\'\'.*?\'{3,5} | "(?:\\.|[^"\\])*" | '[^']*' )
    | (?P<ignored> \#[^\n]* | [ \t]+ )
    | (?P<newline> \n )
    | (?P<mark> [\[\]{}=,.] )
    | (?P<bare> [^\s\[\]{}=,."'\#]+ )
    ''',
    re.VERBOSE | re.DOTALL,
)
_END: Final = ""


def key_lines(text: str) -> dict[Location, int]:
    """The line, from 1, of every key, table and list item of a valid TOML document."""
    reader = _Reader(text.replace("\r\n", "\n"))
    reader.read_document()
    return reader.lines


def nearest_line(lines: Mapping[Location, int], location: Location) -> int | None:
    """The line of a key or, where it has none, of the nearest key or table around it."""
    for length in range(len(location), 0, -1):
        if (line := lines.get(location[:length])) is not None:
            return line
    return None


class _Reader:
    """Walks the tokens of one document and notes the line of each key it passes."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Location, int] = {}
        self._counts: dict[Location, int] = {}  # of the tables in an array, so far
        self._tokens: list[tuple[str, int]] = []
        self._next = 0
        line = 1
        for match in _TOKEN.finditer(text):
            if match.lastgroup != "ignored":
                self._tokens.append((match.group(), line))
            line += match.group().count("\n")
        self._tokens.append((_END, line))

    def read_document(self) -> None:
        table: Location = ()
        while self._peek() != _END:
            if self._peek() == "\n":
                self._next += 1
            elif self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _peek(self) -> str:
        return self._tokens[self._next][0]

    def _line(self) -> int:
        return self._tokens[self._next][1]

    def _key(self) -> list[str]:
        """The parts of a possibly dotted key, up to and with the `=` or the first `]`."""
        parts = []
        while self._peek() not in {"=", "]"}:
            if self._peek() != ".":
                parts.append(_unquoted(self._peek()))
            self._next += 1
        self._next += 1
        return parts

    def _header(self) -> Location:
        """`[table]` or `[[table]]`: the location that the following keys belong to."""
        line = self._line()
        self._next += 1
        is_array = self._peek() == "["
        self._next += is_array
        *around, last = self._key()
        self._next += is_array
        table: Location = ()
        for part in around:
            table = self._newest((*table, part))
            self.lines.setdefault(table, line)
        table = (*table, last)
        if is_array:
            self._counts[table] = self._counts.get(table, 0) + 1
            self.lines.setdefault(table, line)
            table = self._newest(table)
        # A table that `[a.b]` implied before `[a]` stands where it is written itself.
        self.lines[table] = line
        return table

    def _newest(self, location: Location) -> Location:
        """In an array of tables its newest member, else the location itself."""
        count = self._counts.get(location)
        return location if count is None else (*location, count - 1)

    def _pair(self, table: Location) -> None:
        line = self._line()
        location = table
        for part in self._key():
            location = (*location, part)
            self.lines.setdefault(location, line)
        self._value(location)

    def _value(self, location: Location) -> None:
        if self._peek() == "[":
            self._array(location)
        elif self._peek() == "{":
            self._inline_table(location)
        else:
            while self._peek() not in {_END, "\n", ",", "]", "}"}:
                self._next += 1

    def _array(self, location: Location) -> None:
        self._next += 1
        index = 0
        while self._peek() != "]":
            if self._peek() in {",", "\n"}:
                self._next += 1
            else:
                self.lines[(*location, index)] = self._line()
                self._value((*location, index))
                index += 1
        self._next += 1

    def _inline_table(self, location: Location) -> None:
        self._next += 1
        while self._peek() != "}":
            if self._peek() in {",", "\n"}:
                self._next += 1
            else:
                self._pair(location)
        self._next += 1


def _unquoted(key: str) -> str:
    """A key without its quotes; TOML's own reader knows the escapes."""
    return next(iter(tomllib.loads(f"{key} = 0"))) if key[0] in "\"'" else key
