"""What is in docs/ but not written by hand."""

from pathlib import Path
from typing import Final

from tests.docs.picture import picture
from tests.docs.reference import configuration_page
from tests.docs.venues import venues_page

DOCS: Final = Path(__file__).parents[2] / "docs"


def made() -> dict[str, str]:
    """Each generated file of docs/ with its text."""
    return {
        "configuration.md": configuration_page(),
        "equity.svg": picture(),
        "venues.md": venues_page(),
    }
