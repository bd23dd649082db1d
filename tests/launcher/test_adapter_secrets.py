"""Random values, write-only arguments and RDS's own secret, for the provider 3.39."""

from typing import Any

from kf_airflow_local import adapter

RANDOM = "ephemeral.aws_secretsmanager_random_password"


def stack(**resources: dict[str, Any]) -> dict[str, Any]:
    return {"resource": {kind: {"one": block} for kind, block in resources.items()}}


def with_random_password() -> dict[str, Any]:
    document = stack(
        aws_secretsmanager_secret_version={
            "secret_id": "${aws_secretsmanager_secret.one.id}",
            "secret_string_wo": f'${{jsonencode({{"key" = {RANDOM}.admin.random_password}})}}',
            "secret_string_wo_version": 1,
        }
    )
    document["ephemeral"] = {
        "aws_secretsmanager_random_password": {"admin": {"password_length": 40, "exclude_punctuation": True}}
    }
    return document


def test_an_ephemeral_password_becomes_a_value_that_stays() -> None:
    adapted = adapter.adapt(with_random_password())

    assert adapted["resource"]["terraform_data"]["admin"] == {
        "input": "${sensitive(uuid())}",
        "lifecycle": {"ignore_changes": ["input"]},
    }


def test_no_ephemeral_block_is_left() -> None:
    assert "ephemeral" not in adapter.adapt(with_random_password())


def test_a_write_only_secret_is_written_plainly_with_a_text_of_the_same_length() -> None:
    adapted = adapter.adapt(with_random_password())

    assert adapted["resource"]["aws_secretsmanager_secret_version"]["one"] == {
        "secret_id": "${aws_secretsmanager_secret.one.id}",
        "secret_string": '${jsonencode({"key" = substr(sha512(terraform_data.admin.output), 0, 40)})}',
    }


def test_ids_that_begin_alike_are_told_apart() -> None:
    document = with_random_password()
    passwords = document["ephemeral"]["aws_secretsmanager_random_password"]
    passwords["admin_2"] = {"password_length": 8}
    document["output"] = {"second": {"value": f"${{{RANDOM}.admin_2.random_password}}"}}

    adapted = adapter.adapt(document)

    assert adapted["output"]["second"]["value"] == "${substr(sha512(terraform_data.admin_2.output), 0, 8)}"


def with_database(**arguments: Any) -> dict[str, Any]:
    document = stack(aws_db_instance={"username": "airflow", **arguments})
    document["output"] = {
        "arn": {"value": "${aws_db_instance.one.master_user_secret[0].secret_arn}"},
        "name": {"value": "${aws_db_instance.one.db_name}"},
    }
    return document


def test_a_database_has_its_name_under_the_old_argument() -> None:
    adapted = adapter.adapt(with_database(db_name="airflow"))

    assert adapted["resource"]["aws_db_instance"]["one"] == {"username": "airflow", "name": "airflow"}


def test_a_reference_to_a_database_name_reads_the_old_attribute() -> None:
    assert adapter.adapt(with_database())["output"]["name"]["value"] == "${aws_db_instance.one.name}"


def test_a_managed_master_password_becomes_a_random_one() -> None:
    adapted = adapter.adapt(with_database(manage_master_user_password=True))

    assert adapted["resource"]["aws_db_instance"]["one"] == {
        "username": "airflow",
        "password": "${substr(sha512(terraform_data.one_master.output), 0, 32)}",
    }


def test_the_master_secret_has_the_keys_that_rds_gives_it() -> None:
    adapted = adapter.adapt(with_database(manage_master_user_password=True))

    assert adapted["resource"]["aws_secretsmanager_secret_version"]["one_master"]["secret_string"] == (
        '${jsonencode({"username" = "airflow", '
        '"password" = substr(sha512(terraform_data.one_master.output), 0, 32)})}'
    )


def test_a_master_user_name_that_is_an_expression_stays_one() -> None:
    document = with_database(manage_master_user_password=True, username="${local.user}")

    version = adapter.adapt(document)["resource"]["aws_secretsmanager_secret_version"]["one_master"]

    assert '"username" = local.user' in version["secret_string"]


def test_who_reads_the_master_secret_gets_ours() -> None:
    adapted = adapter.adapt(with_database(manage_master_user_password=True))

    assert adapted["output"]["arn"]["value"] == "${aws_secretsmanager_secret_version.one_master.arn}"


def test_who_reads_the_master_secret_by_the_other_index_form_gets_ours_too() -> None:
    document = with_database(manage_master_user_password=True)
    document["output"]["arn"]["value"] = "${aws_db_instance.one.master_user_secret.0.secret_arn}"

    adapted = adapter.adapt(document)

    assert adapted["output"]["arn"]["value"] == "${aws_secretsmanager_secret_version.one_master.arn}"


def test_a_database_with_a_password_of_its_own_gets_no_secret() -> None:
    adapted = adapter.adapt(with_database(password="given"))

    assert "aws_secretsmanager_secret" not in adapted["resource"]
