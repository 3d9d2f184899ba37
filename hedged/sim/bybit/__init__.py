"""Bybit's v5 dialect of the embedded exchange: requests in, replies out, no sockets."""
