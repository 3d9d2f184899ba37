"""The exchange behind a gate of faults, and a client of it, all without sockets."""

import pytest

from hedged.sim.accounts import Account
from hedged.sim.bybit.dialect import BybitDialect
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.exchange import Exchange
from hedged.sim.faults import FaultPlan
from hedged.sim.faults.gate import Gate
from tests.sim.gate.client import Client


@pytest.fixture
def gate(exchange: Exchange) -> Gate:
    return Gate(BybitDialect(exchange, limits=RateLimits(0)), FaultPlan(seed=3))


@pytest.fixture
def plan(gate: Gate) -> FaultPlan:
    return gate.plan


@pytest.fixture
def client(gate: Gate, account: Account) -> Client:
    return Client(gate, account)
