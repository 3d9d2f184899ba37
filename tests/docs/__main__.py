"""Writes the pages and figures that are made, not written: `python -m tests.docs`."""

from tests.docs.made import DOCS, made

for name, text in made().items():
    (DOCS / name).write_text(text)
    print(f"docs/{name}")  # noqa: T201 - a command that says what it wrote
