"""The page at the server's root: for someone who practises to see what happens.

It is one file without anything from elsewhere; its script asks /admin/overview every second.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Page(NamedTuple):
    """A page with its headers."""

    body: bytes
    headers: Mapping[str, str]


@cache
def page() -> Page:
    """Return the page; it may load nothing but itself and talk to nobody but this server."""
    body = (files("hedged.sim") / "page.html").read_bytes()
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Page(body, headers)
