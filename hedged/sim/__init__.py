"""The embedded exchange: an independent witness for everything that hedged claims.

It keeps its own ledger and its own formulas and imports nothing of hedged outside this package, so
that one wrong formula cannot pass on both sides. `exchange` is the exchange itself (no input or
output, time is given to it), `bybit` speaks its language to the outside, `faults` stands between
the two ends of every connection, `server` puts that on a local port, `admin` is the operator's hand
(and `script` moves it), `page` is for those who watch, `prices` moves the market.
"""
