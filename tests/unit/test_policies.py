import json

import pytest

from kf_airflow import policies


def test_an_image_outside_ecr_needs_no_permission() -> None:
    assert policies.pull(["registry.example.org/kf-airflow:1"]) == []


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        (
            "111111111111.dkr.ecr.us-east-1.amazonaws.com/kf-airflow:1",
            "arn:aws:ecr:us-east-1:111111111111:repository/kf-airflow",
        ),
        (
            "111111111111.dkr.ecr.us-gov-west-1.amazonaws.com/team/kf-airflow@sha256:00",
            "arn:aws-us-gov:ecr:us-gov-west-1:111111111111:repository/team/kf-airflow",
        ),
        (
            "111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/kf-airflow",
            "arn:aws-cn:ecr:cn-north-1:111111111111:repository/kf-airflow",
        ),
    ],
)
def test_an_image_in_ecr_may_be_pulled_from_its_repository_alone(image: str, repository: str) -> None:
    login, pull = policies.pull([image, image])

    assert (login["Action"], pull["Resource"]) == (["ecr:GetAuthorizationToken"], [repository])


def test_a_task_may_protect_tasks_and_look_at_one_service() -> None:
    assert policies.protect_own_task(task_arns="arn:t/*", service_arn="arn:s") == [
        {
            "Sid": "ProtectTask",
            "Effect": "Allow",
            "Action": ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
            "Resource": ["arn:t/*"],
        },
        {
            "Sid": "DescribeOwnService",
            "Effect": "Allow",
            "Action": ["ecs:DescribeServices"],
            "Resource": ["arn:s"],
        },
    ]


def test_reading_objects_includes_listing_the_bucket() -> None:
    assert policies.read_objects("arn:b", "logs") == [
        {"Sid": "ReadObjects", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:b/logs/*"]},
        {"Sid": "ListObjects", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:b"]},
    ]


def test_writing_objects_does_not_include_deleting_them() -> None:
    actions = [
        action
        for statement in policies.read_and_write_objects("arn:b", "logs")
        for action in statement["Action"]  # type: ignore[attr-defined]
    ]

    assert actions == ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]


def test_archives_may_be_deleted_below_their_prefix_alone() -> None:
    *_, delete = policies.keep_archives("arn:b", "dags")

    assert (delete["Action"], delete["Resource"]) == (["s3:DeleteObject"], ["arn:b/dags/*"])


def test_the_bucket_policy_refuses_everybody_without_tls() -> None:
    (statement,) = json.loads(policies.tls_only("arn:b"))["Statement"]

    assert statement == {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:b", "arn:b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
