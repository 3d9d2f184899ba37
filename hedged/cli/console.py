"""The console that tables and lines for people are printed on.

What is printed comes from exchanges, configurations and file names: it is shown as it is, never
read as markup, an emoji name or a number to be coloured.
"""

from rich.console import Console


def console() -> Console:
    """A console on stdout that shows text as it is."""
    return Console(markup=False, highlight=False, emoji=False)
