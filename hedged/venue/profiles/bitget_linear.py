"""Bitget: USDT-M futures, an account of its own; sized in coins."""

from dataclasses import replace
from typing import Final

from hedged.core.types import Kind
from hedged.venue.profiles import bitget_rows as rows
from hedged.venue.profiles import codes
from hedged.venue.profiles.bitget import COIN_M, of_order, pages
from hedged.venue.profiles.books import book
from hedged.venue.profiles.profile import Contracts
from hedged.venue.profiles.reads import Log, Read, routes

_DATA: Final = ("data",)
_LINEAR: Final = {"productType": "USDT-FUTURES"}

USDT_M: Final = replace(
    COIN_M,
    options={**COIN_M.options, "defaultSubType": "linear"},
    only_read="",
    write_routes=routes("POST", "/api/v2/mix/order/", "place-order cancel-order"),
    wallet=Read("privateMixGetV2MixAccountAccounts", _DATA, _LINEAR),
    positions=(Read("privateMixGetV2MixPositionAllPosition", _DATA, _LINEAR, kind=Kind.LINEAR),),
    leg=rows.POSITION.leg,
    contracts={Kind.LINEAR: Contracts(listing=("swap",), only=_LINEAR)},
    book=book,
    report=rows.report,
    fill=rows.fill,
    completion=of_order(_LINEAR),
    flows=(
        Log(pages("privateMixGetV2MixAccountBill", "bills", "billId", params=_LINEAR), rows.flow),
    ),
    **codes.BITGET,
)
BITGET: Final = replace(COIN_M, linear=USDT_M)
