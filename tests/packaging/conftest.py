from pathlib import Path

import pytest
from empty_environments import Environment
from project import ROOT


@pytest.fixture(scope="session")
def wheel() -> Path:
    (found,) = (ROOT / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel."""
    return Environment.with_installed(tmp_path_factory.mktemp("wheel") / "venv", str(wheel))
