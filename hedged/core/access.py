"""What a venue tells of a key and its account, and what it was asked.

None: it does not tell, which is no "no".
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Access:
    """Whose account a key opens, what it may do there, and how the account is set up."""

    account_id: str | None = None
    may_trade: bool | None = None  # derivatives
    may_withdraw: bool | None = None
    may_transfer: bool | None = None  # between the owner's accounts there
    is_bound: bool | None = None  # to addresses: useless to who uses it from elsewhere
    expires_at: datetime | None = None  # None also for a key that never does
    margin_mode: str | None = None  # cross, isolated or portfolio


@dataclass(frozen=True, slots=True)
class Use:
    """What a venue was asked since the process began to; a weight of 1 is a request's usual one."""

    requests: int = 0
    weight: Decimal = Decimal(0)
