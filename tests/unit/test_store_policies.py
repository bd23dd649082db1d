import json

from kf_airflow import policies


def test_a_key_is_used_through_one_service_alone() -> None:
    assert policies.decrypt("arn:key", via="secretsmanager") == {
        "Sid": "KeyThroughSecretsmanager",
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": ["arn:key"],
        "Condition": {
            "StringLike": {
                "kms:ViaService": ["secretsmanager.*.amazonaws.com", "secretsmanager.*.amazonaws.com.cn"]
            }
        },
    }


def test_writing_takes_a_data_key_too() -> None:
    assert policies.encrypt_and_decrypt("arn:key", via="s3")["Action"] == [
        "kms:Decrypt",
        "kms:GenerateDataKey",
    ]


def test_monitoring_takes_a_role_on_for_one_instance_of_one_account() -> None:
    (statement,) = json.loads(
        policies.assumed_by_monitoring(account_id="111111111111", instance_arn="arn:db:kf")
    )["Statement"]

    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {"aws:SourceArn": "arn:db:kf"},
    }


def test_monitoring_writes_one_log_group() -> None:
    resources = [statement["Resource"] for statement in policies.write_monitoring("arn:group")]

    assert resources == [["arn:group"], ["arn:group:log-stream:*"]]
