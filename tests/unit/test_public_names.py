import pytest

import kf_airflow


def test_public_names_are_sorted() -> None:
    assert kf_airflow.__all__ == sorted(kf_airflow.__all__)


@pytest.mark.parametrize("name", kf_airflow.__all__)
def test_a_public_name_is_there_and_called_so(name: str) -> None:
    assert getattr(kf_airflow, name).__name__ == name


@pytest.mark.parametrize("name", kf_airflow.__all__)
def test_a_public_name_is_described(name: str) -> None:
    assert len(getattr(kf_airflow, name).__doc__) > 20


def test_a_name_that_is_not_public_is_missing() -> None:
    with pytest.raises(AttributeError, match="module 'kf_airflow' has no attribute 'Kubernetes'"):
        _ = kf_airflow.Kubernetes
