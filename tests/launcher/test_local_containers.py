"""The LocalStack container: when it can be built upon, and how all of it goes."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from docker.errors import APIError
from docker_double import DockerDouble, Thing

from kf_airflow_local import diagnostics, leftovers, localstack, network
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.localstack import Ports
from kf_airflow_local.record import Record, reason_to_start_over
from kf_airflow_local.workspace import INSTANCE, Workspace

OURS = {"localstack-dataplane.instance": INSTANCE}
WANTED = localstack.configuration("localstack:1", "backing:1", Ports(api=4566, webserver=8080))
RECORD = Record(localstack="0123", image="kf-airflow:1", complete=True)


def container(**options: Any) -> Any:
    """A LocalStack container that is as it should be."""
    labels = {"localstack-dataplane.configuration": localstack.fingerprint(WANTED)}
    return Thing(localstack.NAME, labels, [], **options)


def test_the_ports_come_from_the_addresses() -> None:
    assert Ports.of("http://localhost:4566", "http://localhost") == Ports(api=4566, webserver=80)


def test_the_data_plane_publishes_the_webserver_on_this_host() -> None:
    assert WANTED["environment"]["DATAPLANE_PUBLISH"] == "80=8080"


def test_the_data_plane_is_told_by_how_much_the_waits_of_aws_are_shorter() -> None:
    wanted = localstack.configuration("localstack:1", "backing:1", Ports(api=4566, webserver=8080), "60")

    assert wanted["environment"]["DATAPLANE_TIME_SCALE"] == "60"


def test_the_api_is_published_on_this_host_alone() -> None:
    assert WANTED["ports"] == {"4566/tcp": ("127.0.0.1", 4566)}


def test_what_runs_as_wanted_is_built_upon() -> None:
    assert reason_to_start_over(container(), WANTED, RECORD) is None


@pytest.mark.parametrize(
    ("found", "record", "reason"),
    [
        (container(), None, "no earlier system"),
        (None, RECORD, "container is gone"),
        (container(status="exited"), RECORD, "ended since"),
        (container(), Record("4567", "kf-airflow:1", complete=True), "made anew since"),
        (container(), Record("0123", "kf-airflow:1"), "did not come to its end"),
    ],
)
def test_what_cannot_be_built_upon_is_told(found: Any, record: Record | None, reason: str) -> None:
    assert reason in str(reason_to_start_over(found, WANTED, record))


def test_another_configuration_means_starting_over() -> None:
    other = localstack.configuration("localstack:2", "backing:1", Ports(api=4566, webserver=8080))

    assert "have changed" in str(reason_to_start_over(container(), other, RECORD))


def test_a_record_is_read_as_it_was_written(tmp_path: Any) -> None:
    RECORD.write(Workspace(tmp_path))

    assert Record.read(Workspace(tmp_path)) == RECORD


def test_without_a_record_there_is_none(tmp_path: Any) -> None:
    assert Record.read(Workspace(tmp_path)) is None


@pytest.fixture
def engine() -> Any:
    """An engine with a local system and things of others."""
    double = DockerDouble()
    for collection in (double.containers, double.volumes, double.networks):
        collection.add("ours", OURS)
        collection.add("theirs")
    double.containers.add(localstack.NAME, OURS)
    return double


def test_only_what_carries_the_label_is_ours(engine: Any) -> None:
    assert leftovers.names(engine) == [
        "container ours",
        f"container {localstack.NAME}",
        "volume ours",
        "network ours",
    ]


def test_everything_of_ours_is_removed(engine: Any) -> None:
    leftovers.remove_everything(engine, lambda _: None)

    for collection in (engine.containers, engine.volumes, engine.networks):
        assert [thing.name for thing in collection.things] == ["theirs"]


def test_localstack_goes_first(engine: Any) -> None:
    said: list[str] = []

    leftovers.remove_everything(engine, said.append)

    assert said[0] == f"container {localstack.NAME}"


def test_what_is_gone_already_is_no_problem(engine: Any) -> None:
    engine.volumes.things[0].kept = []
    engine.volumes.things.clear()

    leftovers.remove_everything(engine, lambda _: None)


def test_what_could_not_be_removed_is_named(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.networks.things[0], "remove", lambda: None)

    with pytest.raises(LauncherError, match=r"still has network ours: run nox -s down again"):
        leftovers.remove_everything(engine, lambda _: None)


def test_a_network_in_the_way_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise APIError("403", explanation="Pool overlaps")

    double: Any = DockerDouble()
    double.networks.add("ecs-local", attrs={"IPAM": {"Config": [{"Subnet": "169.254.0.0/16"}]}})
    double.networks.add("other", attrs={"IPAM": {"Config": [{"Subnet": "fd00::/64"}]}})
    monkeypatch.setattr(double.networks, "create", refuse, raising=False)

    with pytest.raises(LauncherError, match=r"Pool overlaps\): remove the network .* \(ecs-local\)"):
        network.make(double, {})


class Nothing:
    """An AWS that does not answer."""

    def __getattr__(self, name: str) -> Any:
        raise ClientError({"Error": {"Code": "no answer"}}, name)


def report(double: Any) -> str:
    aws: Any = Nothing()
    return diagnostics.report(double, aws)


def test_a_container_that_failed_is_told_with_its_last_words() -> None:
    double = DockerDouble()
    state = {"Status": "exited", "ExitCode": 78}
    double.containers.add("migrate", OURS, attrs={"State": state}, said=b"no database host")

    assert "--- migrate: exited with code 78\nno database host" in report(double)


def test_a_container_that_is_well_does_not_speak() -> None:
    double = DockerDouble()
    state = {"Status": "running", "Health": {"Status": "healthy"}}
    double.containers.add("webserver", OURS, attrs={"State": state}, said=b"GET /")

    assert "--- webserver: running, healthy" in report(double)
    assert "GET /" not in report(double)


def test_an_unhealthy_container_speaks() -> None:
    double = DockerDouble()
    state = {"Status": "running", "Health": {"Status": "unhealthy"}}
    double.containers.add("worker", OURS, attrs={"State": state}, said=b"no broker")

    assert "no broker" in report(double)


def test_an_aws_that_does_not_answer_is_told() -> None:
    assert "LocalStack does not tell more" in report(DockerDouble())
