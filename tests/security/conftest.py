"""Every stack, one after the other."""

import os
from collections.abc import Iterator

import pytest
import stacks
from synthesis import Synthesized


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """What the developer has set for the library must not decide a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KF_AIRFLOW_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session", params=stacks.names())
def name(request: pytest.FixtureRequest) -> str:
    """What a stack is called."""
    return str(request.param)


@pytest.fixture(scope="session")
def stack(name: str, _clean_environment: None) -> Synthesized:
    """The stack."""
    return stacks.synthesized(name)
