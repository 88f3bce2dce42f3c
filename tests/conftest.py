"""What several test files share."""

import os
from pathlib import Path

import pytest

from scope.stage import quiet_environment

quiet_environment()  # before a test loads OpenMP: threads that wait spinning slow busy machines

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real light curves and tables; the test is skipped where it is absent."""
    folder = Path(os.environ.get("SCOPE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no folder of real data at SCOPE_DATA ({folder.name})")
    return folder
