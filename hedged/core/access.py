"""What a venue tells of a key and its account; None: it does not tell, which is no "no"."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Access:
    """Whose account a key opens, what it may do there, and how the account is set up."""

    account_id: str | None = None
    may_trade: bool | None = None  # derivatives
    may_withdraw: bool | None = None
    is_bound: bool | None = None  # to addresses: useless to who uses it from elsewhere
    expires_at: datetime | None = None  # None also for a key that never does
    margin_mode: str | None = None  # cross, isolated or portfolio
