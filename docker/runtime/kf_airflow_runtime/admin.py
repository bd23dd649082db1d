"""The first user: the administrator whose name and password are in a secret."""

from typing import Any


def ensure(username: str, password: str) -> str:
    """Creates the user, or makes the one there is an active administrator with this password.

    Done through Airflow's own security manager and not `airflow users create`, which wants the password as an
    argument that every process of the host can read.

    Returns:
        What was done, as a sentence.
    """
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
    from airflow.utils.providers_configuration_loader import providers_configuration_loaded

    @providers_configuration_loaded  # type: ignore[untyped-decorator]
    def within_airflow() -> str:
        with get_application_builder() as builder:
            return ensure_with(builder.sm, username, password)

    return str(within_airflow())


def ensure_with(manager: Any, username: str, password: str) -> str:
    """`ensure` with the security manager given.

    Raises:
        RuntimeError: Airflow has no role Admin, or did not take the user.
    """
    role = manager.find_role("Admin")
    if role is None:
        raise RuntimeError("Airflow has no role Admin: its migration did not finish.")
    user = manager.find_user(username=username)
    if user is None:
        # Airflow wants an address that no other user has; this one can never receive anything.
        address = f"{username}@kf-airflow.invalid"
        if not manager.add_user(username, username, "administrator", address, role, password):
            raise RuntimeError(f"Airflow did not take the user {username!r}: its log above says why.")
        return f"The administrator {username!r} is created."
    done = []
    if role not in user.roles or not user.active:
        user.roles, user.active = [*user.roles, *([] if role in user.roles else [role])], True
        manager.update_user(user)
        done.append("is an active administrator again")
    # Setting it again would end the sessions of whoever is logged in, at each deployment.
    if not _matches(user.password, password):
        manager.reset_password(user.id, password)
        done.append("has the password of the secret again")
    return f"The administrator {username!r} {' and '.join(done) or 'is as it should be'}."


def _matches(hashed: str | None, password: str) -> bool:
    from werkzeug.security import check_password_hash

    return bool(hashed) and check_password_hash(str(hashed), password)
