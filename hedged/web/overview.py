"""What `hedged status` shows, of a living daemon and of one that is not there any more.

Both are the read model's words; of a dead daemon the verdicts are those that the journal kept
last, and they say when that was.
"""

import json
from typing import Any, Final

from hedged.core.decimals import ONE, exact
from hedged.core.events import Decided, Entry
from hedged.core.types import Finding, Reason, TradingState
from hedged.core.view import Json
from hedged.ports import Journal, Selection
from hedged.web.encode import encoded
from hedged.web.view import VERDICTS, View, finding_object

SHOWN: Final = 5  # orders and fills
_LOOKED_THROUGH: Final = 200  # verdicts, for the last one of each asset


async def overview(view: View) -> dict[str, Any]:
    """A living daemon, as plain JSON values."""
    found: Json = {
        **await view.status(),
        "orders": await view.orders(SHOWN),
        "fills": await view.fills(SHOWN),
        "unprotected": view.unprotected,
    }
    return _plain(found)


async def bygone(view: View, journal: Journal) -> dict[str, Any]:
    """A dead daemon by its journal, as plain JSON values: only what was true then."""
    last = await journal.entries(Selection(kinds=(Decided.kind,), last=_LOOKED_THROUGH))
    verdicts: dict[tuple[str, str], tuple[Entry, Decided]] = {}
    for entry in last:
        if isinstance(entry.event, Decided):
            verdicts[entry.event.book, entry.event.asset] = (entry, entry.event)
    books: dict[str, list[Json]] = {}
    for entry, decided in verdicts.values():
        books.setdefault(decided.book, []).append(_asset(entry, decided))
    findings = [
        {"book": d.book, "asset": d.asset, **finding_object(Finding(d.reason, d.why))}
        for _, d in verdicts.values()
        if d.reason not in VERDICTS
    ]
    ledger = journal.ledger
    if ledger.state is TradingState.HALTED:
        halted = Finding(Reason.HALTED, ledger.why or "an operator said so")
        findings.append({"book": None, "asset": None, **finding_object(halted)})
    status = await view.status()
    found: Json = {
        **status,
        "started_at": None,
        "now": last[-1].at if last else None,
        "ready": False,
        "not_ready": [],
        "books": [{"book": book, "assets": assets} for book, assets in books.items()],
        "findings": findings,
        "orders": await view.orders(SHOWN),
        "fills": await view.fills(SHOWN),
    }
    return _plain(found)


@exact
def _asset(entry: Entry, decided: Decided) -> Json:
    equity, net = decided.equity, decided.net_delta
    is_known = equity is not None and net is not None and equity != 0
    return {
        "asset": decided.asset,
        "at": entry.at,
        "equity": equity,
        "position_usd": decided.position_usd,
        "net_delta": net,
        "hedge_ratio": ONE - net / equity if is_known and equity and net is not None else None,
        "target_usd": decided.target_usd,
        "drift_usd": decided.drift_usd,
        "band_usd": decided.band_usd,
        "reason": decided.reason,
        "why": decided.why,
        "blocked": decided.blocked,
    }


def _plain(found: Json) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(encoded(found))
    return plain
