"""What the documentation tells to type inside the containers, asked of the programs that are there."""

import pytest
from container_programs import exec_in, run_in
from local_system import LocalSystem
from shell_commands import PAGES, mentioned, typed

pytestmark = pytest.mark.e2e

AIRFLOW = sorted(
    {
        command.words
        for page in PAGES
        for command in (*typed(page), *mentioned(page, frozenset({"airflow"})))
        if command.words[0] == "airflow"
    }
)


@pytest.mark.parametrize("words", AIRFLOW, ids=" ".join)
def test_airflow_has_the_commands_that_are_mentioned(system: LocalSystem, words: tuple[str, ...]) -> None:
    plain = [word for word in words if not word.startswith("-")]

    assert " ".join(plain) in run_in(system.container("webserver"), *plain, "--help")


def test_redis_cli_finds_large_keys(system: LocalSystem) -> None:
    (broker, *_) = system.containers(kind="elasticache")
    _, output = exec_in(broker, "redis-cli", "--help")

    assert "--bigkeys" in output.decode()
