"""The OpenAPI 3.1 document, made from the table of endpoints and the schemas of what they give.

Amounts are plain decimal strings, never exponents; what is not known is null. More keys may be
added to any object.
"""

from collections.abc import Mapping
from typing import Any, Final

from hedged import __version__
from hedged.core.types import Environment, Execution, Reason, TradingState
from hedged.web.endpoints import ENDPOINTS, Endpoint
from hedged.web.recorder import Fate

Json = dict[str, Any]

_AMOUNT: Final = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_FLAG: Final = {"type": "boolean"}
_NUMBER: Final = {"type": "number"}
_TIME: Final = {"type": "string", "format": "date-time"}
_REASON: Final = {"enum": [reason.value for reason in Reason]}
_MEANINGS: Final = {
    400: "a parameter or the body is not as described",
    401: "a token is needed, or this one is not known",
    403: "the host, the origin or the scope is not allowed",
    404: "there is no such thing",
    409: "there is nothing that this could be done to",
    413: "the body is too large",
    415: "the body is not JSON",
    429: "too many requests",
    503: "not now",
}
_ALWAYS: Final = (400, 401, 403, 429)
_WITH_BODY: Final = (413, 415)


def _or_null(schema: Mapping[str, Any]) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**members: Any) -> Json:
    return {"type": "object", "required": list(members), "properties": members}


def _list(item: Any) -> Json:
    return {"type": "array", "items": item}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


_AMOUNT_OR_NULL: Final = _or_null(_AMOUNT)
_TEXT_OR_NULL: Final = _or_null(_TEXT)
_ORDER: Final = {
    "venue": _TEXT, "instrument": _TEXT, "side": {"enum": ["buy", "sell"]},
    "contracts": _AMOUNT, "notional_usd": _AMOUNT, "limit_price": _AMOUNT, "reduce_only": _FLAG,
}  # fmt: skip
_STANDING: Final = dict.fromkeys(
    ("spot", "collateral", "unrealised_pnl", "equity", "position_usd", "net_delta",
     "hedge_ratio", "target_usd", "drift_usd", "band_usd"), _AMOUNT_OR_NULL,
)  # fmt: skip
_FIGURES: Final = _or_null(
    _object(
        **dict.fromkeys(
            ("price", "net_delta", "target_delta", "band", "position_usd", "target_usd",
             "drift_usd", "band_usd"), _AMOUNT,
        ),
        **dict.fromkeys(
            ("hedge_ratio", "funding_rate", "index_basis", "funding_usd_per_day",
             "collateral_fraction", "liquidation_price", "liquidation_distance"), _AMOUNT_OR_NULL,
        ),
    )
)  # fmt: skip
_ASSET: Final = {
    "asset": _TEXT, **_STANDING, "reason": _REASON, "why": _TEXT, "blocked": _list(_REASON),
    "orders": _list(_object(**_ORDER)), "what_to_do": _TEXT_OR_NULL, "figures": _FIGURES,
}  # fmt: skip
_LINE: Final = {
    "label": _TEXT, "source": _TEXT, "coins": _AMOUNT, "detail": _TEXT, "assumed": _FLAG,
}  # fmt: skip
_FINDING: Final = {
    "reason": _REASON, "detail": _TEXT, "means": _TEXT_OR_NULL, "by_itself": _TEXT_OR_NULL,
    "what_to_do": _TEXT_OR_NULL,
}  # fmt: skip
_SERIES: Final = _object(at_ms=_list(_COUNT), value=_list(_or_null(_NUMBER)))

