"""docs/venues.md: what hedged does at each venue, from the profiles, and what holds them to it."""

from collections.abc import Sequence

from hedged.venue.overview import About, venues
from tests.contract.payloads.checked import CHECKED, KINDS

TITLE = """# Venues

Made from the profiles in `hedged/venue/profiles` by `python -m tests.docs`; `hedged venues`
prints the same.

A venue that is not in this table is refused. One without orders is read: `hedged check`, `plan`
and `run` in dry-run work, live execution is refused. Orders that were compared with recordings, but
never tried on the venue itself, are sent to its test environment only. A hedge trades inverse
contracts where "inverse" is listed, and linear ones only where "linear" is.

Where a venue lists no inverse contract on a coin, a hedge there is linear, and `hedged check` says
so. Bitget, MEXC, WEEX, Gate, HTX, KuCoin and Phemex are not supported yet: coins held there are
entered as `static`.
"""
CHECKS = """## What holds a profile to the venue

Replies that were recorded from the venue, or that its documentation and other systems give, pass
through ccxt's own class and the profile; what they must come to is worked out by hand in
`tests/contract/payloads`. The table counts the recordings by kind. One that no case reads, of a
request that hedged makes, fails the tests. What orders, cancels and look-ups send is compared
there, too. Bybit has more of them, in `tests/venue`, and an embedded exchange that all scenarios
run against.
"""
ADD = """## Adding a venue

A profile in `hedged/venue/profiles` (facts, and functions over one row in a module beside it), its
name in `PROFILES` and in the configuration's list, and cases over recorded
replies. The gateway knows no venue by name. A position, a balance or an order of a form that the
profile does not know is an error that names the field: never a guess.
"""


def venues_page() -> str:
    """The page."""
    found = venues()
    head = ("venue", "`exchange`", "environments", "contracts", "orders", "accounts beside it")
    rows = [
        (
            about.title,
            f"`{about.exchange}`",
            ", ".join(about.environments),
            ", ".join(about.kinds),
            about.orders,
            ", ".join(about.accounts) or "none",
        )
        for about in found
    ]
    notes = [f"- {about.title}: {note}" for about in found for note in _notes(about)]
    counts = [
        (PROFILE_TITLES[venue], *(str(len(kinds.get(kind, ()))) for kind in KINDS))
        for venue, kinds in CHECKED.items()
    ]
    return "\n".join(
        [
            TITLE,
            *_table(head, rows),
            "",
            *notes,
            "",
            CHECKS,
            *_table(("venue", *KINDS), counts),
            "",
            ADD,
        ]
    )


PROFILE_TITLES = {about.exchange: about.title for about in venues()}


def _notes(about: About) -> list[str]:
    return [
        *(["a key has a `passphrase` too."] if about.needs_passphrase else []),
        *([] if about.has_test_environment else ["there is no test environment."]),
        *([] if about.has_log else ["the account's log (`flows`) is not read."]),
        *about.notes,
    ]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
