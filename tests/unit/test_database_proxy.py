import json

import pytest
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import DatabaseProxy, DatabaseRef, KeyRef, NetworkRef

DATABASE = DatabaseRef(
    address="kf.abc.us-east-1.rds.amazonaws.com",
    name="airflow",
    secret_arn="arn:master",
    security_group_id="sg-database",
    max_connections=100,
    identifier="kf",
)


@pytest.fixture(scope="module")
def minimal(network: NetworkRef) -> Synthesized:
    return synthesize(
        lambda stack: DatabaseProxy(
            stack, "proxy", name="kf", network=network, database=DATABASE, secret_arns=["arn:metadata"]
        )
    )


def test_a_minimal_proxy_is_private_and_speaks_tls_alone(minimal: Synthesized) -> None:
    proxy = minimal.only("aws_db_proxy")

    assert (proxy["require_tls"], proxy["vpc_subnet_ids"]) == (True, ["subnet-1", "subnet-2"])


def test_it_writes_no_statements_into_its_log(minimal: Synthesized) -> None:
    assert minimal.only("aws_db_proxy")["debug_logging"] is False


def test_it_knows_the_logins_it_was_given(minimal: Synthesized) -> None:
    assert minimal.only("aws_db_proxy")["auth"] == [
        {
            "auth_scheme": "SECRETS",
            "client_password_auth_type": "POSTGRES_SCRAM_SHA_256",
            "iam_auth": "DISABLED",
            "secret_arn": "arn:metadata",
        }
    ]


def test_it_may_read_their_secrets_alone(minimal: Synthesized) -> None:
    statements = minimal.statements("proxy/secrets")

    assert {sid: statement["Resource"] for sid, statement in statements.items()} == {
        "ReadSecrets": ["arn:metadata"]
    }


def test_rds_alone_takes_its_role_on(minimal: Synthesized) -> None:
    (statement,) = json.loads(minimal.only("aws_iam_role")["assume_role_policy"])["Statement"]

    assert statement["Principal"] == {"Service": "rds.amazonaws.com"}


def test_it_stands_before_the_database(minimal: Synthesized) -> None:
    assert minimal.only("aws_db_proxy_target")["db_instance_identifier"] == "kf"


def test_it_reaches_the_database_and_nothing_else(minimal: Synthesized) -> None:
    out, into = (
        minimal.only(f"aws_vpc_security_group_{direction}_rule") for direction in ("egress", "ingress")
    )

    assert (out["referenced_security_group_id"], out["from_port"]) == ("sg-database", 5432)
    assert (into["security_group_id"], into["from_port"]) == ("sg-database", 5432)


def test_who_connects_goes_to_the_proxy_and_migrations_to_the_database(network: NetworkRef) -> None:
    refs: list[DatabaseRef] = []
    synthesize(
        lambda stack: refs.append(
            DatabaseProxy(
                stack, "proxy", name="kf", network=network, database=DATABASE, secret_arns=["arn:metadata"]
            ).ref
        )
    )
    (ref,) = refs

    assert (ref.direct_address, ref.name, ref.secret_arn) == (DATABASE.address, "airflow", "arn:master")
    assert ref.address != DATABASE.address
    assert ref.max_connections is None


def test_a_full_proxy_decrypts_and_encrypts_with_the_key_it_was_given(network: NetworkRef) -> None:
    proxy = synthesize(
        lambda stack: DatabaseProxy(
            stack,
            "proxy",
            name="kf",
            network=network,
            database=DATABASE,
            secret_arns=["arn:metadata", "arn:results"],
            key=KeyRef(arn="arn:key"),
        )
    )

    assert proxy.statements("proxy/secrets")["KeyThroughSecretsmanager"]["Resource"] == ["arn:key"]
    assert proxy.only("aws_cloudwatch_log_group")["kms_key_id"] == "arn:key"


def test_a_database_without_a_security_group_is_left_to_who_owns_it(network: NetworkRef) -> None:
    database = DatabaseRef(address="db", name="airflow", secret_arn="arn:master", identifier="kf")
    proxy = synthesize(
        lambda stack: DatabaseProxy(
            stack, "proxy", name="kf", network=network, database=database, secret_arns=["arn:metadata"]
        )
    )

    assert proxy.all("aws_vpc_security_group_ingress_rule") == []


def test_a_visitor_let_in_waits_for_the_rule_and_for_the_database_behind_it(network: NetworkRef) -> None:
    visitor = Visitor()
    synthesize(
        lambda stack: DatabaseProxy(
            stack, "proxy", name="kf", network=network, database=DATABASE, secret_arns=["arn:metadata"]
        ).allow_from(visitor)
    )

    assert visitor.awaited == ["from-visitor", "target"]


def test_a_database_that_is_none_of_rds_is_refused(network: NetworkRef) -> None:
    database = DatabaseRef(address="db", name="airflow", secret_arn="arn:master")

    with pytest.raises(ValueError, match="identifier of the database is None: allowed is what RDS calls"):
        synthesize(
            lambda stack: DatabaseProxy(
                stack, "proxy", name="kf", network=network, database=database, secret_arns=["arn:metadata"]
            )
        )


def test_a_proxy_without_logins_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="secret_arns is empty: allowed is one secret or more"):
        synthesize(
            lambda stack: DatabaseProxy(
                stack, "proxy", name="kf", network=network, database=DATABASE, secret_arns=[]
            )
        )
