import pickle
import traceback
from pathlib import Path

import pytest

from hedged.config import ConfigError, SecretRef, Settings, credentials, load, resolve

CANARY = "canary-7f3a9c"
PLACE = "x.toml:7: venues.main.secret: "


def ref(text: str) -> SecretRef:
    scheme, _, name = text.partition(":")
    return SecretRef(scheme, name, key="venues.main.secret", file="x.toml", line=7)


def refusal(text: str, env: dict[str, str], base: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        resolve(ref(text), env, base)
    return str(caught.value)


def kept(path: Path, content: str, mode: int = 0o600) -> Path:
    path.write_text(content)
    path.chmod(mode)
    return path


def test_from_the_environment(tmp_path: Path) -> None:
    assert resolve(ref("env:KEY"), {"KEY": CANARY}, tmp_path).get_secret_value() == CANARY


def test_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    path = kept(tmp_path / "keys" / "bybit", f"{CANARY}\n")
    assert resolve(ref("file:keys/bybit"), {}, tmp_path).get_secret_value() == CANARY
    assert resolve(ref(f"file:{path}"), {}, Path("/")).get_secret_value() == CANARY


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_line_end_is_removed(tmp_path: Path, end: str) -> None:
    kept(tmp_path / "s", f"{CANARY} \\'~{end}")
    assert resolve(ref("file:s"), {}, tmp_path).get_secret_value() == f"{CANARY} \\'~"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f" {CANARY}", "has a space or tab at its beginning or end"),
        (f"{CANARY} \n", "has a space or tab at its beginning or end"),
        (f"{CANARY}\t", "has a space or tab at its beginning or end"),
        (f"{CANARY}\nmore", "has more than one line"),
        (f"{CANARY}\n\nmore\n", "has more than one line"),
        (f"a{CANARY}\rmore", "has more than one line"),
        (f"{CANARY}\x00", "has characters that no key has"),
        (f"{CANARY}\x1b[0m", "has characters that no key has"),
        (f"{CANARY}\x7f", "has characters that no key has"),
        (f"{CANARY}\u2028x", "has characters that no key has"),
        (f"\ufeff{CANARY}", "has characters that no key has"),
        (f"{CANARY}\u00e9", "has characters that no key has"),
    ],
)
def test_what_cannot_be_a_secret_is_refused_without_being_shown(
    tmp_path: Path, text: str, problem: str
) -> None:
    kept(tmp_path / "s", text)
    kept(tmp_path / "c", text)
    for said, source in {
        refusal("file:s", {}, tmp_path): tmp_path / "s",
        refusal("credential:c", {"CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path): tmp_path / "c",
        refusal("env:KEY", {"KEY": text}, tmp_path): "the environment variable KEY",
    }.items():
        assert said.startswith(f"{PLACE}{source} {problem}")
        assert CANARY not in said


def test_from_systemd_or_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd, docker = tmp_path / "systemd", tmp_path / "docker"
    for folder in (systemd, docker):
        folder.mkdir()
        kept(folder / "bybit", f"{CANARY}-{folder.name}\n", mode=0o444)
    monkeypatch.setattr(credentials, "_DOCKER_SECRETS", docker)
    env = {"CREDENTIALS_DIRECTORY": str(systemd)}
    secret = resolve(ref("credential:bybit"), env, tmp_path)
    assert secret.get_secret_value() == f"{CANARY}-systemd"
    secret = resolve(ref("credential:bybit"), {}, tmp_path)
    assert secret.get_secret_value() == f"{CANARY}-docker"


def test_a_variable_that_is_not_set_or_empty(tmp_path: Path) -> None:
    said = refusal("env:KEY", {"KEYS": CANARY}, tmp_path)
    assert said == f"{PLACE}the environment variable KEY is not set"
    said = refusal("env:KEY", {"KEY": "\n"}, tmp_path)
    assert said == f"{PLACE}the environment variable KEY is empty"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o777])
def test_a_file_open_to_others(tmp_path: Path, mode: int) -> None:
    path = kept(tmp_path / "my keys", CANARY, mode)
    said = refusal("file:my keys", {}, tmp_path)
    assert said == f"{PLACE}{path} can be read by others; run: chmod 600 '{path}'"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    kept(tmp_path / "empty", "\n")
    (tmp_path / "binary").write_bytes(b"\xff")
    (tmp_path / "binary").chmod(0o600)
    for name, problem in {
        "none": "cannot be read (No such file or directory)",
        "empty": "is empty",
        "binary": "cannot be read (not UTF-8 text)",
        ".": "is not a regular file",
    }.items():
        assert refusal(f"file:{name}", {}, tmp_path) == f"{PLACE}{tmp_path / name} {problem}"


def test_a_credential_that_was_not_provided(tmp_path: Path) -> None:
    said = refusal("credential:key", {"CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path)
    assert said == f"{PLACE}{tmp_path / 'key'} cannot be read (No such file or directory)"
    apart = refusal("credential:key", {}, tmp_path)  # somebody's own shell is not the service
    assert apart.endswith("systemd hands it to its services alone: sudo hedged-ctl NAME ...")


def literal(folder: Path, old: str, new: str) -> Path:
    """A good file with a secret written where it does not belong."""
    good = (
        '[venues.main]\nexchange = "bybit"\napi_key = "env:KEY"\nsecret = "file:secret"\n'
        '[[books.core.hedges]]\nasset = "BTC"\nvenue = "main"\ninstrument = "BTC/USD:BTC"\n'
    )
    assert old in good
    path = folder / "x.toml"
    path.write_text(good.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"env:KEY"', f'"{CANARY}"'),
        ('"file:secret"', f'"{CANARY}"'),
        ('"file:secret"', f'"secret:{CANARY}"'),
        ('"file:secret"', f'"env:{CANARY}"'),
        ('"file:secret"', f'["{CANARY}"]'),
        ("secret = ", f'password = "{CANARY}"\nsecret = '),
        ("secret = ", f'url = "http://u:{CANARY}@127.0.0.1"\nsecret = '),
        ("exchange = ", f'sekret = "{CANARY}"\n# exchange = '),
        ('"file:secret"', f'"{CANARY}'),
        ('"file:secret"', CANARY),
    ],
)
def test_a_secret_written_into_the_file_is_never_shown(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(literal(tmp_path, old, new), env={"KEY": "k"})
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = [str(error), repr(error), repr(error.problems), *traceback.format_exception(error)]
    assert not any(CANARY in text for text in shown)


def test_settings_hold_no_secret_to_show(tmp_path: Path) -> None:
    path = literal(tmp_path, '"env:KEY"', '"env:KEY"')
    kept(tmp_path / "secret", CANARY)
    settings: Settings = load(path, env={"KEY": CANARY})
    secret = resolve(settings.venues["main"].secret, {}, tmp_path)
    assert secret.get_secret_value() == CANARY
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(secret)):
        assert CANARY not in shown
    assert CANARY.encode() not in pickle.dumps(settings)
