"""Says so where the contract's cases do not run on a real testnet."""

import pytest

from tests.contract.testnet import KEY, SECRET, has_credentials


@pytest.mark.skipif(
    not has_credentials(),
    reason=f"no testnet: set {KEY} and {SECRET} to run the contract's cases on Bybit's",
)
@pytest.mark.asyncio
async def test_the_testnet_can_be_reached(stage: object) -> None:
    """With credentials, the fixture opens it; all other cases run on it too."""
    assert stage is not None
