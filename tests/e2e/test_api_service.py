"""A second consumer: the API service of `tests/examples`, of the library's parts and without Airflow.

It comes when Airflow is gone: the containers of both are too many for two cores.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from api_service import ApiService, synthesized
from local_system import LocalSystem
from terraform_stack import DeployedStack, deployed_stack
from waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.destroys]


@pytest.fixture(scope="module")
def stack(destroyed: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedStack]:
    """The stack, applied; whatever a test leaves of it goes at the end."""
    with deployed_stack(tmp_path_factory.mktemp("api"), synthesized(), url=destroyed.endpoint) as stack:
        yield stack


@pytest.fixture(scope="module")
def api(stack: DeployedStack) -> ApiService:
    """The API, once the load balancer has found it healthy: Terraform waits for its tasks alone."""
    api = ApiService(stack)
    wait_for(
        "the load balancer forwards",
        lambda: api.get("/health").status_code,
        lambda status: status == 200,
        timeout_seconds=60,
        interval_seconds=0.5,
    )
    return api


@dataclass(frozen=True)
class Abandoned:
    """A job whose worker was killed in the middle, and the tasks of all workers there were."""

    job: str
    tasks: set[str]


@pytest.fixture(scope="module")
def abandoned(api: ApiService) -> Abandoned:
    """Kills the workers, of which the autoscaler may have started some by now.

    RQ takes a job of theirs for lost a minute later, while other tests run.
    """
    job = api.post(text="one two three four", seconds=3)
    api.wait_for_job(job, "started")
    return Abandoned(job, api.kill("worker"))


def test_the_api_answers_through_the_load_balancer(api: ApiService) -> None:
    answer = api.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})


def test_a_worker_that_is_killed_is_replaced(api: ApiService, abandoned: Abandoned) -> None:
    wait_for(
        "as many tasks as are wanted run, and none that was killed",
        lambda: (set(api.tasks("workers")), api.service("workers")["desiredCount"]),
        lambda seen: len(seen[0]) == seen[1] >= 1 and not seen[0] & abandoned.tasks,
        timeout_seconds=90,
    )


def test_a_posted_job_is_done_by_a_worker(api: ApiService) -> None:
    job = api.wait_for_job(api.post(text="one two three"), "finished")

    assert job["words"] == 3


def test_what_a_job_counted_is_a_row_in_postgresql(api: ApiService) -> None:
    job = api.post(text="one two")
    api.wait_for_job(job, "finished")

    assert f"{job}|2" in api.rows("SELECT job, words FROM counts")


def test_a_job_that_nobody_posted_is_not_found(api: ApiService) -> None:
    assert api.get("/jobs/0").status_code == 404


def test_the_scheduler_has_jobs_done_that_nobody_posted(api: ApiService) -> None:
    before = int(api.rows("SELECT count(*) FROM totals")[0])

    wait_for(
        "another total is taken",
        lambda: int(api.rows("SELECT count(*) FROM totals")[0]),
        lambda count: count > before,
        timeout_seconds=60,
    )


def test_what_was_just_asked_is_answered_from_the_cache(api: ApiService) -> None:
    answers = [api.get("/totals") for _ in range(2)]

    assert answers[1].headers["X-Cache"] == "hit"
    assert answers[1].json() == answers[0].json()


def test_the_cache_alone_is_in_the_second_database_of_redis(api: ApiService) -> None:
    api.get("/totals")

    assert api.keys(1) == {"total"}


def test_what_is_in_the_first_database_of_redis_is_rq_s(api: ApiService) -> None:
    assert {key.partition(":")[0] for key in api.keys(0)} == {"rq"}


def test_a_backlog_brings_more_workers(api: ApiService) -> None:
    # One was deployed. What is there besides came for jobs that waited, of these or of those before.
    jobs = [api.post(text="one", seconds=20) for _ in range(4)]
    wait_for(
        "more workers run",
        lambda: {key: api.service("workers")[key] for key in ("desiredCount", "runningCount")},
        lambda seen: seen["runningCount"] > 1,
        timeout_seconds=150,
    )
    for job in jobs:
        api.wait_for_job(job, "finished")


def test_the_job_of_a_killed_worker_is_done_by_another(api: ApiService, abandoned: Abandoned) -> None:
    job = api.wait_for_job(abandoned.job, "finished", timeout_seconds=120)

    assert job["words"] == 4


def test_a_second_plan_has_no_change(stack: DeployedStack, api: ApiService) -> None:
    assert not stack.plans_changes(), stack.said


def test_destroy_leaves_nothing(stack: DeployedStack, api: ApiService) -> None:
    stack.destroy()

    assert stack.applied == {}
    wait_for("no container is left", lambda: api.left, lambda left: not left, timeout_seconds=60)
