"""Sizes of tasks: which memory goes with which CPU on Fargate, as Terraform can say it of two variables."""

from __future__ import annotations

import json
from collections.abc import Container

from kf_airflow.sizing import FARGATE_MEMORY_MIB
from kf_airflow_modules.constraints import Constraint
from kf_airflow_modules.inputs import Input, Values

_CPU, _MEMORY = "cpu", "memory_mib"
_PAIRS = json.dumps({str(cpu): list(memory) for cpu, memory in FARGATE_MEMORY_MIB.items()})


def size_constraint(given: Input, variables: Container[str], values: Values) -> Constraint | None:
    """Returns what a CPU or memory may be, together with the other; None for any other option.

    Args:
        given: The option.
        variables: The names of the module's variables.
        values: What the options are that are none.
    """
    if not given.ruled:
        return None
    prefix = given.name.removesuffix(_CPU).removesuffix(_MEMORY)
    names = {_CPU: prefix + _CPU, _MEMORY: prefix + _MEMORY}
    cpu, memory = (f"var.{name}" if name in variables else str(values[name]) for name in names.values())
    if given.name == names[_CPU] and names[_MEMORY] in variables:
        # The memory's own validation compares them.
        sizes = sorted(FARGATE_MEMORY_MIB)
        allowed = f"allowed are {', '.join(map(str, sizes))}"
        return Constraint(f"contains({sizes}, {cpu})", allowed, tuple(sizes), (sizes[0] - 1, sizes[-1] + 1))
    return Constraint(
        f"contains(lookup({_PAIRS}, tostring({cpu}), []), {memory})",
        f"allowed with {names[_CPU]} ${{jsonencode({cpu})}} is what Fargate has"
        if memory.startswith("var.")
        else f"allowed is what Fargate has with {memory} MiB",
        (),
        (511,),
    )
