import pytest

from kf_airflow_runtime import fernet
from kf_airflow_runtime.refusal import RefusalError


def test_a_new_key_before_an_old_one_can_be_rotated() -> None:
    fernet.require_two("new,old")


@pytest.mark.parametrize("keys", ["one", "one,", "one, one", ","])
def test_less_than_two_different_keys_are_refused(keys: str) -> None:
    with pytest.raises(RefusalError, match="AIRFLOW__CORE__FERNET_KEY has one key: to rotate it"):
        fernet.require_two(keys)
