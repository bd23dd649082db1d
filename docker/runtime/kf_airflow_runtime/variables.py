"""The variables the image reads, and who sets each."""

from collections.abc import Iterable, Mapping

from kf_airflow_runtime.refusal import RefusalError

_LIBRARY = "the plain environment of the task definition (modules/kf_airflow/environment.py)"
_METADATA_SECRET = "the `secrets` of the task definition, from the metadata secret"  # noqa: S105
_MASTER_SECRET = "the `secrets` of the task definition, from the database's master secret"  # noqa: S105
_RESULTS_SECRET = "the `secrets` of the task definition, from the results secret"  # noqa: S105
_BROKER_SECRET = "the `secrets` of the task definition, from the broker secret"  # noqa: S105
_AIRFLOW_SECRET = "the `secrets` of the task definition, from the Airflow secret"  # noqa: S105
_ADMIN_SECRET = "the `secrets` of the task definition, from the admin secret"  # noqa: S105
_FLOWER_SECRET = "the `secrets` of the task definition, from the Flower secret"  # noqa: S105

SET_BY = {
    "KF_AIRFLOW_DATABASE_HOST": _LIBRARY,
    "KF_AIRFLOW_DATABASE_PORT": _LIBRARY,
    "KF_AIRFLOW_DATABASE_NAME": _LIBRARY,
    "KF_AIRFLOW_DATABASE_USERNAME": _METADATA_SECRET,
    "KF_AIRFLOW_DATABASE_PASSWORD": _METADATA_SECRET,
    "KF_AIRFLOW_MASTER_USERNAME": _MASTER_SECRET,
    "KF_AIRFLOW_MASTER_PASSWORD": _MASTER_SECRET,
    "KF_AIRFLOW_RESULTS_USERNAME": _RESULTS_SECRET,
    "KF_AIRFLOW_RESULTS_PASSWORD": _RESULTS_SECRET,
    "KF_AIRFLOW_BROKER_HOST": _LIBRARY,
    "KF_AIRFLOW_BROKER_PORT": _LIBRARY,
    "KF_AIRFLOW_BROKER_TLS": _LIBRARY,
    "KF_AIRFLOW_BROKER_PASSWORD": _BROKER_SECRET,
    "KF_AIRFLOW_ADMIN_USERNAME": _ADMIN_SECRET,
    "KF_AIRFLOW_ADMIN_PASSWORD": _ADMIN_SECRET,
    "KF_AIRFLOW_FLOWER_USERNAME": _FLOWER_SECRET,
    "KF_AIRFLOW_FLOWER_PASSWORD": _FLOWER_SECRET,
    "KF_AIRFLOW_CLUSTER": _LIBRARY,
    "KF_AIRFLOW_WORKER_POOLS": _LIBRARY,
    "KF_AIRFLOW_SERVICE": _LIBRARY,
    "KF_AIRFLOW_HEARTBEAT_TIMEOUT_SECONDS": _LIBRARY,
    "AWS_DEFAULT_REGION": _LIBRARY,
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": _LIBRARY,
    "AIRFLOW__CORE__FERNET_KEY": _AIRFLOW_SECRET,
    "AIRFLOW__API__SECRET_KEY": _AIRFLOW_SECRET,
    "AIRFLOW__API_AUTH__JWT_SECRET": _AIRFLOW_SECRET,
}
"""Each variable and the place that gives it its value."""


def require(environ: Mapping[str, str], names: Iterable[str]) -> None:
    """Refuses to go on without these variables.

    An empty value counts as missing: an empty password or key is never what was meant.

    Raises:
        RefusalError: One sentence for each missing variable, naming it and who sets it.
    """
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise RefusalError("\n".join(f"{name} is not set: it comes from {SET_BY[name]}." for name in missing))


def without_raw_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without the logins that its URLs are composed from."""
    return {name: value for name, value in environ.items() if not _is_raw_secret(name)}


def _is_raw_secret(name: str) -> bool:
    return name.startswith("KF_AIRFLOW_") and name.endswith(("_PASSWORD", "_USERNAME"))


def port(environ: Mapping[str, str], name: str) -> int:
    """The TCP port in a variable that `require` has seen.

    Raises:
        RefusalError: The value is not a port.
    """
    value = environ[name]
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise RefusalError(
            f"{name} is {value!r}: it must be a port, 1 to 65535; it comes from {SET_BY[name]}."
        )
    return int(value)


def seconds(environ: Mapping[str, str], name: str) -> float:
    """The seconds in a variable that `require` has seen.

    Raises:
        RefusalError: The value is not a whole number of seconds.
    """
    value = environ[name]
    if not value.isdecimal() or int(value) == 0:
        raise RefusalError(
            f"{name} is {value!r}: it must be seconds, 1 or more; it comes from {SET_BY[name]}."
        )
    return float(value)


def flag(environ: Mapping[str, str], name: str) -> bool:
    """The truth of a variable that `require` has seen.

    Raises:
        RefusalError: The value is neither true nor false.
    """
    value = environ[name]
    if value.lower() not in ("true", "false"):
        raise RefusalError(f"{name} is {value!r}: it must be true or false; it comes from {SET_BY[name]}.")
    return value.lower() == "true"
