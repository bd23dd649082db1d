"""One image in all services of a deployment, and what a deployment of another one changes."""

import json
from pathlib import Path
from typing import Any

import pytest
from synthesis import Synthesized, synthesize, synthesize_stack

from kf_airflow import Airflow, AirflowStack, NetworkRef, WorkerPool, load_settings
from kf_airflow.components import VERSION_LABEL

DIGEST = f"sha256:{64 * 'a'}"
REPOSITORY = "registry.example.org/kf-airflow"


@pytest.fixture(scope="module")
def pinned(network: NetworkRef) -> Synthesized:
    """A deployment with two pools, and a tag and a digest in its image."""
    pool = WorkerPool(cpu=1024, memory_mib=4096)
    return synthesize(
        lambda stack: Airflow(
            stack,
            "airflow",
            name="kf",
            image=f"{REPOSITORY}:1a2b3c4@{DIGEST}",
            network=network,
            worker_pools={"gatk": pool},
        )
    )


def containers(stack: Synthesized) -> list[dict[str, Any]]:
    return [
        container
        for definition in stack.all("aws_ecs_task_definition")
        for container in json.loads(definition["container_definitions"])
    ]


def deployed(root: Path, image: str) -> Synthesized:
    settings = load_settings("prd", root=root).model_copy(update={"image": image})
    return synthesize_stack(lambda app: AirflowStack(app, "airflow-prd", settings=settings))


def test_every_container_runs_the_digest(pinned: Synthesized) -> None:
    assert [container["image"] for container in containers(pinned)] == [f"{REPOSITORY}@{DIGEST}"] * 9


def test_every_container_says_the_tag(pinned: Synthesized) -> None:
    assert [container["dockerLabels"] for container in containers(pinned)] == [{VERSION_LABEL: "1a2b3c4"}] * 9


def test_without_a_tag_there_is_no_label(network: NetworkRef) -> None:
    stack = synthesize(
        lambda stack: Airflow(stack, "airflow", name="kf", image=f"{REPOSITORY}@{DIGEST}", network=network)
    )

    assert [container.get("dockerLabels") for container in containers(stack)] == [None] * 8


def test_a_bad_image_is_refused_before_anything_is_made(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="image is 'Kf:1': allowed is repository"):
        synthesize(lambda stack: Airflow(stack, "airflow", name="kf", image="Kf:1", network=network))


def test_the_outputs_say_what_runs_and_what_it_is_called(root: Path) -> None:
    output = deployed(root, f"{REPOSITORY}:1.2.0@{DIGEST}").document["output"]

    assert (output["image"]["value"], output["image_tag"]["value"]) == (f"{REPOSITORY}@{DIGEST}", "1.2.0")


def test_another_image_changes_task_definitions_and_nothing_else(root: Path) -> None:
    """Secrets and keys stay: what was encrypted, signed or logged in with them goes on."""
    old, new = (
        deployed(root, image).document
        for image in (f"{REPOSITORY}:1.0.0@{DIGEST}", f"{REPOSITORY}:1.1.0@sha256:{64 * 'b'}")
    )

    changed = {
        (type_, name)
        for type_, named in old["resource"].items()
        for name, resource in named.items()
        if resource != new["resource"][type_][name]
    }
    outputs = {name for name, output in old["output"].items() if output != new["output"][name]}

    assert {type_ for type_, _ in changed} == {"aws_ecs_task_definition"}
    assert outputs == {"image", "image_tag"}
    assert {key: old[key] for key in old if key not in {"resource", "output"}} == {
        key: new[key] for key in new if key not in {"resource", "output"}
    }


def test_another_image_changes_the_image_and_its_label_and_nothing_else_of_a_container(root: Path) -> None:
    old, new = (containers(deployed(root, f"{REPOSITORY}:{tag}@{DIGEST}")) for tag in ("1.0.0", "1.1.0"))

    assert [{**one, "dockerLabels": {VERSION_LABEL: "1.1.0"}} for one in old] == new
