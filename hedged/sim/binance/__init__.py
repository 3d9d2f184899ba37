"""Binance's language: spot (/api/v3), COIN-M futures (/dapi), and wallets between (/sapi)."""
