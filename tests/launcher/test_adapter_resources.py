"""Everything else that differs between the providers 6.25 and 3.39."""

import json
from typing import Any

import pytest

from kf_airflow_local import adapter


def adapt(kind: str, block: dict[str, Any]) -> dict[str, Any]:
    """One adapted resource."""
    adapted = adapter.adapt({"resource": {kind: {"one": block}}})
    found: dict[str, Any] = adapted["resource"][kind]["one"]
    return found


def with_bucket(kind: str, block: dict[str, Any]) -> dict[str, Any]:
    """An adapted bucket that had one part of its own."""
    adapted = adapter.adapt(
        {
            "resource": {
                "aws_s3_bucket": {"logs": {}},
                kind: {"part": {"bucket": "${aws_s3_bucket.logs.id}", **block}},
            }
        }
    )
    assert kind not in adapted["resource"]
    found: dict[str, Any] = adapted["resource"]["aws_s3_bucket"]["logs"]
    return found


def test_the_given_document_stays_as_it_is() -> None:
    document = {"resource": {"aws_eip": {"one": {"domain": "vpc"}}}}

    adapter.adapt(document)

    assert document == {"resource": {"aws_eip": {"one": {"domain": "vpc"}}}}


def test_the_old_version_is_required() -> None:
    required = {"aws": {"source": "aws", "version": "6.25.0"}}

    adapted = adapter.adapt({"terraform": {"required_providers": required}})

    assert adapted["terraform"]["required_providers"]["aws"]["version"] == "3.39.0"


def test_the_provider_is_told_of_path_style_by_the_old_name() -> None:
    adapted = adapter.adapt({"provider": {"aws": [{"s3_use_path_style": True}]}})

    assert adapted["provider"]["aws"] == [{"s3_force_path_style": True}]


def test_endpoints_have_the_names_of_then() -> None:
    endpoints = {"elbv2": "http://a", "logs": "http://a", "ecs": "http://a"}

    adapted = adapter.adapt({"provider": {"aws": [{"endpoints": [endpoints]}]}})

    assert adapted["provider"]["aws"][0]["endpoints"] == [
        {"ecs": "http://a", "elb": "http://a", "cloudwatchlogs": "http://a"}
    ]


def test_a_replication_group_has_the_old_argument_names() -> None:
    block = {"description": "the broker", "num_cache_clusters": 1, "transit_encryption_mode": "required"}

    assert adapt("aws_elasticache_replication_group", block) == {
        "replication_group_description": "the broker",
        "number_cache_clusters": 1,
    }


@pytest.mark.parametrize(
    ("version", "old"), [("7.1", "6.x"), ("7", "6.x"), ("6.2", "6.x"), ("5.0.6", "5.0.6")]
)
def test_a_redis_version_has_a_form_that_the_old_provider_takes(version: str, old: str) -> None:
    adapted = adapt("aws_elasticache_replication_group", {"engine_version": version})

    assert adapted["engine_version"] == old


def test_an_address_for_a_vpc_says_so_in_the_old_way() -> None:
    assert adapt("aws_eip", {"domain": "vpc"}) == {"vpc": True}


def test_versioning_moves_into_the_bucket() -> None:
    block = {"versioning_configuration": {"status": "Enabled"}}

    assert with_bucket("aws_s3_bucket_versioning", block) == {"versioning": {"enabled": True}}


