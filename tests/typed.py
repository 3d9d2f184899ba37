"""Commands as they are typed, run in this process: starting one costs a second."""

from pathlib import Path

from typer.testing import CliRunner

from hedged.cli.commands import app
from tests.process import KEYS


def typed(*words: str, config: Path, env: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Exit code, stdout and stderr; the state is kept beside the configuration."""
    env = {**KEYS, "STATE_DIRECTORY": str(config.parent / "state"), **(env or {})}
    done = CliRunner().invoke(app, [*words, "-c", str(config)], env=env)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr
