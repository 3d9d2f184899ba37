"""Files that travel with the package, and lie elsewhere in a checkout: one source for both."""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parent


def packaged(name: str, *, checkout: str) -> Path:
    """The file as installed; in a checkout the one in this folder of it."""
    installed = _PACKAGE / name
    return installed if installed.is_file() else _PACKAGE.parent / checkout / name
