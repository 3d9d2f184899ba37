"""What a rejection proves, held against what ccxt knows of the code.

A code on the list of definite rejections frees the order's slot: one that the venue also gives for
an order that was placed after all would have it sent a second time.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from hedged.venue.lazy import errors, exchange_class
from hedged.venue.profiles import PROFILES, Profile

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
    "okx": {"50001", "50004", "50013", "50026", "51149"},
    "binance": {"-1000", "-1001", "-1006", "-1007", "-1008"},
    "deribit": {"10001", "10040", "11031", "11051", "11094", "13008", "13503", "13888"},
    "krakenfutures": {"unknownError", "Server Error", "unavailable", "Unavailable"},
}


def classes(table: Mapping[str, Any]) -> Iterator[tuple[str, type[Exception]]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from classes(value)
        else:
            yield str(key), value


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
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


@pytest.mark.parametrize("exchange", IN_DOUBT)
def test_what_a_venue_does_not_know_itself_is_no_rejection(exchange: str) -> None:
    assert not PROFILES[exchange].rejections & IN_DOUBT[exchange]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_no_code_proves_two_things(profile: Profile) -> None:
    assert not profile.rejections & profile.duplicates
    assert not profile.duplicates & profile.gone
