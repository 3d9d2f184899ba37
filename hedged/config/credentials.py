"""Secrets by reference: the file says where a key is kept, never the key itself.

`env:NAME` is an environment variable, `file:PATH` a file that only its owner can read (relative
to the folder of the configuration), `credential:NAME` a file that systemd or Docker provides.
The form is checked when the configuration is read; the secret itself is fetched by `resolve`,
so that a configuration can be checked on a machine that has no secrets.
"""

import re
import shlex
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import BaseModel, SecretStr, ValidationInfo

from hedged.config.problems import ConfigError, Problem, did_you_mean, is_telling, refusal

_NAMES: Final = {  # scheme → what may follow its colon
    "env": r"[A-Za-z_][A-Za-z0-9_]*",
    "file": r"[^\x00-\x1f\x7f]*[^\x00-\x20\x7f]",
    "credential": r"[A-Za-z0-9_-][A-Za-z0-9_.-]*",
}
REFERENCE_PATTERN: Final = "|".join(f"{scheme}:{name}" for scheme, name in _NAMES.items())
_FORMS: Final = '"env:NAME", "file:PATH" or "credential:NAME"'
_REFERENCE: Final = re.compile(REFERENCE_PATTERN)

_DOCKER_SECRETS: Final = Path("/run/secrets")
_APART: Final = "; systemd hands it to its services alone: sudo hedged-ctl NAME ..."
_LEAST_LENGTH: Final = 6  # of a secret that is told from a word
_OTHERS_MAY: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a secret is kept, and which line of which file says so."""

    scheme: str  # env, file or credential
    name: str
    key: str = field(default="", compare=False)
    file: str = field(default="", compare=False)
    line: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"


def reference(value: object, info: ValidationInfo) -> SecretRef:
    """A reference to a secret; anything else is refused without being shown."""
    if isinstance(value, str) and _REFERENCE.fullmatch(value):
        scheme, _, name = value.partition(":")
        return SecretRef(scheme, name)
    raise refusal(f"must say where the secret is kept, {_FORMS}; {_advice(value, info.context)}")


def _advice(value: object, env: Mapping[str, str] | None) -> str:
    """How to correct a value that may itself be a secret: it must not be repeated."""
    if not isinstance(value, str):
        return "this is not even text"
    if env is not None and value in env:
        return f'did you mean "env:{value}"?'
    scheme, colon, _ = value.partition(":")
    if scheme in _NAMES and colon:
        return f'what follows "{scheme}:" is not a name that it can have'
    near = did_you_mean(f"{scheme}:", [f"{known}:" for known in _NAMES]) if colon else ""
    return near.removeprefix("; ") or "a secret itself never stands in this file"


def resolve(ref: SecretRef, env: Mapping[str, str], base: Path) -> SecretStr:
    """Fetch the secret that a reference names; `base` is the folder of the configuration.

    Raises:
        ConfigError: it cannot be had, with what to do about it.
    """
    if ref.scheme == "env":
        if ref.name not in env:
            raise _unresolved(ref, f"the environment variable {_named(ref.name)} is not set")
        return _checked(ref, env[ref.name], f"the environment variable {ref.name}")
    if ref.scheme == "file":
        path = base / ref.name
        return _checked(ref, _read(ref, path, private=True), str(path))
    handed_over = env.get("CREDENTIALS_DIRECTORY")
    path = Path(handed_over or _DOCKER_SECRETS) / ref.name
    return _checked(ref, _read(ref, path, private=False, hint="" if handed_over else _APART), path)


def misplaced(settings: object, kept: Iterable[tuple[SecretRef, str]]) -> Iterator[Problem]:
    """Secrets that stand, as they are, in some other text of the settings.

    Such as a label or a name: it would be shown wherever that is.
    """
    secrets = [(ref, secret) for ref, secret in kept if len(secret) >= _LEAST_LENGTH]
    for at, text in _texts(settings):
        for ref, secret in secrets:
            if secret in text:
                shown = ".".join(part for part in at if secret not in part)
                message = f"holds the secret that {ref.key} refers to: it does not belong here"
                yield Problem(ref.file, None, shown, message)


def _texts(value: object, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text in the settings, names included, with where it stands."""
    match value:
        case SecretRef():
            yield at, value.name
        case str():
            yield at, value
        case BaseModel():
            for name in type(value).model_fields:
                yield from _texts(getattr(value, name), (*at, name))
        case Mapping():
            for name, item in value.items():
                yield (*at, str(name)), str(name)
                yield from _texts(item, (*at, str(name)))
        case tuple():
            for item in value:
                yield from _texts(item, at)


def _named(name: str) -> str:
    """A name that may be the secret itself, written where its name should stand."""
    return f"of {len(name)} characters that it names" if is_telling(name) else name


def _read(ref: SecretRef, path: Path, *, private: bool, hint: str = "") -> str:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # reading a pipe would wait for ever
            raise _unresolved(ref, f"{path} is not a regular file")
        if private and mode & _OTHERS_MAY:
            raise _unresolved(
                ref, f"{path} can be read by others; run: chmod 600 {shlex.quote(str(path))}"
            )
        return path.read_bytes().decode()
    except OSError as error:
        reason = error.strerror
    except UnicodeDecodeError:
        reason = "not UTF-8 text"
    shown = f"the file {_named(ref.name)}" if is_telling(ref.name) else str(path)
    raise _unresolved(ref, f"{shown} cannot be read ({reason}){hint}")


def _checked(ref: SecretRef, text: str, source: object) -> SecretStr:
    secret = text.rstrip("\r\n")
    if problem := _problem(secret):
        raise _unresolved(ref, f"{source} {problem}")
    return SecretStr(secret)


def _problem(secret: str) -> str:
    """Why a text cannot be a secret, in words that do not show it; nothing if it can.

    A key with something unseen in it would be refused by the venue as a wrong key, or not be
    recognised, and so not be hidden, where it turns up in a log.
    """
    if not secret:
        return "is empty"
    if "\n" in secret or "\r" in secret:
        return "has more than one line: a secret is one"
    if secret != secret.strip(" \t"):
        return "has a space or tab at its beginning or end: remove it"
    if not (secret.isascii() and secret.isprintable()):
        return "has characters that no key has (control characters, or letters beyond ASCII)"
    return ""


def _unresolved(ref: SecretRef, message: str) -> ConfigError:
    return ConfigError([Problem(ref.file, ref.line, ref.key, message)])
