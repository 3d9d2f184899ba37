"""One TOML file and references to secrets → frozen settings, or every problem in one go.

    settings = load(path, env=os.environ)
    secret = resolve(settings.venues["main"].secret, os.environ, path.parent)

`settings` describes the file, `loading` reads it, `problems` says what is wrong with it.
"""

from hedged.config.credentials import SecretRef, resolve
from hedged.config.keys import schema
from hedged.config.live import execution
from hedged.config.loading import load
from hedged.config.problems import ConfigError, Problem
from hedged.config.settings import (
    BookSettings,
    HedgeSettings,
    LogSettings,
    Settings,
    StaticSource,
    VenueSettings,
    VenueSource,
)

__all__ = [
    "BookSettings",
    "ConfigError",
    "HedgeSettings",
    "LogSettings",
    "Problem",
    "SecretRef",
    "Settings",
    "StaticSource",
    "VenueSettings",
    "VenueSource",
    "execution",
    "load",
    "resolve",
    "schema",
]
