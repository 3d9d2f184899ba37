"""What the error codes of the venues prove: of an order, of a look-up, of what is listed.

A code is a rejection only where the venue says that the order was not placed. What it gives when it
does not know itself is on no list: such an order may exist.
"""

from typing import Final, TypedDict


class Codes(TypedDict, total=False):
    """The part of a profile that tells them; see there."""

    rejections: frozenset[str]
    duplicates: frozenset[str]
    gone: frozenset[str]
    absent: frozenset[str]
    unchanged: frozenset[str]
    listing_doubts: frozenset[str]
    post_only_period: frozenset[str]
    would_take: frozenset[str]
    key_refused: frozenset[str]


def _each(*lines: str) -> frozenset[str]:
    """The codes in these lines, separated by blanks."""
    return frozenset(" ".join(lines).split())


# Left out on purpose, since an order may exist: -1000, -1001, -1006, -1007, -1008 (server errors).
BINANCE: Final[Codes] = {
    "rejections": _each(
        "http-429 http-418 -1002 -1003 -1013 -1015 -1020 -1021 -1022 -1100 -1101 -1102 -1103",
        "-1104 -1105 -1106 -1111 -1112 -1114 -1115 -1116 -1117 -1121 -1130 -2010 -2014 -2015",
        "-2018 -2019 -2020 -2021 -2022 -2023 -2024 -2025 -2026 -2027 -2028 -4001 -4002 -4003",
        "-4004 -4005 -4013 -4014 -4015 -4016 -4023 -4024 -4028 -4044 -4045 -4047 -4048 -4061",
        "-4131 -4140 -4141 -4164 -4192 -4194 -4195 -5021 -5022",
    ),
    "would_take": _each("-5022"),
    "duplicates": _each("-4116"),
    "gone": _each("-2011 -2013"),
    "unchanged": _each("-4046"),
    "listing_doubts": _each("-1013 -1111 -1121 -4014 -4023 -4131"),
    "key_refused": _each("-2015"),  # once a key has been good, ccxt takes it for a pause
}

# Left out on purpose, since an order may exist: 100410, 100500, 109500, 110500 (busy), 80012
# (unavailable), or a bare 500 or 504.
BINGX: Final[Codes] = {
    "rejections": _each(
        "http-429 100001 100004 100202 100400 100412 100413 100414 100419 100421 101204",
        "101205 101400 109400 109418 109425 110425 80001 80014",
    ),
    "duplicates": _each("101481 109201"),
    "gone": _each("80016 80017 109421"),
    "listing_doubts": _each("101400 109418 109425 110425"),
}

# Left out on purpose, since an order may exist: 40010 (timed out), 40015, 40604, 40725, 45001
# (system errors), 500.
BITGET: Final[Codes] = {
    "rejections": _each(
        "http-429 429 40002 40003 40004 40006 40008 40009 40011 40012 40014 40017 40018 40019",
        "40020 40037 40102 40305 40500 40711 40712 40762 40774 43012 45110 40706 40708 40808",
        "45113",
    ),
    "duplicates": _each("40786"),
    "gone": _each("22001 40768 43001 43004"),
    "listing_doubts": _each("40102 45110 40706 40808"),
}

# Left out on purpose, since an order may exist: 10000 and 10016 (server error), 10014
# (duplicate request), 170146 (creation timed out), 170149 (creation failed), 110079 (busy).
BYBIT: Final[Codes] = {
    "rejections": _each(
        "http-429 10001 10002 10003 10004 10005 10006 10007 10008 10009 10010 10018 10020 10024",
        "10027 10028 10029 33004 110003 110004 110005 110006 110007 110009 110011 110012 110016",
        "110017 110013 110020 110021 110022 110023 110037 110040 110042 110043 110044 110045",
        "110051 110052 110053 110066 110067 110068 110069 110070 110094 170130 170131 170132",
        "170133 170134 170135 170136 170137 170140 170192 170193 170194 110103 3400045",
    ),
    "duplicates": _each("110030 110072 170141"),
    "post_only_period": _each("110103"),
    "gone": _each("110001 110008 110010 170139 170142 170143 170213"),
    "listing_doubts": _each("10001 110003 110094 170134 170135 170136 170137 170140"),
}

