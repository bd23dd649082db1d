"""What a worker has imported before it forks."""

import gc
import sys
from collections.abc import Iterator

import pytest

from kf_airflow_runtime.preloading import preload


@pytest.fixture(autouse=True)
def thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_the_modules_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    preload(["colorsys"])

    assert "colorsys" in sys.modules


def test_the_collector_leaves_alone_what_is_there() -> None:
    gc.unfreeze()
    preload([])

    assert gc.get_freeze_count() > 0


def test_a_module_that_is_gone_stops_the_worker_and_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="gone"):
        preload(["gone"])
