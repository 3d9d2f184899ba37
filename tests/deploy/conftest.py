"""One folder for a run of the deployment tests, shared by its workers, removed with the run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import bed


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where trees and images lie; `make deploy-test` names one and removes it at the end."""
    assert os.geteuid() == 0, "deployments are tested as root: sudo make deploy-test"
    named = os.environ.get("HEDGED_BED")
    folder = Path(named) if named else tmp_path_factory.mktemp("bed")
    yield folder
    if not named:
        bed.removed(folder)
