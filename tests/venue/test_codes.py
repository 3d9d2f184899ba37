"""What a rejection proves, held against what ccxt knows of the code.

A code on the list of definite rejections frees the order's slot: one that the venue also gives for
an order that was placed after all would have it sent a second time.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from hedged.ports import WOULD_TAKE, Refused
from hedged.venue.lazy import errors, exchange_class
from hedged.venue.outcomes import Redactor, submit_outcome
from hedged.venue.profiles import PROFILES, Profile, every_profile

# Codes that ccxt takes for an outage, and whose venue says that the order was not recorded.
NOT_RECORDED = {
    ("binance", "-1112"),  # nothing stands on the other side
    ("binance", "-2020"),  # cannot be filled
    ("binance", "-2023"),  # the account is being liquidated
    ("deribit", "10041"),  # trading pauses for the settlement
    ("mexc", "604"),  # the market is closed for it
    ("mexc", "801"),
}
# Words under which venues say that they do not know themselves.
IN_DOUBT = {
    "bybit": {"10000", "10016", "170146", "170149", "10014"},
    "okx": {"1", "2", "50001", "50004", "50005", "50013", "50026", "51149"},
    "binance": {"-1000", "-1001", "-1006", "-1007", "-1008"},
    "deribit": {"10001", "10040", "11031", "11051", "11094", "13008", "13503", "13888"},
    "krakenfutures": {
        "unknownError",
        "Server Error",
        "unavailable",
        "Unavailable",
        "Bad Request",
        "Json Parse Error",
    },
    "bingx": {"80012", "100410", "100500", "109500", "110500", "http-500", "http-504"},
    "bitget": {"500", "40010", "40015", "40604", "40725", "45001"},
    "gate": {"INTERNAL", "SERVER_ERROR", "TOO_BUSY", "REPEATED_CREATION"},
    "kucoin": {"500000", "100003", "200002"},
    "mexc": {"500", "501", "503", "504", "603", "9999"},
    "phemex": {"10500", "30000"},
    "weex": {"-1000", "-1054"},
}
EACH = pytest.mark.parametrize("profile", list(every_profile()), ids=lambda p: p.exchange)


def classes(table: Mapping[str, Any]) -> Iterator[tuple[str, type[Exception]]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from classes(value)
        else:
            yield str(key), value


@EACH
def test_no_rejection_is_an_outage(profile: Profile) -> None:
    client = exchange_class(profile.ccxt or profile.exchange)({"timeout_on_exit": 0})
    table = client.exceptions
    known = dict(classes(table.get("inverse", table)))  # Binance's markets have codes of their own
    kinds = errors()
    outages = (kinds.RequestTimeout, kinds.ExchangeNotAvailable, kinds.OperationFailed)
    limits = (kinds.RateLimitExceeded, kinds.DDoSProtection, kinds.InvalidNonce)
    doubtful = {
        code
        for code in profile.rejections
        if (kind := known.get(code)) is not None
        and issubclass(kind, outages)
        and not issubclass(kind, limits)
    }
    assert {(profile.exchange, code) for code in doubtful} <= NOT_RECORDED


# Codes that ccxt knows and that no order of ours is answered with, by venue.
OF_ELSE: Mapping[str, Callable[[str], bool]] = {
    # stops, take-profits, lead traders; algorithmic orders, changes of orders, other products,
    # data, bots, funds, websockets
    "okx": lambda code: (
        code in {"1009", "4001", "4002", "4003", "4004", "4005", "4006", "4007", "4008"}
        or 51046 <= int(code) <= 51099
        or code in {"51156", "51159", "51166"}
        or 51250 <= int(code) <= 51399
        or code in {"51403", "51404", "51406", "51407", "51408", "51409"}
        or 51500 <= int(code) <= 53999
        or 55000 <= int(code) <= 58999
        or int(code) > 59113
    ),
    # other orders' ids, stops, subscriptions, addresses, sub-accounts, phones
    "deribit": lambda code: (
        code in {"10025", "10029", "10048", "11035", "11052", "11053", "13017"}
        or 11090 <= int(code) <= 11093
        or code in {"11095", "11096", "12001", "12002", "12003", "12004", "12005", "12100"}
        or 13013 <= int(code) <= 13015
    ),
    # transfers; and texts of what was no order at all
    "krakenfutures": lambda code: code in {"invalidAccount", "invalidAmount", "invalidUnit"},
}


@pytest.mark.parametrize("exchange", OF_ELSE)
def test_every_code_that_ccxt_knows_is_decided(exchange: str) -> None:
    profile = PROFILES[exchange]
    client = exchange_class(exchange)({"timeout_on_exit": 0})
    known = {code for code, _ in classes(client.exceptions)}
    known -= set(client.exceptions.get("broad", {}))
    decided = profile.rejections | profile.duplicates | profile.gone | IN_DOUBT[exchange]
    assert {code for code in known - decided if not OF_ELSE[exchange](code)} == set()


@pytest.mark.parametrize("exchange", IN_DOUBT)
def test_what_a_venue_does_not_know_itself_is_no_rejection(exchange: str) -> None:
    profiles = [profile for profile in every_profile() if profile.exchange == exchange]
    assert any(profile.rejections for profile in profiles)
    for profile in profiles:
        assert not profile.rejections & IN_DOUBT[exchange]


@EACH
def test_no_code_proves_two_things(profile: Profile) -> None:
    assert not profile.rejections & profile.duplicates
    assert not profile.duplicates & profile.gone
    assert not profile.would_take & profile.post_only_period


@EACH
def test_what_is_told_apart_is_a_rejection_all_the_same(profile: Profile) -> None:
    assert profile.would_take | profile.post_only_period <= profile.rejections


def test_a_post_only_order_that_is_refused_as_one_says_so() -> None:
    error = errors().InvalidOrder('binancecoinm {"code": -5022, "msg": "as a maker"}')
    refused = submit_outcome(error, PROFILES["binance"], Redactor())
    assert refused == Refused(f"{WOULD_TAKE}: -5022 as a maker")
