import pytest

from kf_airflow.image_reference import ImageReference, given_image, parse_image

DIGEST = f"sha256:{64 * 'a'}"
REPOSITORY = "111122223333.dkr.ecr.us-east-1.amazonaws.com/kids-first/kf-airflow"


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("kf-airflow", "kf-airflow", None, None),
        ("kf-airflow:1a2b3c4", "kf-airflow", "1a2b3c4", None),
        (f"kf-airflow@{DIGEST}", "kf-airflow", None, DIGEST),
        (f"{REPOSITORY}:v1.2.3@{DIGEST}", REPOSITORY, "v1.2.3", DIGEST),
        ("localhost:5000/kf-airflow", "localhost:5000/kf-airflow", None, None),
        ("localhost:5000/kf_airflow:A-b_c.d", "localhost:5000/kf_airflow", "A-b_c.d", None),
        ("Registry.Example.org/a/b__c/d---e", "Registry.Example.org/a/b__c/d---e", None, None),
    ],
)
def test_a_reference_has_a_repository_and_perhaps_a_tag_and_a_digest(
    text: str, repository: str, tag: str | None, digest: str | None
) -> None:
    assert parse_image("image", text) == ImageReference(repository=repository, tag=tag, digest=digest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "KF-Airflow",
        "kf-airflow:",
        "kf-airflow:-1",
        f"kf-airflow:{129 * '1'}",
        "kf-airflow@sha256:123",
        f"kf-airflow@sha256:{64 * 'A'}",
        f"kf-airflow@sha512:{64 * 'a'}",
        f"kf-airflow@{DIGEST}:1",
        "https://registry.example.org/kf-airflow:1",
        "registry.example.org//kf-airflow:1",
        "-registry.example.org/kf-airflow",
        "kf-airflow:1\n",
    ],
)
def test_what_is_no_reference_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"image is .*: allowed is repository") as refused:
        parse_image("image", text)

    assert "\n" not in str(refused.value)


def test_the_digest_runs_where_there_is_one() -> None:
    assert parse_image("image", f"kf-airflow:1@{DIGEST}").pulled == f"kf-airflow@{DIGEST}"


@pytest.mark.parametrize("text", ["kf-airflow:1", "kf-airflow"])
def test_without_a_digest_the_reference_runs_as_it_is(text: str) -> None:
    assert parse_image("image", text).pulled == text


def test_the_digest_does_not_count_for_the_length() -> None:
    longest = f"{250 * 'a'}:1234@{DIGEST}"

    assert parse_image("image", longest).tag == "1234"


def test_a_reference_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed are 255 characters before the digest"):
        parse_image("image", f"{251 * 'a'}:1234")


def test_a_reference_of_terraform_s_is_left_as_it_is() -> None:
    assert given_image("image", "${aws_ecr_repository.it.url}:1").pulled == "${aws_ecr_repository.it.url}:1"
