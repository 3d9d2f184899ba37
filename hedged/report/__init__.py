"""Reports: what a hedge did over a period, what that cost, and whether it worked."""
