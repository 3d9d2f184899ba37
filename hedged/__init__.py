"""Keeps a spot crypto portfolio hedged with inverse (coin-margined) perpetual futures."""

__version__ = "0.1.0"
