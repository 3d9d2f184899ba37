"""Bitget: USDT-M futures, an account of its own; sized in coins."""

from dataclasses import replace
from typing import Final

from hedged.core.types import Kind
from hedged.venue.profiles import bitget_rows as rows
from hedged.venue.profiles.bitget import COIN_M, of_order, pages
from hedged.venue.profiles.books import book
from hedged.venue.profiles.profile import Contracts, Read, routes

_DATA: Final = ("data",)
_LINEAR: Final = {"productType": "USDT-FUTURES"}
# Left out on purpose, since an order may exist: 40010 (timed out), 40015, 40604, 40725, 45001
# (system errors), 500.
_REJECTIONS: Final = (
    "http-429 429 40002 40003 40004 40006 40008 40009 40011 40012 40014 40017 40018 40019 40020 "
    "40037 40102 40305 40500 40711 40712 40762 40774 43012 45110"
)

USDT_M: Final = replace(
    COIN_M,
    options={**COIN_M.options, "defaultSubType": "linear"},
    write_routes=routes("POST", "/api/v2/mix/order/", "place-order cancel-order"),
    wallet=Read("privateMixGetV2MixAccountAccounts", _DATA, _LINEAR),
    positions=(Read("privateMixGetV2MixPositionAllPosition", _DATA, _LINEAR, kind=Kind.LINEAR),),
    leg=rows.POSITION.leg,
    contracts={Kind.LINEAR: Contracts(listing=("swap",), only=_LINEAR)},
    book=book,
    report=rows.report,
    fill=rows.fill,
    completion=of_order(_LINEAR),
    flows=pages("privateMixGetV2MixAccountBill", "bills", "billId", params=_LINEAR),
    rejections=frozenset(_REJECTIONS.split()),
    duplicates=frozenset({"40786"}),
    gone=frozenset({"22001", "40768", "43001", "43004"}),
    listing_doubts=frozenset({"40102", "45110"}),
)
BITGET: Final = replace(COIN_M, linear=USDT_M)
