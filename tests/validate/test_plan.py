from collections.abc import Mapping
from concurrent.futures import Future

import pytest
import stacks


@pytest.mark.parametrize("name", stacks.names())
def test_terraform_validates_and_plans(name: str, errors: Mapping[str, Future[str | None]]) -> None:
    assert errors[name].result(timeout=300) is None
