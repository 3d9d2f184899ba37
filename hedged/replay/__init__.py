"""Replays: the embedded exchange without a network, in virtual time, at full speed."""
