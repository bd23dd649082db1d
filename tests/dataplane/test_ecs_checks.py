"""What ECS refuses."""

import pytest

from localstack_dataplane.ecs import fargate
from localstack_dataplane.ecs.checks import definition_problem, normalized
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.requests import placement_problem, run_problem

CONTAINER = {"name": "app", "image": "i"}
LOGGING = {"logConfiguration": {"logDriver": "awslogs"}}
GOOD = {
    "family": "f",
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [CONTAINER],
}
WEB = TaskDefinition(
    arn="a/f:1", containers=(ContainerDefinition(name="app", image="i", ports=(80,)),), cpu=256, memory=512
)
NETWORK = {"awsvpcConfiguration": {"subnets": ["s"]}}


@pytest.mark.parametrize(
    ("size", "units"), [("256", 256), ("1 vCPU", 1024), (".5 vcpu", 512), ("0.25vCPU", 256), ("much", None)]
)
def test_cpu_is_given_in_units_or_in_words(size, units):
    assert fargate.cpu_units(size) == units


@pytest.mark.parametrize(("size", "mib"), [("512", 512), ("1 GB", 1024), ("0.5GB", 512), ("1 TB", None)])
def test_memory_is_given_in_mib_or_in_words(size, mib):
    assert fargate.memory_mib(size) == mib


@pytest.mark.parametrize(
    ("cpu", "memory", "taken"),
    [
        (256, 512, True),
        (256, 3072, False),
        (512, 512, False),
        (1024, 8192, True),
        (1024, 2500, False),
        (4096, 30720, True),
        (8192, 16384, True),
        (8192, 17408, False),
        (16384, 122880, True),
        (300, 512, False),
        (None, 512, False),
    ],
)
def test_fargate_has_certain_sizes(cpu, memory, taken):
    assert fargate.takes(cpu, memory) is taken


def test_sizes_are_kept_as_numbers():
    changed = normalized(GOOD | {"cpu": ".25 vCPU", "memory": "0.5 GB"})
    assert (changed["cpu"], changed["memory"]) == ("256", "512")


def test_what_is_a_number_already_is_left_alone():
    assert normalized(GOOD) is GOOD


def test_a_good_definition_has_no_problem():
    assert definition_problem(GOOD) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family": ""}, "Family"),
        ({"family": "a b"}, "Family"),
        ({"containerDefinitions": []}, "Container list cannot be empty"),
        ({"containerDefinitions": [{"name": "app"}]}, "Container.image"),
        ({"containerDefinitions": [{"image": "i"}]}, "Container.name"),
        ({"containerDefinitions": [CONTAINER, CONTAINER]}, "duplicates"),
        ({"containerDefinitions": [CONTAINER | {"essential": False}]}, "essential"),
        ({"cpu": "x"}, "Invalid 'cpu' setting"),
        ({"memory": "x"}, "Invalid 'memory' setting"),
        ({"networkMode": "host"}, "awsvpc"),
        ({"cpu": None}, "requires that 'cpu'"),
        ({"memory": "4096"}, "No Fargate configuration exists for given values: 256 CPU, 4096 memory"),
        ({"containerDefinitions": [CONTAINER | LOGGING]}, "execution role ARN to support log driver awslogs"),
        ({"containerDefinitions": [CONTAINER | {"secrets": [{}]}]}, "executionRoleArn"),
    ],
)
def test_a_bad_definition_is_refused_in_the_words_of_ecs(changes, words):
    assert words in definition_problem(GOOD | changes)


def test_ec2_has_tasks_of_any_size():
    assert definition_problem(GOOD | {"requiresCompatibilities": ["EC2"], "memory": "700"}) == ""


def test_a_good_placement_has_no_problem():
    balancer = {"containerName": "app", "containerPort": 80}
    assert placement_problem({"loadBalancers": [balancer]}, WEB, "FARGATE", NETWORK) == ""


@pytest.mark.parametrize(
    ("request_", "definition", "network", "words"),
    [
        ({}, TaskDefinition(arn="a/f:1", containers=()), NETWORK, "does not support launch_type FARGATE"),
        ({}, WEB, None, "must be provided"),
        ({}, WEB, {"awsvpcConfiguration": {"subnets": []}}, "subnets"),
        (
            {"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}},
            WEB,
            NETWORK,
            "block deployments",
        ),
        (
            {"deploymentConfiguration": {"minimumHealthyPercent": 110, "maximumPercent": 100}},
            WEB,
            NETWORK,
            "larger than",
        ),
        ({"loadBalancers": [{"containerName": "x", "containerPort": 80}]}, WEB, NETWORK, "container x does"),
        (
            {"loadBalancers": [{"containerName": "app", "containerPort": 81}]},
            WEB,
            NETWORK,
            "container port 81",
        ),
    ],
)
def test_what_cannot_be_placed_is_refused(request_, definition, network, words):
    assert words in placement_problem(request_, definition, "FARGATE", network)


def test_a_network_configuration_is_for_awsvpc():
    bridge = TaskDefinition(arn="a/f:1", containers=(), network_mode="bridge")
    assert placement_problem({}, bridge, "EC2", NETWORK)
    assert placement_problem({}, bridge, "EC2", None) == ""


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({}, ""),
        ({"count": 10}, ""),
        ({"count": 0}, "between 1 and 10"),
        ({"overrides": {"containerOverrides": [{"name": "x"}]}}, "container named x"),
    ],
)
def test_runtask_has_limits(request_, words):
    assert words in run_problem(request_, WEB)
    assert bool(words) is bool(run_problem(request_, WEB))
