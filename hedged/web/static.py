"""The files of the dashboard: read once, compressed once, told apart by what is in them.

Plotly's script is big, so its address carries its version and browsers keep it for good; our
own small files are asked for again each time, and answered with "not modified".
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import web

_FOLDER: Final = Path(__file__).parent / "static"
_KINDS: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
PLOTLY: Final = f"/static/plotly-{version('plotly')}.js"
# Styles for maps, written into the page: our policy forbids that, and none of our charts is a map.
_MAP_STYLES: Final = re.compile(rb'if\(!document\.getElementById\("[0-9a-f]{40,}"\)\)')
_FOREVER: Final = "public, max-age=31536000, immutable"
_AGAIN: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is sent."""

    body: bytes
    packed: bytes
    kind: str
    caching: str
    tag: str

    def response(self, request: web.Request) -> web.Response:
        """The file, or that the browser has it already."""
        headers = {"ETag": self.tag, "Cache-Control": self.caching, "Vary": "Accept-Encoding"}
        if self.tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = f"{self.kind}; charset=utf-8"
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=self.packed, headers=headers)
        return web.Response(body=self.body, headers=headers)


@cache
def pages() -> Mapping[str, File]:
    """Our own files, by address."""
    found = {}
    for path in _FOLDER.iterdir():
        body = path.read_bytes().replace(b"{{plotly}}", PLOTLY.encode())
        address = "/" if path.name == "index.html" else f"/static/{path.name}"
        found[address] = _file(body, _KINDS[path.suffix], _AGAIN)
    return found


@cache
def plotly() -> File:
    """Plotly's script, as its package brings it; takes a moment the first time."""
    body = (files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    return _file(_MAP_STYLES.sub(b"if(false)", body), _KINDS[".js"], _FOREVER)


def _file(body: bytes, kind: str, caching: str) -> File:
    tag = hashlib.sha256(body).hexdigest()[:24]
    return File(body, gzip.compress(body, 6, mtime=0), kind, caching, f'"{tag}"')
