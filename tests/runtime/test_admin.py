from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.security import generate_password_hash

from kf_airflow_runtime import admin

ROLE = "the role Admin"


class SecurityManager:
    """As much of FAB's as is used, keeping what was done."""

    def __init__(self, user: Any = None, role: object = ROLE, takes: bool = True) -> None:
        self.user, self.role, self.takes = user, role, takes
        self.done: list[Any] = []

    def find_role(self, name: str) -> object:
        return self.role if name == "Admin" else None

    def find_user(self, username: str) -> Any:
        return self.user

    def add_user(self, *arguments: object) -> bool:
        self.done.append(("add_user", *arguments))
        return self.takes

    def update_user(self, user: object) -> None:
        self.done.append(("update_user",))

    def reset_password(self, user_id: int, password: str) -> None:
        self.done.append(("reset_password", user_id, password))


def user(**changes: object) -> SimpleNamespace:
    hashed = generate_password_hash("secret", method="pbkdf2:sha256:1")
    return SimpleNamespace(**{"id": 7, "roles": [ROLE], "active": True, "password": hashed, **changes})


def test_a_missing_administrator_is_created() -> None:
    manager = SecurityManager()
    assert admin.ensure_with(manager, "ann", "secret") == "The administrator 'ann' is created."
    assert manager.done == [
        ("add_user", "ann", "ann", "administrator", "ann@kf-airflow.invalid", ROLE, "secret")
    ]


def test_an_administrator_as_it_should_be_is_left_alone_and_stays_logged_in() -> None:
    manager = SecurityManager(user())
    assert admin.ensure_with(manager, "ann", "secret") == "The administrator 'ann' is as it should be."
    assert manager.done == []


def test_another_password_is_set_to_the_one_of_the_secret() -> None:
    manager = SecurityManager(user())
    admin.ensure_with(manager, "ann", "rotated")
    assert manager.done == [("reset_password", 7, "rotated")]


@pytest.mark.parametrize("changes", [{"roles": ["Viewer"]}, {"active": False}])
def test_a_lost_role_or_a_lock_is_mended(changes: dict[str, object]) -> None:
    manager = SecurityManager(user(**changes))
    assert "is an active administrator again" in admin.ensure_with(manager, "ann", "secret")
    assert (ROLE in manager.user.roles, manager.user.active) == (True, True)
    assert manager.done == [("update_user",)]


def test_without_the_role_the_migration_did_not_finish() -> None:
    with pytest.raises(RuntimeError, match="no role Admin"):
        admin.ensure_with(SecurityManager(role=None), "ann", "secret")


def test_a_user_that_airflow_does_not_take_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="did not take the user 'ann'"):
        admin.ensure_with(SecurityManager(takes=False), "ann", "secret")
