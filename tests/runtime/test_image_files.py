import re

import pytest
from project import ROOT

LOCKS = (
    "docker/requirements.lock",
    "docker/build-requirements.lock",
    "tests/examples/api_service/requirements.lock",
)


def blocks(lock: str) -> list[str]:
    """A lock's requirements, each with its hashes."""
    return re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text().strip())


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    assert [block.split()[0] for block in blocks(lock) if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_registry(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()


def test_celery_is_one_that_the_provider_starts_with() -> None:
    [version] = [block for block in blocks("docker/requirements.lock") if block.startswith("celery==")]
    assert re.match(r"celery==5\.6\.", version)


def test_compiled_packages_have_wheels_for_both_architectures() -> None:
    # A wheel for one platform only would have one hash.
    [psycopg2] = [
        block for block in blocks("docker/requirements.lock") if block.startswith("psycopg2-binary")
    ]
    assert psycopg2.count("--hash") > 2


def test_the_dockerfile_has_nothing_that_only_buildkit_knows() -> None:
    instructions = [
        line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")
    ]
    assert not [line for line in instructions if re.search(r"--mount|--link|<<|# syntax", line)]


def test_the_dockerfile_ends_as_an_unprivileged_user_under_tini() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert text.index("\nUSER airflow\n") < text.index('ENTRYPOINT ["tini", "--", "kf-airflow"]')


def test_all_that_is_written_is_a_volume_of_the_image_s_user() -> None:
    text = (ROOT / "Dockerfile").read_text()
    final = text[text.index("# --- the image") :]
    assert 'VOLUME ["/opt/airflow/logs", "/opt/airflow/run", "/tmp"]' in final
    assert "--owner=airflow --group=airflow /opt/airflow/logs /opt/airflow/run" in final
    assert "chown airflow:airflow /tmp" in final


def test_nothing_changes_a_volume_after_it_was_named() -> None:
    # Docker drops such changes.
    text = (ROOT / "Dockerfile").read_text()
    assert not re.search(r"^(RUN|COPY|ADD)", text[text.index("\nVOLUME") :], re.MULTILINE)


def test_only_the_private_ca_of_the_build_folder_reaches_the_engine() -> None:
    allowed = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!build")
    ]
    assert allowed == ["!build/image/ca.pem"]
