"""docs/venues.md: what hedged does at each venue, from the profiles, and what holds them to it."""

from collections.abc import Sequence

from hedged.venue.overview import About, venues
from tests.contract.payloads.checked import CHECKED, KINDS
from tests.contract.payloads.idle import IDLE

TITLE = """# Venues

Made from the profiles in `hedged/venue/profiles` by `python -m tests.docs`; `hedged venues`
prints the same.

A hedge at a venue that is not in this table is refused. One without orders is read: `hedged check`,
`plan` and `run` in dry-run work, live execution is refused. On mainnet every contract takes a
certificate: `hedged certify --venue NAME -c FILE` tries it on the venue's testnet, see below. A
hedge trades inverse contracts where "inverse" is listed, and linear ones only where "linear" is.

Where a venue lists no inverse contract on a coin, a hedge there is linear: of an inverse symbol
`hedged check --online` says so, and what to trade instead.
"""
CHECKS = """## What holds a profile to the venue

Replies that were recorded from the venue, or that its documentation and other systems give, pass
through ccxt's own class and the profile; what they must come to is worked out by hand in
`tests/contract/payloads`. The table counts the recordings by kind. One that no case reads, of a
request that hedged makes, fails the tests. What orders, cancels and look-ups send is compared
there, too. The cases of Bybit are in `tests/venue` as well. Bybit and Binance have an embedded
exchange that all scenarios run against.
"""
COINS = """## Coins at other exchanges

Coins may lie at one exchange and be hedged at another, and the one with the coins need not be in
the table above: any exchange that ccxt reads spot balances of is a source, with a key that may only
read.

```toml
[venues.cold]
exchange = "kraken"                 # or "coinbase", "bitstamp", …
api_key = "env:KRAKEN_KEY"
secret = "env:KRAKEN_SECRET"

[[books.core.hedges]]
spot = ["main", { venue = "cold", accounts = ["trading", "earn"] }]
```

Its trading account is read in ccxt's own words. Of the other accounts: at Kraken `earn` is what has
a name of its own, such as `BTC.F` and `ETH2.S`; at KuCoin and Bitfinex there is `funding`. Others
are refused with a line that says which can be read. Such a venue has no testnet here: in a
configuration for a testnet it is refused. Its client lets nothing out but the reads of balances
and listings; what a key may do it does not tell, so look at the exchange's page.
"""
IDLING = """## What an idle book asks

Of one asset at `poll = "10s"`, with the comparison of journal and venue each minute, the clock and
the listings every five; counted in the tests, at most 2,500, and no endpoint more often than for
5 % of what the venue publishes as its limit (of the tightest one, where endpoints have their own).
The account's statement is read once an hour beside it: a few requests.
"""
LATE = """## Orders that arrive late

An order whose fate is not known is looked up, never sent again; one that is not found for so long,
three times at least, was never placed. Before that the venue refuses it: by the time that the order
itself says, or by the age of its signature.

"""

CERTIFY = """## Certificates

```sh
hedged certify --venue main -c testnet.toml
```

It needs `execution = "live"` in the file, keys of the testnet, coins for about 100 USD of margin, a
position that is flat or short, and no daemon on the account. It places a post-only order far from
the market, looks it up, sends it once more, reprices and cancels it; sends an IOC order that cannot
fill and a post-only order that would take; opens and closes about 100 USD (at least one lot). After
each step it compares what the venue shows with what was meant: units, side, price, client id,
duplicates, reduce-only, position, trades, fee and wallet. Each line has a ✓ or ✗ with expected and
seen; the first ✗ ends it. Whatever happens, also after Ctrl-C, what it made is cancelled and
closed, and the next trial takes away what a killed one left. A daemon on that account later sees
trades that it did not make: `hedged ack` on the testnet.

The certificate names exchange, contract, its specification (kind, coins, contract size) and the
version of ccxt. It lies in `certificates.json` in the state folder (with systemd
`/var/lib/hedged/NAME`). Live execution on mainnet asks for one of every contract that it trades, of
the same ccxt and the same specification; without it the book proposes and sends nothing
(NOT_ARMED), and says what to run. Where the testnet has a state folder of its own, copy the file,
or say `STATE_DIRECTORY=/var/lib/hedged/main` before the command; a daemon reads it at its start and
at SIGHUP. A venue without a testnet is tried on mainnet, with real money, after a question.
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
    idle = [
        (about.title, f"{IDLE[about.exchange]:,}", f"{about.limit_per_hour:,}")
        for about in found
        if about.exchange in IDLE
    ]
    late = [
        (about.title, f"{about.deadline_s} s", f"{about.proof_s} s")
        for about in found
        if about.deadline_s is not None
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
            COINS,
            IDLING,
            *_table(("venue", "requests an hour", "limit an hour"), idle),
            "",
            LATE,
            *_table(("venue", "refused after", "never placed after"), late),
            "",
            CERTIFY,
            ADD,
        ]
    )


PROFILE_TITLES = {about.exchange: about.title for about in venues()}


def _notes(about: About) -> list[str]:
    return [
        *(["a key has a `passphrase` too."] if about.needs_passphrase else []),
        *([] if about.has_test_environment else ["there is no test environment."]),
        *([] if about.has_log else ["the account's log (`flows`) is not read."]),
        *(
            ["no dead-man switch that hedged can arm: orders rest there 30 s at most."]
            if about.is_live and not about.has_dead_man
            else []
        ),
        *about.notes,
    ]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
