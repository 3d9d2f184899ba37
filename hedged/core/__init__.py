"""The pure core: from a frozen snapshot to a decision. No I/O, no clock, no log, no float."""
