"""When an image is built, what it is called, and what of it is removed."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound

from kf_airflow_local import base_image, host, images
from kf_airflow_local.build_context import BuildContext
from kf_airflow_local.errors import LauncherError

ID = "0123456789abcdef"


class FakeImage:
    """An image of the fake engine."""

    def __init__(self, engine: "FakeEngine", identifier: str, *tags: str, created: str = "2026") -> None:
        self.engine, self.id, self.tags = engine, f"sha256:{identifier}", list(tags)
        self.attrs = {"Created": created}
        self.labels: dict[str, str] = {}

    def tag(self, repository: str, tag: str) -> None:
        reference = f"{repository}:{tag}"
        for image in self.engine.known:
            if reference in image.tags:
                image.tags.remove(reference)
        self.tags.append(reference)

    def reload(self) -> None:
        pass


class FakeEngine:
    """As much of a Docker client as building images takes."""

    def __init__(self) -> None:
        self.known: list[FakeImage] = []
        self.in_use: set[str] = set()
        self.builds: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = [{"aux": {"ID": f"sha256:{ID}"}}]
        self.images = self
        self.api = SimpleNamespace(build=self.build)

    def add(self, identifier: str, *tags: str, **options: Any) -> FakeImage:
        image = FakeImage(self, identifier, *tags, **options)
        self.known.append(image)
        return image

    def info(self) -> dict[str, str]:
        return {"DockerRootDir": "/nowhere"}

    def get(self, name: str) -> FakeImage:
        for image in self.known:
            if name in image.tags or image.id.removeprefix("sha256:").startswith(
                name.removeprefix("sha256:")
            ):
                return image
        raise ImageNotFound(name)

    def list(self, name: str | None = None, filters: dict[str, str] | None = None) -> list[FakeImage]:
        found = [
            image
            for image in self.known
            if name is None or any(tag == name or tag.split(":")[0] == name for tag in image.tags)
        ]
        if filters and "=" in filters["label"]:
            label, value = filters["label"].split("=")
            found = [image for image in found if image.labels.get(label) == value]
        elif filters:
            found = [image for image in found if filters["label"] in image.labels]
        return found

    def remove(self, reference: str) -> None:
        if reference in self.in_use:
            raise APIError("conflict")
        image = self.get(reference)
        image.tags = [tag for tag in image.tags if tag != reference]
        if not image.tags:
            self.known.remove(image)

    def build(self, **options: Any) -> Iterator[dict[str, Any]]:
        self.builds.append(options)
        if not any("error" in event for event in self.events):
            identifier = f"{len(self.builds)}{ID}"
            image = self.add(identifier)
            image.labels = options["labels"]
            yield {"aux": {"ID": f"sha256:{identifier}"}}
        yield from (event for event in self.events if "aux" not in event)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    for variable in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)
    fake = FakeEngine()
    fake.add("ba5e", base_image.BASE_IMAGE)
    return fake


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the three Dockerfiles."""
    for path in ("Dockerfile", "localstack/Dockerfile", "localstack/backing/Dockerfile"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"FROM scratch\n# {path}\n")
    return tmp_path


def ensure(engine: FakeEngine, root: Path) -> images.Images:
    client: Any = engine
    return images.ensure(client, root, lambda _: None)


def test_what_is_missing_is_built(engine: FakeEngine, root: Path) -> None:
    assert ensure(engine, root).built == ["kf-airflow-backing", "kf-airflow-localstack", "kf-airflow"]


def test_what_is_there_is_not_built_again(engine: FakeEngine, root: Path) -> None:
    ensure(engine, root)

    assert ensure(engine, root).built == []


def test_an_image_gets_the_labels_it_is_given_besides_its_own(engine: FakeEngine, root: Path) -> None:
    client: Any = engine
    context = BuildContext(root, "Dockerfile")

    image = images.build(
        client, images.AIRFLOW, context, "inputs", lambda _: None, labels={"version": "0.2.0"}
    )

    assert image.labels == {"version": "0.2.0", images.INPUTS_LABEL: "inputs"}


def test_what_has_changed_is_built_again(engine: FakeEngine, root: Path) -> None:
    ensure(engine, root)
    (root / "localstack/backing/Dockerfile").write_text("FROM other\n")

    assert "kf-airflow-backing" in ensure(engine, root).built


def test_an_image_is_referred_to_by_its_id(engine: FakeEngine, root: Path) -> None:
    assert ensure(engine, root)[images.AIRFLOW] == f"kf-airflow:3{ID[:11]}"


