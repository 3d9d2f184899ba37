"""The shape of a payload: its keys, and the kind of each value."""

from collections.abc import Iterator


def kind(value: object) -> str:
    for name, types in (("flag", bool), ("number", (int, float)), ("text", str)):
        if isinstance(value, types):
            return name
    return type(value).__name__


def shape(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, kind) of everything in a payload; rows of a list share one path."""
    yield path, kind(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from shape(inner, f"{path}.{'*' if path.endswith('cumFeeDetail') else key}")
    elif isinstance(value, list):
        for inner in value:
            yield from shape(inner, f"{path}[]")