# Left out on purpose, since an order may exist: 10001 and 11031 (error), 10040 (not now), 11051
# (maintenance), 11094 (server), 13008 (input or server), 13503 (unavailable), 13888 (timed out,
# also of an order that came after its deadline).
DERIBIT: Final[Codes] = {
    "rejections": _each(
        "http-429 9999 10000 10002 10003 10005 10006 10007 10008 10009 10011 10012 10013 10014",
        "10015 10016 10017 10018 10019 10020 10021 10022 10023 10024 10026 10027 10028 10030",
        "10031 10032 10033 10034 10035 10036 10041 10043 10044 10045 10046 10047 11029 11030",
        "11036 11037 11038 11039 11041 11042 11043 11045 11046 11047 11048 11049 11050 11054",
        "12000 12998 12999 13000 13001 13002 13003 13004 13005 13006 13007 13009 13010 13011",
        "13012 13016 13018 13019 13020 13021 13025 -32000 -32600 -32601 -32602 -32700",
    ),
    "would_take": _each("11054"),
    "gone": _each("10004 10010 11008 11044"),
    "listing_doubts": _each("10002 10020 10021 10023 10026 10027"),
}

# Left out on purpose, since an order may exist: INTERNAL, SERVER_ERROR, TOO_BUSY.
GATE: Final[Codes] = {
    "rejections": _each(
        "http-429 INVALID_PARAM_VALUE INVALID_PROTOCOL INVALID_ARGUMENT INVALID_REQUEST_BODY",
        "MISSING_REQUIRED_PARAM BAD_REQUEST INVALID_CONTENT_TYPE NOT_ACCEPTABLE",
        "METHOD_NOT_ALLOWED AUTHENTICATION_FAILED INVALID_CREDENTIALS INVALID_KEY",
        "IP_FORBIDDEN READ_ONLY FORBIDDEN INVALID_SIGNATURE MISSING_REQUIRED_HEADER",
        "REQUEST_EXPIRED ACCOUNT_LOCKED TOO_FAST BALANCE_NOT_ENOUGH TOO_MANY_ORDERS",
        "TOO_MANY_REQUESTS USER_NOT_FOUND CONTRACT_NO_COUNTER CONTRACT_NOT_FOUND",
        "RISK_LIMIT_EXCEEDED INSUFFICIENT_AVAILABLE LIQUIDATE_IMMEDIATELY LEVERAGE_TOO_HIGH",
        "LEVERAGE_TOO_LOW POSITION_IN_LIQUIDATION POSITION_EMPTY SIZE_TOO_LARGE",
        "SIZE_TOO_SMALL PRICE_OVER_LIQUIDATION PRICE_OVER_BANKRUPT PRICE_TOO_DEVIATED",
        "INCREASE_POSITION CONTRACT_IN_DELISTING POC_FILL_IMMEDIATELY",
        "FUTURES_BALANCE_NOT_ENOUGH INVALID_PRECISION AMOUNT_TOO_LITTLE AMOUNT_TOO_MUCH",
        "ORDER_POC_IMMEDIATE PRICE_THRESHOLD_EXCEEDED",
    ),
    "would_take": _each("POC_FILL_IMMEDIATELY ORDER_POC_IMMEDIATE"),
    "gone": _each("ORDER_CLOSED ORDER_FINISHED ORDER_CANCELLED ORDER_NOT_FOUND"),
    "listing_doubts": _each(
        "CONTRACT_NOT_FOUND INVALID_PARAM_VALUE CONTRACT_IN_DELISTING INVALID_PRECISION"
    ),
}

# Left out on purpose, since an order may exist: unknownError, Server Error, unavailable.
KRAKENFUTURES: Final[Codes] = {
    "rejections": _each(
        "http-429 apiLimitExceeded authenticationError accountInactive",
        "requiredArgumentMissing invalidArgument nonceBelowThreshold nonceDuplicate",
        "contractNotFound marketUnavailable insufficientFunds INSUFFICIENT_MARGIN",
        "invalidOrderType invalidSide invalidSize invalidPrice insufficientAvailableFunds",
        "selfFill tooManySmallOrders maxPositionViolation marketSuspended marketInactive",
        "clientOrderIdTooLong outsidePriceCollar postWouldExecute iocWouldNotExecute",
        "wouldNotReducePosition wouldExecuteSelf",
    ),
    "duplicates": _each("clientOrderIdAlreadyExist"),
    "gone": _each("filled notFound"),
    "listing_doubts": _each("invalidSize invalidPrice contractNotFound"),
}

