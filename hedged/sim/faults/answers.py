"""What a client gets when the network or the venue's front door is at fault."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from http import HTTPStatus

from hedged.sim.faults.fault import Fault
from hedged.sim.faults.kinds import Kind

KEY_EXPIRED, IP_REFUSED, RATE_LIMIT = 33004, 10010, 10006
_JSON, _HTML = "application/json", "text/html"
_MESSAGES: Mapping[int, str] = {
    10000: "Server Timeout",
    10003: "API key is invalid.",
    10006: "Too many visits. Exceeded the API Rate Limit.",
    10010: "Unmatched IP, please check your API key's bound IP addresses.",
    10016: "Server error.",
    10018: "Exceeded the IP Rate Limit.",
    33004: "Your api key has expired.",
    110007: "ab not enough for new order",
    110072: "OrderLinkedID is duplicate",
    170131: "Insufficient balance.",
    170141: "Duplicate clientOrderId.",
    170146: "Order creation timeout.",
}


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


def answered(fault: Fault, answer: Answer, now_ms: int) -> Answer:
    """Return the answer as the fault makes it; most kinds leave it as it is."""
    if fault.kind in _ENDINGS:
        return replace(answer, ending=_ENDINGS[fault.kind])
    if fault.kind in _PAGES:
        return _page(answer, HTTPStatus(_PAGES[fault.kind] or fault.status))
    if fault.kind is Kind.TRUNCATED:
        return replace(answer, body=answer.body[: len(answer.body) // 2])
    if fault.kind is Kind.RATE_LIMIT:
        return _too_many(fault, answer, now_ms)
    if fault.kind in (Kind.CODE, Kind.KEY_EXPIRED, Kind.IP_REFUSED):
        return _with_code(answer, *refusal(fault), now_ms)
    return answer


def refusal(fault: Fault) -> tuple[int, str]:
    """Return the return code and message of a fault that is one."""
    own = {
        Kind.KEY_EXPIRED: KEY_EXPIRED,
        Kind.IP_REFUSED: IP_REFUSED,
        Kind.RATE_LIMIT: RATE_LIMIT,
    }
    code = own.get(fault.kind, fault.code)
    return code, fault.message or _MESSAGES.get(code, "Server error.")


def _page(answer: Answer, status: HTTPStatus) -> Answer:
    title = f"{status.value} {status.phrase}"
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return replace(answer, status=status.value, headers={}, body=body.encode(), content_type=_HTML)


def _with_code(answer: Answer, code: int, message: str, now_ms: int) -> Answer:
    envelope = {
        "retCode": code, "retMsg": message, "result": {}, "retExtInfo": {}, "time": now_ms,
    }  # fmt: skip
    body = json.dumps(envelope, separators=(",", ":")).encode()
    return replace(answer, body=body, code=code)


def _too_many(fault: Fault, answer: Answer, now_ms: int) -> Answer:
    """Return the refusal of one request too many, with when the next may come."""
    seconds = fault.seconds or 1
    headers = {
        "Retry-After": str(max(1, round(seconds))),
        "X-Bapi-Limit": "20",
        "X-Bapi-Limit-Status": "0",
        "X-Bapi-Limit-Reset-Timestamp": str(now_ms + int(seconds * 1000)),
    }
    refused = _with_code(answer, *refusal(fault), now_ms)
    status = fault.status or HTTPStatus.TOO_MANY_REQUESTS.value
    return replace(refused, status=status, headers=headers)
