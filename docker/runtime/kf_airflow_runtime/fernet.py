"""Fernet keys: what `rotate-fernet-key` needs of them. `docker/README.md` has the recipe."""

from kf_airflow_runtime.refusal import RefusalError


def require_two(keys: str) -> None:
    """Refuses to rotate with one key: the command would change nothing and say so to nobody.

    Args:
        keys: The value of `AIRFLOW__CORE__FERNET_KEY`, the keys with a comma between.

    Raises:
        RefusalError: There are not two different keys.
    """
    different = {key.strip() for key in keys.split(",")} - {""}
    if len(different) < 2:
        raise RefusalError(
            "AIRFLOW__CORE__FERNET_KEY has one key: to rotate it must have the new one first and the old one"
            " behind it, with a comma between; it comes from the key fernet_key of the Airflow secret, and a"
            " task has what was there when it started."
        )
