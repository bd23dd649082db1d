"""Terraform at work on all stacks at once, as many at a time as there are processors."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import moto_account
import pytest
import stacks
from synthesis import Synthesized
from terraform_runs import TerraformRuns


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """What the developer has set for the library, or for AWS, must not decide a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("KF_AIRFLOW_", "AWS_"))]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def made(request: pytest.FixtureRequest, _clean_environment: None) -> dict[str, Synthesized]:
    """Each stack that a test was chosen for. All at first: jsii knows no threads."""
    chosen = [item.callspec.params["name"] for item in request.session.items if hasattr(item, "callspec")]
    return {name: stacks.synthesized(name) for name in dict.fromkeys(chosen)}


@pytest.fixture(scope="session")
def runs(made: dict[str, Synthesized], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TerraformRuns]:
    """Terraform, with an account."""
    with moto_account.account() as url:
        yield TerraformRuns(tmp_path_factory.mktemp("terraform"), url=url, first=next(iter(made.values())))


@pytest.fixture(scope="session")
def pool(runs: TerraformRuns) -> Iterator[ThreadPoolExecutor]:
    """Who works; all is done, or given up, before the account goes."""
    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    yield pool
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def errors(
    made: dict[str, Synthesized], runs: TerraformRuns, pool: ThreadPoolExecutor
) -> Mapping[str, Future[str | None]]:
    """What Terraform says of each stack, as soon as it has said it."""
    return {name: pool.submit(runs.explain, name, stack) for name, stack in made.items()}


@pytest.fixture(scope="session")
def hcl_plans(
    made: dict[str, Synthesized], runs: TerraformRuns, pool: ThreadPoolExecutor
) -> Mapping[str, Future[dict[str, Any]]]:
    """The plan of each stack as it is in HCL."""
    assert runs.schemas  # once, and not by each
    return {name: pool.submit(runs.planned_as_hcl, name, stack) for name, stack in made.items()}