# Left out on purpose, since an order may exist: 500000, 100003 (server error), 200002 (busy).
KUCOIN: Final[Codes] = {
    "rejections": _each(
        "http-429 429000 1015 200003 200005 400001 400002 400003 400004 400005 400006 400007",
        "400100 411100 415000 300000 300003 300008 300009 300011 300012 300014 300015 300016",
        "330005 330008 330012",
    ),
    "gone": _each("100001 100004 300013"),
    "listing_doubts": _each("300000 300008 300011"),
}

# Left out on purpose, since an order may exist: 500, 501, 503, 504 (busy, timed out), 603
# (repeated request), 9999.
MEXC: Final[Codes] = {
    "rejections": _each(
        "http-429 401 402 403 406 510 511 513 600 601 602 604 701 702 703 704 801 1000 1001",
        "1002 1003 1004 2001 2002 2003 2004 2005 2006 2007 2008 2009 2011 2015 2018",
    ),
    "gone": _each("2040 2041"),
    "absent": _each("2040"),
    "listing_doubts": _each("1001 1002 1004 2007 2011 2015"),
}

# Left out on purpose, since an order may exist: 1 and 2 (part of it failed), 50001, 50004, 50005,
# 50013, 50026 (busy, offline, timed out, system error), 51149 (timed out).
OKX: Final[Codes] = {
    "rejections": _each(
        "http-429 4088 50000 50002 50006 50007 50008 50009 50010 50011 50012 50014 50015 50016",
        "50017 50018 50019 50020 50021 50022 50023 50024 50025 50027 50028 50044 50061 50062",
        "50100 50101 50102 50103 50104 50105 50106 50107 50108 50109 50110 50111 50112 50113",
        "50114 50115 51000 51001 51002 51003 51004 51005 51006 51007 51008 51009 51010 51012",
        "51014 51015 51017 51018 51019 51020 51021 51022 51023 51024 51025 51026 51027 51028",
        "51029 51030 51031 51100 51101 51102 51103 51104 51105 51106 51107 51108 51109 51110",
        "51111 51112 51113 51115 51116 51117 51118 51119 51120 51121 51122 51124 51125 51126",
        "51127 51128 51129 51130 51131 51132 51133 51134 51135 51136 51137 51138 51139 51155",
        "51162 51163 51168 51169 51170 51174 51178 51185 51201 51202 51203 51204 51205 54000",
        "54001 54008 54009 54011 54051 54072 54073 54074 54094 59000 59001 59100 59101 59102",
        "59103 59104 59105 59106 59107 59108 59109 59113",
    ),
    "duplicates": _each("51011 51016"),
    "gone": _each("51400 51401 51402 51405 51410 51509 51603"),
    "listing_doubts": _each("51000 51001 51020 51121 51202"),
}

# Left out on purpose, since an order may exist: 10500, 30000 and above (systems that are down).
PHEMEX: Final[Codes] = {
    "rejections": _each(
        "http-429 11001 11002 11003 11004 11005 11010 11011 11031 11032 11034 11035 11036",
        "11037 11038 11040 11041 11042 11053 11054 11055 11056 11057 11058 11081 11082 11100",
        "39995 39996 11022 11027 11028 11070 11105 11106 11114",
    ),
    "duplicates": _each("10001 11033 11085"),
    "gone": _each("10002 11062 11063"),
    "listing_doubts": _each("11053 11055 11056 11058 11027 11070"),
}

# Left out on purpose, since an order may exist: -1000, -1054 (server errors).
WEEX: Final[Codes] = {
    "rejections": _each(
        "http-429 -1040 -1041 -1042 -1043 -1044 -1045 -1046 -1047 -1049 -1050 -1051 -1052",
        "-1053 -1055 -1056 -1057 -1058 -1115 -1116 -1117 -1121 -1128 -1135 -1140 -1141 -1142",
        "-1150 -1160 -1180 -1190 -3006 -3007 -3235 -3236 -3313 -3613",
    ),
    "gone": _each("-3200 FAILED_ORDER_NOT_FOUND"),
    "listing_doubts": _each("-1121 -1160 -3007"),
}