def test_encryption_moves_into_the_bucket() -> None:
    rule = {"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}

    adapted = with_bucket("aws_s3_bucket_server_side_encryption_configuration", {"rule": [rule]})

    assert adapted["server_side_encryption_configuration"] == {
        "rule": {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    }


def test_the_life_cycle_moves_into_the_bucket() -> None:
    rule = {
        "id": "logs",
        "status": "Enabled",
        "filter": [{"prefix": "logs/"}],
        "expiration": [{"days": 30}],
        "noncurrent_version_expiration": [{"noncurrent_days": 7}],
        "abort_incomplete_multipart_upload": [{"days_after_initiation": 1}],
    }

    adapted = with_bucket("aws_s3_bucket_lifecycle_configuration", {"rule": [rule]})

    assert adapted["lifecycle_rule"] == [
        {
            "id": "logs",
            "enabled": True,
            "prefix": "logs/",
            "abort_incomplete_multipart_upload_days": 1,
            "expiration": [{"days": 30}],
            "noncurrent_version_expiration": [{"days": 7}],
        }
    ]


def test_what_depended_on_a_part_of_a_bucket_depends_on_the_bucket() -> None:
    adapted = adapter.adapt(
        {
            "resource": {
                "aws_s3_bucket": {"logs": {}},
                "aws_s3_bucket_versioning": {
                    "part": {
                        "bucket": "${aws_s3_bucket.logs.id}",
                        "versioning_configuration": {"status": "Enabled"},
                    }
                },
                "aws_s3_bucket_policy": {"one": {"depends_on": ["aws_s3_bucket_versioning.part"]}},
            }
        }
    )

    assert adapted["resource"]["aws_s3_bucket_policy"]["one"] == {"depends_on": ["aws_s3_bucket.logs"]}


def test_a_part_of_a_bucket_that_is_not_of_the_stack_is_refused() -> None:
    block = {"bucket": "elsewhere", "versioning_configuration": {"status": "Enabled"}}

    with pytest.raises(ValueError, match=r"aws_s3_bucket_versioning\.one has the bucket 'elsewhere'"):
        adapter.adapt({"resource": {"aws_s3_bucket_versioning": {"one": block}}})


def rule(direction: str, **block: Any) -> dict[str, Any]:
    """An adapted security group rule."""
    kind = f"aws_vpc_security_group_{direction}_rule"
    adapted = adapter.adapt(
        {"resource": {kind: {"one": {"security_group_id": "${aws_security_group.a.id}", **block}}}}
    )
    found: dict[str, Any] = adapted["resource"]["aws_security_group_rule"][f"one_{direction}"]
    return found


def test_a_rule_for_addresses_has_a_list_of_them() -> None:
    assert rule("ingress", ip_protocol="tcp", from_port=80, to_port=80, cidr_ipv4="10.0.0.0/16") == {
        "type": "ingress",
        "security_group_id": "${aws_security_group.a.id}",
        "protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
        "cidr_blocks": ["10.0.0.0/16"],
    }


def test_a_rule_for_all_protocols_has_no_ports() -> None:
    adapted = rule("egress", ip_protocol="-1", cidr_ipv4="0.0.0.0/0")

    assert (adapted["protocol"], adapted["from_port"], adapted["to_port"]) == ("-1", 0, 0)


def test_a_rule_for_another_group_names_it_as_the_source() -> None:
    adapted = rule("ingress", ip_protocol="-1", referenced_security_group_id="${aws_security_group.b.id}")

    assert adapted["source_security_group_id"] == "${aws_security_group.b.id}"


def test_a_rule_for_its_own_group_says_self() -> None:
    adapted = rule("ingress", ip_protocol="-1", referenced_security_group_id="${aws_security_group.a.id}")

    assert adapted["self"] is True
    assert "source_security_group_id" not in adapted


def test_a_restart_policy_travels_in_a_label() -> None:
    policy = {"enabled": True, "restartAttemptPeriod": 60}
    definitions = json.dumps([{"name": "scheduler", "restartPolicy": policy}])

    adapted = adapt("aws_ecs_task_definition", {"container_definitions": definitions})

    (container,) = json.loads(adapted["container_definitions"])
    assert container == {
        "name": "scheduler",
        "dockerLabels": {"localstack-dataplane.restart-policy": json.dumps(policy)},
    }


def test_a_task_definition_loses_what_was_not_known_then() -> None:
    block = {"container_definitions": "[]", "runtime_platform": {"cpu_architecture": "ARM64"}}

    assert adapt("aws_ecs_task_definition", block) == {"container_definitions": "[]"}


def test_capacity_providers_move_into_the_cluster() -> None:
    adapted = adapter.adapt(
        {
            "resource": {
                "aws_ecs_cluster": {"one": {"name": "kf"}},
                "aws_ecs_cluster_capacity_providers": {
                    "two": {
                        "cluster_name": "${aws_ecs_cluster.one.name}",
                        "capacity_providers": ["FARGATE"],
                    }
                },
            }
        }
    )

    assert adapted["resource"] == {
        "aws_ecs_cluster": {"one": {"name": "kf", "capacity_providers": ["FARGATE"]}}
    }


def test_enhanced_container_insights_become_plain_ones() -> None:
    adapted = adapt("aws_ecs_cluster", {"setting": [{"name": "containerInsights", "value": "enhanced"}]})

    assert adapted == {"setting": {"name": "containerInsights", "value": "enabled"}}


def test_listeners_lose_their_tags() -> None:
    assert adapt("aws_lb_listener", {"port": 80, "tags": {"Name": "kf"}}) == {"port": 80}


def test_the_name_of_a_region_is_read_by_the_old_attribute() -> None:
    adapted = adapter.adapt({"output": {"region": {"value": "${data.aws_region.here.region}"}}})

    assert adapted["output"]["region"]["value"] == "${data.aws_region.here.name}"


def test_ownership_by_the_bucket_alone_becomes_the_strongest_of_then() -> None:
    adapted = adapt("aws_s3_bucket_ownership_controls", {"rule": {"object_ownership": "BucketOwnerEnforced"}})

    assert adapted == {"rule": {"object_ownership": "BucketOwnerPreferred"}}


@pytest.mark.parametrize(
    ("minimum", "maximum", "kept"), [(100, 200, True), (0, 200, False), (100, 150, False), (0, 100, False)]
)
def test_a_service_has_a_circuit_breaker_where_the_provider_would_not_forget_percentages_for_it(
    minimum: int, maximum: int, kept: bool
) -> None:
    percentages = {
        "deployment_minimum_healthy_percent": minimum,
        "deployment_maximum_percent": maximum,
    }
    breaker = {"deployment_circuit_breaker": {"enable": True, "rollback": True}}

    assert adapt("aws_ecs_service", {**percentages, **breaker}) == {
        **percentages,
        **(breaker if kept else {}),
    }


def test_percentages_that_terraform_is_told_later_decide_on_the_circuit_breaker_then() -> None:
    percentages = {
        "deployment_minimum_healthy_percent": "${var.minimum}",
        "deployment_maximum_percent": 200,
    }

    adapted = adapt("aws_ecs_service", {**percentages, "deployment_circuit_breaker": {"enable": True}})

    assert adapted == {
        **percentages,
        "dynamic": {
            "deployment_circuit_breaker": {
                "for_each": "${var.minimum == 100 ? [1] : []}",
                "content": {"enable": True},
            }
        },
    }


def test_a_discovery_service_loses_what_was_not_known_then() -> None:
    assert adapt("aws_service_discovery_service", {"name": "web", "force_destroy": True}) == {"name": "web"}


def test_tags_that_are_default_ones_are_left_out() -> None:
    adapted = adapter.adapt(
        {
            "provider": {"aws": [{"default_tags": [{"tags": {"Owner": "us", "Name": "kf"}}]}]},
            "resource": {
                "aws_vpc": {
                    "same": {"tags": {"Name": "kf"}},
                    "other": {"tags": {"Name": "other", "Owner": "us"}},
                }
            },
        }
    )

    assert adapted["resource"]["aws_vpc"] == {"same": {}, "other": {"tags": {"Name": "other"}}}
