"""What can go wrong between a client and the exchange, and the record of what truly did.

A `Fault` says what goes wrong and which requests it strikes; the `FaultPlan` holds the faults in
force, draws their chances from a seed and keeps the log. `gate` stands between the transport and
the dialect and carries the faults out, `alterations` change what replies say, `mishaps` are things
that the exchange itself does to an account or a market. All of it works without sockets and clocks.
"""

from hedged.sim.faults.fault import Fault, FaultError
from hedged.sim.faults.kinds import Kind
from hedged.sim.faults.plan import FaultPlan, Injection

__all__ = ["Fault", "FaultError", "FaultPlan", "Injection", "Kind"]
