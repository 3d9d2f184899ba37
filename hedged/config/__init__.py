"""One TOML file and references to secrets → frozen settings, or every problem in one go.

    settings = load(path, env=os.environ)
    secret = resolve(settings.venues["main"].secret, os.environ, path.parent)

`settings` describes the file, `loading` reads it, `problems` says what is wrong with it.
"""

from hedged.config.credentials import SecretRef, misplaced, resolve
from hedged.config.hedges import (
    AccountsSource,
    HedgeSettings,
    StaticSource,
    VenueSource,
    WindowSettings,
)
from hedged.config.keys import schema
from hedged.config.live import execution
from hedged.config.loading import load
from hedged.config.problems import ConfigError, Problem
from hedged.config.settings import (
    AlertSettings,
    BookSettings,
    HeartbeatSettings,
    LogSettings,
    Settings,
    VenueSettings,
    WebSettings,
)

__all__ = [
    "AccountsSource",
    "AlertSettings",
    "BookSettings",
    "ConfigError",
    "HeartbeatSettings",
    "HedgeSettings",
    "LogSettings",
    "Problem",
    "SecretRef",
    "Settings",
    "StaticSource",
    "VenueSettings",
    "VenueSource",
    "WebSettings",
    "WindowSettings",
    "execution",
    "load",
    "misplaced",
    "resolve",
    "schema",
]
