import tomllib
from collections.abc import Iterator
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from hedged.config.lines import key_lines, nearest_line

DOCUMENT = r'''
plain = 1  # = [not] a "key"
"quo.ted" = "a # b = c"
'lite ral'.dotted . "k\u0065y" = 1979-05-27 07:32:00
text = """
fake = 1
[fake] \"""
"""""
raw = \'\'\'
[[fake]]\'\'\'
list = [ # [
  "]", 2.5,
  [ 3,
    4 ],

  { a = 1, b = { c = [5] } },
]

[table.inner]
x = -inf
[table]
y = {z.w = "}"}
[[table.array]]
n = 1
[[table.array]]
n = 2
  [table.array.sub]
  deep = 0x_ff
[[table.array.sub.more]]
last = ''
'''.replace(r"\'", "'").replace("0x_ff", "0xff")

EXPECTED = {
    ("plain",): 2,
    ("quo.ted",): 3,
    ("lite ral",): 4,
    ("lite ral", "dotted"): 4,
    ("lite ral", "dotted", "key"): 4,
    ("text",): 5,
    ("raw",): 9,
    ("list",): 11,
    ("list", 0): 12,
    ("list", 1): 12,
    ("list", 2): 13,
    ("list", 2, 0): 13,
    ("list", 2, 1): 14,
    ("list", 3): 16,
    ("list", 3, "a"): 16,
    ("list", 3, "b"): 16,
    ("list", 3, "b", "c"): 16,
    ("list", 3, "b", "c", 0): 16,
    ("table",): 21,
    ("table", "inner"): 19,
    ("table", "inner", "x"): 20,
    ("table", "y"): 22,
    ("table", "y", "z"): 22,
    ("table", "y", "z", "w"): 22,
    ("table", "array"): 23,
    ("table", "array", 0): 23,
    ("table", "array", 0, "n"): 24,
    ("table", "array", 1): 25,
    ("table", "array", 1, "n"): 26,
    ("table", "array", 1, "sub"): 27,
    ("table", "array", 1, "sub", "deep"): 28,
    ("table", "array", 1, "sub", "more"): 29,
    ("table", "array", 1, "sub", "more", 0): 29,
    ("table", "array", 1, "sub", "more", 0, "last"): 30,
}


def locations(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every key and list item of a document as tomllib reads it."""
    members: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    for key, member in members:
        yield (*at, key)
        yield from locations(member, (*at, key))


def test_every_construct_of_toml_has_its_line() -> None:
    assert set(locations(tomllib.loads(DOCUMENT))) == set(EXPECTED)
    assert key_lines(DOCUMENT) == EXPECTED


def test_line_ends_of_windows_count_once() -> None:
    assert key_lines(DOCUMENT.replace("\n", "\r\n")) == EXPECTED


def test_what_has_no_line_stands_where_its_table_does() -> None:
    lines = key_lines("[a]\nb = 1\n")
    assert nearest_line(lines, ("a", "missing", 0)) == 1
    assert nearest_line(lines, ("missing",)) is None


SCALARS = st.sampled_from(
    ["1", "-0.5", "true", '""', "''", '"]}#="', "'\\'", '"\\""', '"""\n"x"\n"""', "'''\n#'''"]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A valid document in which every key is a fresh `k0k`, `k1k`, …"""
    fresh = (f"k{number}k" for number in count())

    def value(depth: int) -> str:
        shape = draw(st.sampled_from(["scalar", "list", "table"] if depth else ["scalar"]))
        if shape == "scalar":
            return draw(SCALARS)
        items = range(draw(st.integers(0, 3)))
        if shape == "list":
            gap = draw(st.sampled_from(["", "\n", " # [\n  "]))
            return "[" + "".join(f"{gap}{value(depth - 1)},{gap}" for _ in items) + "]"
        return "{" + ", ".join(f"{next(fresh)} = {value(depth - 1)}" for _ in items) + "}"

    parts = []
    for _ in range(draw(st.integers(1, 4))):
        name = next(fresh)
        header = draw(st.sampled_from(["[{}]", "[ {}.{} ]", '[["{}"]]', "[[{}]]", "# {}"]))
        parts.append(header.format(name, next(fresh)))
        for _ in range(draw(st.integers(0, 3))):
            key = draw(st.sampled_from(["{}", '"{}"', "'{}'", "{} . {}"]))
            parts.append(f"{key.format(next(fresh), next(fresh))} = {value(2)}")
        if header.startswith("[[") and draw(st.booleans()):
            parts.append(header.format(name, name))
    return "\n".join(parts) + "\n"


@settings(deadline=None)
@given(documents())
def test_each_key_is_found_on_the_line_that_spells_it(text: str) -> None:
    lines = key_lines(text)
    assert set(lines) == set(locations(tomllib.loads(text)))
    written = text.split("\n")
    for location, line in lines.items():
        if isinstance(location[-1], str):
            assert location[-1] in written[line - 1]
