"""Tokens for the API: 256 random bits each, of which only the SHA-256 is kept.

A token has a name, so that the journal can say who halted, and a scope: `read` shows, `operator`
may pause, resume, halt, acknowledge and trigger a cycle, too. The file lies in the state folder,
one per environment: a token of the testnet opens nothing on mainnet. It is read again when it
changes, so that a revocation counts at once. A plain hash is enough: what is hashed cannot be
guessed.
"""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from hedged.ports import StoreError

PREFIX: Final = "hedged_"  # what secret scanners recognise
_BYTES: Final = 32


class Scope(StrEnum):
    """What a token opens."""

    READ = "read"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: who has it, not what it is."""

    name: str
    scope: Scope
    sha256: str
    created_at: str


class TokenFile:
    """The tokens of one environment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, int], tuple[Token, ...]] | None = None

    def tokens(self) -> tuple[Token, ...]:
        """All of them; none where there is no file.

        Raises:
            StoreError: the file cannot be read or understood: nobody is let in by mistake.
        """
        try:
            status = self.path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if self._read is None or self._read[0] != stamp:
                rows = json.loads(self.path.read_text(encoding="utf-8"))["tokens"]
                self._read = stamp, tuple(_token(row) for row in rows)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"the tokens in {self.path} cannot be read: {error}") from error
        return self._read[1]

    def new(self, name: str, scope: Scope, now: datetime) -> str:
        """Make a token and return it; it can never be shown again.

        Raises:
            StoreError: the name is taken, or the file cannot be written.
        """
        if any(token.name == name for token in self.tokens()):
            raise StoreError(f"there is a token {name!r} already; revoke it first")
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        made = Token(name, scope, _digest(secret), now.isoformat(timespec="seconds"))
        self._write((*self.tokens(), made))
        return secret

    def revoke(self, name: str) -> None:
        """Take a token away; a running daemon refuses it from now on.

        Raises:
            StoreError: there is none of that name, or the file cannot be written.
        """
        kept = tuple(token for token in self.tokens() if token.name != name)
        if len(kept) == len(self.tokens()):
            known = ", ".join(token.name for token in kept) or "none"
            raise StoreError(f"there is no token {name!r}; those there: {known}")
        self._write(kept)

    def holder(self, secret: str) -> Token | None:
        """Whose token this is; None: nobody's. Takes as long whichever it is."""
        digest = _digest(secret)
        found = None
        for token in self.tokens():
            if hmac.compare_digest(token.sha256, digest):
                found = token
        return found

    def _write(self, tokens: Iterable[Token]) -> None:
        text = json.dumps({"tokens": [asdict(token) for token in tokens]}, indent=2)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self.path.parent, delete=False, encoding="utf-8"
            ) as file:  # made for its owner alone, and whole before it takes the place
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(self.path)
        except OSError as error:
            raise StoreError(f"the tokens in {self.path} cannot be written: {error}") from error


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _token(row: Mapping[str, Any]) -> Token:
    name, digest, created_at = (str(row[key]) for key in ("name", "sha256", "created_at"))
    return Token(name, Scope(row["scope"]), digest, created_at)