SCHEMAS: Final[Json] = {
    "Failure": _object(error=_TEXT),
    "Text": _TEXT,
    "Health": _object(alive={"const": True}, version=_TEXT),
    "Readiness": _object(ready=_FLAG, not_ready=_list(_object(**_FINDING))),
    "State": _object(
        state={"enum": [state.value for state in TradingState]},
        at=_or_null(_TIME),
        who=_TEXT_OR_NULL,
        why=_TEXT_OR_NULL,
    ),
    "Status": _object(
        version=_TEXT,
        environment={"enum": [world.value for world in Environment]},
        execution={"enum": [mode.value for mode in Execution]},
        started_at=_TIME,
        now=_TIME,
        ready=_FLAG,
        not_ready=_list(_object(**_FINDING)),
        state=_ref("State"),
        recorded=_FLAG,
        last_act=_or_null(_object(at=_TIME, book=_TEXT, asset=_TEXT, said=_TEXT)),
        books=_list(
            _object(
                book=_TEXT,
                cycle=_COUNT,
                at=_TIME,
                doing=_TEXT,
                took_s=_NUMBER,
                poll_s=_AMOUNT,
                max_age_s=_AMOUNT,
                assets=_list(_object(**_ASSET)),
                ages=_list(_object(source=_TEXT, what=_TEXT, age_s=_or_null(_NUMBER))),
            )
        ),
        findings=_list(_object(book=_TEXT_OR_NULL, asset=_TEXT_OR_NULL, **_FINDING)),
        in_flight=_COUNT,
    ),
    "Books": _object(
        books=_list(
            _object(
                book=_TEXT,
                cycle=_COUNT,
                at=_TIME,
                assets=_list(_object(**_ASSET, lines=_list(_object(**_LINE)))),
            )
        )
    ),
    "Lines": _object(lines=_list(_object(book=_TEXT, asset=_TEXT, **_LINE))),
    "Orders": _object(
        orders=_list(
            _object(
                at=_TIME, client_id=_TEXT_OR_NULL, venue_id=_TEXT_OR_NULL, book=_TEXT,
                asset=_TEXT, cycle=_COUNT, **_ORDER, filled=_AMOUNT_OR_NULL, state=_TEXT,
                detail=_TEXT,
            )
        )
    ),
    "Fills": _object(
        fills=_list(
            _object(
                at=_TIME, client_id=_TEXT, venue=_TEXT, instrument=_TEXT, trade_id=_TEXT,
                side=_ORDER["side"], contracts=_AMOUNT, price=_AMOUNT, fee=_AMOUNT_OR_NULL,
                fee_unit=_TEXT_OR_NULL, is_maker=_or_null(_FLAG), cause=_TEXT,
            )
        )
    ),
    "Decisions": _object(
        decisions=_list(
            _object(
                since=_TIME, at=_TIME, cycles=_COUNT, cycle=_COUNT, book=_TEXT, asset=_TEXT,
                reason=_REASON, why=_TEXT, blocked=_list(_REASON), orders=_COUNT,
                drift_usd=_AMOUNT_OR_NULL, band_usd=_AMOUNT_OR_NULL, net_delta=_AMOUNT_OR_NULL,
            )
        )
    ),
    "Funding": _object(
        funding=_list(
            _object(
                book=_TEXT, venue=_TEXT, instrument=_TEXT, rate=_AMOUNT_OR_NULL,
                interval_h=_AMOUNT_OR_NULL, next_at=_or_null(_TIME),
                stamps=_list(_object(at=_TIME, rate=_AMOUNT, settled=_FLAG)),
            )
        ),
        paid=_list(
            _object(
                venue=_TEXT, as_of=_or_null(_TIME), why=_TEXT_OR_NULL,
                payments=_list(_object(at=_TIME, instrument=_TEXT, amount=_AMOUNT, coin=_TEXT)),
            )
        ),
    ),
    "States": _object(states=_list(_object(at=_TIME, who=_TEXT, why=_TEXT))),
    "Object": {"type": "object"},
    "History": _object(
        book=_TEXT,
        asset=_TEXT,
        kept=_COUNT,
        series={"type": "object", "additionalProperties": _SERIES},
        marks=_list(
            _object(at=_TIME, state={"enum": [fate.value for fate in Fate]}, **_ORDER)
        ),
    ),
    "Said": _object(said=_TEXT),
    "Why": {
        "type": "object",
        "properties": {"why": {"type": "string", "maxLength": 500, "pattern": "^[ -~]*$"}},
        "additionalProperties": False,
    },
    "Ack": {
        "type": "object",
        "properties": {
            name: {"type": "string", "maxLength": 500, "pattern": "^[ -~]*$"}
            for name in ("why", "venue", "symbol")
        },
        "additionalProperties": False,
    },
}  # fmt: skip


def document() -> Json:
    """The whole document."""
    paths: Json = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hedged",
            "version": __version__,
            "description": "What a hedged daemon holds, wants and does; no order entry.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: Endpoint) -> Json:
    failures = (*_ALWAYS, *endpoint.failures, *(_WITH_BODY if endpoint.body else ()))
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.text,
        "parameters": [
            {
                "name": query.name,
                "in": "query",
                "required": query.required,
                "description": query.text,
                "schema": query.schema,
            }
            for query in endpoint.query
        ],
        "responses": {
            "200": _response("done", endpoint.answer, endpoint.media),
            **{str(status): _response(_MEANINGS[status], "Failure") for status in failures},
        },
    }
    if endpoint.name == "readiness":
        operation["responses"]["503"] = _response(_MEANINGS[503], "Readiness")
    if endpoint.scope is not None:
        operation["security"] = [{"token": []}]
    if endpoint.body is not None:
        content = {"application/json": {"schema": _ref(endpoint.body)}}
        operation["requestBody"] = {"required": False, "content": content}
    return operation


def _response(text: str, schema: str, media: str = "application/json") -> Json:
    return {"description": text, "content": {media: {"schema": _ref(schema)}}}
