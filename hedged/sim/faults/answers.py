"""What a client gets when the network or the venue's front door is at fault."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from http import HTTPStatus

from hedged.sim.dialect import Reply
from hedged.sim.faults.fault import Fault
from hedged.sim.faults.kinds import Kind

_JSON, _HTML = "application/json", "text/html"
# Errors of the venue's own, which the dialect words.
CODED = frozenset({Kind.CODE, Kind.RATE_LIMIT, Kind.KEY_EXPIRED, Kind.IP_REFUSED})


class Ending(StrEnum):
    """How far a reply gets."""

    COMPLETE = auto()
    CUT = auto()
    CLOSED = auto()
    NEVER = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client gets, `delay_ms` after the exchange has acted; see `Ending` for how much."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = _JSON
    ending: Ending = Ending.COMPLETE
    delay_ms: int = 0
    account: str = ""
    code: int = 0


_ENDINGS: Mapping[Kind, Ending] = {
    Kind.REQUEST_LOST: Ending.CLOSED,
    Kind.REPLY_LOST: Ending.CLOSED,
    Kind.HANG: Ending.NEVER,
    Kind.RESET: Ending.CUT,
}
# Kinds that answer with a page in HTML; 0 leaves the status to the fault.
_PAGES: Mapping[Kind, int] = {Kind.HTML: 200, Kind.STATUS: 0, Kind.MAINTENANCE: 503}


def answered(
    fault: Fault, answer: Answer, now_ms: int, refusal: Callable[[Fault, int], Reply]
) -> Answer:
    """Return the answer as the fault makes it; most kinds leave it as it is."""
    if fault.kind in _ENDINGS:
        return replace(answer, ending=_ENDINGS[fault.kind])
    if fault.kind in _PAGES:
        return _page(answer, HTTPStatus(_PAGES[fault.kind] or fault.status))
    if fault.kind is Kind.TRUNCATED:
        return replace(answer, body=answer.body[: len(answer.body) // 2])
    if fault.kind in CODED:
        reply = refusal(fault, now_ms)
        return replace(
            answer,
            status=reply.status,
            headers={**answer.headers, **reply.headers},
            body=reply.body(),
            code=reply.code,
        )
    return answer


def _page(answer: Answer, status: HTTPStatus) -> Answer:
    title = f"{status.value} {status.phrase}"
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return replace(answer, status=status.value, headers={}, body=body.encode(), content_type=_HTML)
