import pytest
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import Broker, BrokerOptions, BrokerRef, KeyRef, NetworkRef


@pytest.fixture(scope="module")
def minimal(network: NetworkRef) -> Synthesized:
    return synthesize(lambda stack: Broker(stack, "broker", name="kf", network=network))


def test_a_minimal_broker_is_encrypted_on_the_wire_and_at_rest(minimal: Synthesized) -> None:
    group = minimal.only("aws_elasticache_replication_group")

    assert (group["transit_encryption_enabled"], group["at_rest_encryption_enabled"]) == (True, "true")


def test_a_minimal_broker_is_one_node_that_fails_over_to_none(minimal: Synthesized) -> None:
    group = minimal.only("aws_elasticache_replication_group")

    assert (group["num_cache_clusters"], group["automatic_failover_enabled"], group["multi_az_enabled"]) == (
        1,
        False,
        False,
    )


def test_the_token_stays_what_it_was_at_first(minimal: Synthesized) -> None:
    assert minimal.only("terraform_data") == {
        "triggers_replace": "${sensitive(uuid())}",
        "lifecycle": {"ignore_changes": ["triggers_replace"]},
    }


def test_the_token_is_hashed_from_an_attribute_that_terraform_does_not_print(minimal: Synthesized) -> None:
    # `output` would be printed: Terraform does not mark it sensitive even when `input` is.
    token = minimal.only("aws_elasticache_replication_group")["auth_token"]

    assert token.endswith(".triggers_replace)}")
    assert "input" not in minimal.only("terraform_data")


def test_the_secret_holds_the_token_of_the_broker(minimal: Synthesized) -> None:
    token = (
        minimal.only("aws_elasticache_replication_group")["auth_token"].removeprefix("${").removesuffix("}")
    )

    assert token.startswith("sha256(terraform_data.")
    assert minimal.only("aws_secretsmanager_secret_version")["secret_string_wo"] == (
        f'${{jsonencode({{"password" = {token}}})}}'
    )


def test_the_secret_follows_the_token_once_the_nodes_take_it(minimal: Synthesized) -> None:
    token = minimal.only("aws_elasticache_replication_group")["auth_token"][2:-1]
    version = minimal.only("aws_secretsmanager_secret_version")

    assert version["secret_string_wo_version"] == f"${{parseint(substr(sha256({token}), 0, 7), 16)}}"
    assert [address.partition(".")[0] for address in version["depends_on"]] == [
        "aws_elasticache_replication_group"
    ]


def test_a_new_token_leaves_the_old_one_good(minimal: Synthesized) -> None:
    assert minimal.only("aws_elasticache_replication_group")["auth_token_update_strategy"] == "ROTATE"


def test_a_full_broker_refuses_tasks_instead_of_losing_them(minimal: Synthesized) -> None:
    group = minimal.only("aws_elasticache_parameter_group")

    assert (group["name"], group["family"], group["parameter"]) == (
        "kf-redis7",
        "redis7",
        [{"name": "maxmemory-policy", "value": "noeviction"}],
    )


def test_nobody_may_connect_at_first(minimal: Synthesized) -> None:
    assert minimal.all("aws_vpc_security_group_ingress_rule") == []


def test_a_full_broker_fails_over_to_its_replica(network: NetworkRef) -> None:
    options = BrokerOptions(
        node_type="cache.m7g.large",
        engine_version="7.0",
        replicas=1,
        snapshot_retention_days=7,
        snapshot_window="03:00-04:00",
        maintenance_window="sun:05:00-sun:06:00",
        apply_immediately=True,
        parameters={"timeout": "300"},
    )
    broker = synthesize(
        lambda stack: Broker(
            stack, "broker", name="kf", network=network, options=options, recovery_window_days=0
        )
    )
    group = broker.only("aws_elasticache_replication_group")
    expected = {
        "node_type": "cache.m7g.large",
        "engine_version": "7.0",
        "num_cache_clusters": 2,
        "automatic_failover_enabled": True,
        "multi_az_enabled": True,
        "snapshot_retention_limit": 7,
        "snapshot_window": "03:00-04:00",
        "maintenance_window": "sun:05:00-sun:06:00",
        "apply_immediately": True,
    }

    assert {key: group[key] for key in expected} == expected
    assert broker.only("aws_elasticache_parameter_group")["parameter"][1] == {
        "name": "timeout",
        "value": "300",
    }
    assert broker.only("aws_secretsmanager_secret")["recovery_window_in_days"] == 0


def test_valkey_has_parameters_of_its_own_family(network: NetworkRef) -> None:
    options = BrokerOptions(engine="valkey")
    broker = synthesize(lambda stack: Broker(stack, "broker", name="kf", network=network, options=options))
    group = broker.only("aws_elasticache_replication_group")

    assert (group["engine"], group["engine_version"]) == ("valkey", "8.1")
    assert broker.only("aws_elasticache_parameter_group")["family"] == "valkey8"


def test_the_name_of_a_parameter_group_has_no_point(network: NetworkRef) -> None:
    options = BrokerOptions(engine_version="6.2")
    broker = synthesize(lambda stack: Broker(stack, "broker", name="kf", network=network, options=options))

    assert broker.only("aws_elasticache_parameter_group")["name"] == "kf-redis6-x"


def test_a_broker_without_auth_has_no_token_and_no_secret(network: NetworkRef) -> None:
    options = BrokerOptions(auth=False, tls=False)
    refs: list[BrokerRef] = []
    broker = synthesize(
        lambda stack: refs.append(Broker(stack, "broker", name="kf", network=network, options=options).ref)
    )
    group = broker.only("aws_elasticache_replication_group")

    assert (group["transit_encryption_enabled"], "auth_token" in group) == (False, False)
    assert broker.all("aws_secretsmanager_secret") == broker.all("terraform_data") == []
    assert (refs[0].secret_arn, refs[0].tls) == (None, False)


def test_nodes_and_secret_are_encrypted_with_a_key_that_is_brought(network: NetworkRef) -> None:
    key = KeyRef(arn="arn:key")
    broker = synthesize(lambda stack: Broker(stack, "broker", name="kf", network=network, key=key))

    assert broker.only("aws_elasticache_replication_group")["kms_key_id"] == "arn:key"
    assert broker.only("aws_secretsmanager_secret")["kms_key_id"] == "arn:key"


def test_a_visitor_let_in_gets_one_rule_and_waits_for_it(network: NetworkRef) -> None:
    visitor = Visitor()
    broker = synthesize(lambda stack: Broker(stack, "broker", name="kf", network=network).allow_from(visitor))
    rule = broker.only("aws_vpc_security_group_ingress_rule")

    assert (rule["referenced_security_group_id"], rule["from_port"], rule["to_port"]) == (
        "sg-visitor",
        6379,
        6379,
    )
    assert visitor.awaited == ["from-visitor"]


def test_a_recovery_window_secrets_manager_does_not_have_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="recovery_window_days is 3: allowed are 0 and 7 to 30"):
        synthesize(lambda stack: Broker(stack, "broker", name="kf", network=network, recovery_window_days=3))
