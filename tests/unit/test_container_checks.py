from typing import Any

import pytest

from kf_airflow.container_checks import check_together
from kf_airflow.containers import Condition, Container, HealthCheck
from kf_airflow.refs import SecretKey

IMAGE = "registry.example.org/app:1"
SECRET = SecretKey(secret_arn="arn:s", key="x")


def _container(name: str, **values: Any) -> Container:
    return Container(name=name, image=IMAGE, **values)


def _after(name: str, **depends_on: Condition) -> Container:
    return _container(name, depends_on=depends_on)


@pytest.mark.parametrize("image", ["app", IMAGE, f"app@sha256:{'0' * 64}", "${aws_ecr_repository.it.url}:1"])
def test_an_image_has_a_tag_a_digest_or_is_looked_up_by_terraform(image: str) -> None:
    assert Container(name="app", image=image).image == image


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "a b"}, "name is 'a b': allowed are letters, digits, hyphens and underscores, at most 255"),
        ({"name": ""}, "name is '': allowed are"),
        ({"image": " "}, "image is ' ': allowed is repository"),
        ({"image": "a" * 256}, "allowed are 255 characters before the digest"),
        ({"environment": {"A B": "1"}}, "environment has 'A B': allowed are names of variables"),
        ({"secrets": {"": SECRET}}, "secrets has '': allowed are names of variables"),
        ({"ports": (0,)}, "ports is 0: allowed are 1 to 65535"),
        ({"ports": (80, 80)}, "ports has 80 twice: allowed is each once"),
        ({"writable_paths": ("/",)}, "writable_paths has '/': allowed are absolute paths below /"),
        ({"writable_paths": ("/a", "/a")}, "writable_paths has '/a' twice: allowed is each once"),
        ({"cpu": -1}, "cpu is -1: allowed are 0 and more"),
        ({"memory_mib": 5}, "memory_mib is 5: allowed are 6 and more"),
        ({"memory_reservation_mib": -1}, "memory_reservation_mib is -1: allowed are 6 and more"),
    ],
)
def test_what_ecs_does_not_take_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Container(**{"name": "app", "image": IMAGE, **values})


def test_a_health_check_has_a_command() -> None:
    with pytest.raises(ValueError, match="command is empty: allowed is a program with its arguments"):
        HealthCheck(command=())


def test_volumes_are_called_by_what_ecs_takes() -> None:
    assert _container("app", writable_paths=("/a.b/c_d",)).volumes == {"app-a-b-c_d": "/a.b/c_d"}


def test_containers_that_go_together_are_taken() -> None:
    check_together(
        [
            _container("migrate", essential=False, cpu=64),
            _container(
                "app", ports=(80,), health_check=HealthCheck(command=("true",)), memory_mib=256, cpu=64
            ),
            _container(
                "proxy",
                ports=(81,),
                depends_on={"migrate": "SUCCESS", "app": "HEALTHY"},
                memory_mib=512,
                memory_reservation_mib=256,
                cpu=128,
            ),
        ],
        cpu=256,
        memory_mib=512,
    )


@pytest.mark.parametrize(
    ("containers", "message"),
    [
        ([_container("a", ports=(80,)), _container("b", ports=(80,))], "ports has 80 twice: allowed is each"),
        (
            [_container("a", writable_paths=("/b-c",)), _container("a-b", writable_paths=("/c",))],
            "writable_paths are a:/b-c, a-b:/c: allowed are paths that differ in letters or digits",
        ),
        (
            [_container("a", writable_paths=("/b-c", "/b/c"))],
            "writable_paths are a:/b-c, a:/b/c: allowed are paths that differ in letters or digits",
        ),
        ([_container(f"a{number}") for number in range(11)], "a task has 11 containers: allowed are 10"),
        ([_container("a", cpu=300)], "cpu is 256: allowed are 300 and more, which the containers claim"),
        ([_container("a", memory_mib=513)], "memory_mib is 512: allowed are 513 and more"),
        (
            [_after("a", b="START")],
            "depends_on of 'a' has 'b': allowed are the containers of its task, a",
        ),
        (
            [_after("a", b="HEALTHY"), _container("b")],
            "depends_on of 'a' has 'b' as HEALTHY: it has no health_check",
        ),
        (
            [_after("a", b="SUCCESS"), _container("b")],
            "depends_on of 'a' has 'b' as SUCCESS: allowed with essential = false",
        ),
        (
            [_after("a", b="START"), _after("b", a="START")],
            "depends_on goes in a circle: (a after b after a|b after a after b)",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(containers: list[Container], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_together(containers, cpu=256, memory_mib=512)