def test_a_private_ca_reaches_the_build(
    engine: FakeEngine, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))

    ensure(engine, root)

    assert engine.builds[-1]["buildargs"] == {"CA_BUNDLE_PATH": "build/image/ca.pem"}


def test_without_a_private_ca_nothing_is_said_of_one(engine: FakeEngine, root: Path) -> None:
    ensure(engine, root)

    assert engine.builds[-1]["buildargs"] == {}


def test_a_failing_step_is_told_with_what_it_printed(engine: FakeEngine, root: Path) -> None:
    engine.events = [{"stream": "cannot resolve\n"}, {"error": "exit code 1"}]

    with pytest.raises(LauncherError, match=r"kf-airflow-backing could not be built: exit code 1\ncannot"):
        ensure(engine, root)


def test_the_ends_of_build_stages_are_found() -> None:
    said = [
        "Step 1/4 : ARG BASE=x",
        "Step 2/4 : FROM x AS build",
        "---> aaaaaaaaaaaa",
        "Step 3/4 : RUN make",
        "---> Running in cccccccccccc",
        "---> bbbbbbbbbbbb",
        "Step 4/4 : FROM x",
        "---> aaaaaaaaaaaa",
    ]

    assert images.stage_ends(said) == ["bbbbbbbbbbbb"]


def test_a_build_stage_is_kept_by_name_in_place_of_the_one_before(engine: FakeEngine) -> None:
    client: Any = engine
    engine.add("01d", "kf-airflow-stage:0")
    engine.add("2e3", "unrelated:1")

    images.keep_stages(client, images.AIRFLOW, ["2e3"])

    assert sorted(tag for image in engine.known for tag in image.tags) == [
        base_image.BASE_IMAGE,
        "kf-airflow-stage:0",
        "unrelated:1",
    ]


@pytest.fixture
def old_and_new(engine: FakeEngine) -> Any:
    """An engine with two images of ours, and a build stage."""
    for name, created in (("old", "2025"), ("new", "2026")):
        engine.add(name, f"kf-airflow:{name}", created=created).labels = {images.INPUTS_LABEL: name}
    engine.add("57a9e", "kf-airflow-stage:0")
    return engine


def test_what_is_out_of_date_is_removed(old_and_new: Any) -> None:
    assert images.prune(old_and_new, keep_newest=True) == ["kf-airflow:old"]


def test_everything_may_be_removed(old_and_new: Any) -> None:
    assert images.prune(old_and_new, keep_newest=False) == [
        "kf-airflow:new",
        "kf-airflow:old",
        "kf-airflow-stage:0",
    ]


def test_a_base_image_that_was_made_here_goes_with_everything(old_and_new: Any) -> None:
    old_and_new.get(base_image.BASE_IMAGE).labels = {base_image.MADE_LABEL: "yes"}

    assert base_image.BASE_IMAGE in images.prune(old_and_new, keep_newest=False)


def test_an_image_in_use_stays(old_and_new: Any) -> None:
    old_and_new.in_use = {"kf-airflow:old"}

    assert images.prune(old_and_new, keep_newest=True) == []


def test_too_little_disk_space_is_found_before_anything_is_built(
    engine: FakeEngine, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise LauncherError("the disk is full")

    monkeypatch.setattr(host, "require_free_space", full)

    with pytest.raises(LauncherError, match="the disk is full"):
        ensure(engine, root)
    assert engine.builds == []


class TestBaseImage:
    """Where the base image comes from."""

    def test_one_that_is_there_is_used(self, engine: FakeEngine) -> None:
        client: Any = engine

        base_image.ensure(client, lambda said: pytest.fail(said))

    def test_one_that_cannot_be_pulled_is_made_by_root_on_debian(
        self, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client: Any = self.unreachable(engine, monkeypatch, distribution="debian")
        made: list[Any] = []
        monkeypatch.setattr(base_image, "make", made.append)

        base_image.ensure(client, lambda _: None)

        assert made == [client]

    def test_elsewhere_it_has_to_be_pulled(self, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        client: Any = self.unreachable(engine, monkeypatch, distribution="fedora")

        with pytest.raises(LauncherError, match=r"cannot be pulled .*let the engine reach Docker Hub"):
            base_image.ensure(client, lambda _: None)

    @staticmethod
    def unreachable(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, *, distribution: str) -> Any:
        """An engine without a base image and without a way to Docker Hub."""

        def pull(*_: Any, **__: Any) -> None:
            raise APIError("no such host")

        engine.known.clear()
        monkeypatch.setattr(engine, "pull", pull, raising=False)
        monkeypatch.setattr(host, "may_install", lambda: True)
        monkeypatch.setattr(host, "distribution", lambda: distribution)
        return engine
