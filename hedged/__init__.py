"""Keeps a spot crypto portfolio hedged with inverse (coin-margined) perpetual futures."""

from typing import Final

__version__: Final = "0.1.0"
