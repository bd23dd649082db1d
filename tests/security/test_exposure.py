import json
import re

import stacks
from example_values import resolved
from stack_walks import ingress_blocks, is_open, secret_literals
from synthesis import Synthesized

_VALUE_FROM = re.compile(
    r"arn:aws[\w-]*:secretsmanager:[a-z]{2}(-[a-z]+)+-\d:\d{12}:secret:[\w/+=.@!-]+-[A-Za-z0-9]{6}:\w+::"
)


def test_only_whom_the_options_name_is_let_in_from_everywhere(name: str, stack: Synthesized) -> None:
    allowed = stacks.allowed_cidrs(name)
    opened = {(rule, block) for rule, block in ingress_blocks(stack) if is_open(block)}

    assert {(rule, block) for rule, block in opened if block not in allowed} == set()


def test_every_secret_of_a_container_is_a_key_of_a_secret(stack: Synthesized) -> None:
    values = {
        secret["valueFrom"]
        for task in stack.all("aws_ecs_task_definition")
        for container in json.loads(task["container_definitions"])
        for secret in container.get("secrets", [])
    }

    assert {value for value in values if not _VALUE_FROM.fullmatch(resolved(value))} == set()


def test_nothing_that_looks_like_a_secret_is_written_out(stack: Synthesized) -> None:
    assert secret_literals(stack) == []
