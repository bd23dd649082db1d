"""Terraform at work on all stacks at once, as many at a time as there are processors."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import moto_account
import pytest
import stacks
from terraform_runs import TerraformRuns


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """What the developer has set for the library, or for AWS, must not decide a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("KF_AIRFLOW_", "AWS_"))]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def errors(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _clean_environment: None
) -> Iterator[Mapping[str, Future[str | None]]]:
    """What Terraform says of each stack that a test was chosen for, as soon as it has said it."""
    chosen = [item.callspec.params["name"] for item in request.session.items if hasattr(item, "callspec")]
    # All at first: jsii knows no threads.
    made = {name: stacks.synthesized(name) for name in dict.fromkeys(chosen)}
    with moto_account.account() as url, ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        runs = TerraformRuns(tmp_path_factory.mktemp("terraform"), url=url, first=next(iter(made.values())))
        yield {name: pool.submit(runs.explain, name, stack) for name, stack in made.items()}
