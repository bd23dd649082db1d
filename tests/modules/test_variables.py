"""The variables of the modules: the constructs' options, with their defaults and their checks."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from module_roots import BUILT, REQUIRED, built, by_name

from kf_airflow_modules.constraints import constraint_of

PARTS = sorted(by_name())
CASES = {
    f"{part}.{given.name}": (part, given, constraint)
    for part in PARTS
    for given in by_name()[part].inputs
    if given.name in built(part)["variable"] and (constraint := constraint_of(given))
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """With which sentences Terraform refuses values at the edges of what is allowed: by case and value."""
    tried: dict[str, tuple[str, int | str, dict[str, Any]]] = {}
    for case, (part, given, constraint) in CASES.items():
        for value in (*constraint.good, *constraint.bad):
            tried[f"m{len(tried)}"] = (case, value, {given.name: built(part)["variable"][given.name]})
    folder = tmp_path_factory.mktemp("variables")
    said = sentences(
        folder,
        {name: (module, case.partition(".")[2], value) for name, (case, value, module) in tried.items()},
    )
    found: dict[str, dict[str, str]] = {case: {} for case in CASES}
    for name, (case, value, _) in tried.items():
        if name in said:
            found[case][json.dumps(value)] = said[name]
    return found


def sentences(folder: Path, calls: dict[str, tuple[dict[str, Any], str, Any]]) -> dict[str, str]:
    """Returns what Terraform says of modules that have a variable and nothing else: by module."""
    for name, (variables, _, _) in calls.items():
        (folder / name).mkdir()
        (folder / name / "main.tf.json").write_text(json.dumps({"variable": variables}))
    root = {
        "module": {
            name: {"source": f"./{name}", variable: escaped(value)}
            for name, (_, variable, value) in calls.items()
        }
    }
    (folder / "main.tf.json").write_text(json.dumps(root))
    subprocess.run(["terraform", "init"], cwd=folder, capture_output=True, check=True)
    done = subprocess.run(
        ["terraform", "plan", "-json"], cwd=folder, capture_output=True, text=True, check=False
    )
    found = {}
    for line in done.stdout.splitlines():
        diagnostic = json.loads(line).get("diagnostic") if line.startswith("{") else None
        if diagnostic:
            assert diagnostic["summary"] == "Invalid value for variable", diagnostic
            context = diagnostic["snippet"]["context"].removeprefix("module.")
            found[context] = diagnostic["detail"].partition("\n")[0]
    return found


def escaped(value: Any) -> Any:
    return value.replace("${", "$${") if isinstance(value, str) else value


@pytest.mark.parametrize("case", CASES)
def test_terraform_refuses_what_the_construct_does_and_takes_the_rest(
    case: str, refused: dict[str, dict[str, str]]
) -> None:
    _, given, constraint = CASES[case]
    by_construct = {
        json.dumps(value) for value in (*constraint.good, *constraint.bad) if not given.allows(value)
    }
    expected = {json.dumps(value) for value in constraint.bad} if constraint.ours else by_construct

    assert constraint.good or constraint.bad
    assert set(refused[case]) == expected


@pytest.mark.parametrize("case", CASES)
def test_the_sentence_has_name_value_and_what_is_allowed(
    case: str, refused: dict[str, dict[str, str]]
) -> None:
    _, given, _constraint = CASES[case]

    for value, sentence in refused[case].items():
        assert sentence.startswith(f"{given.name} is {value}: allowed ")


def test_memory_is_compared_with_the_cpu(tmp_path: Path) -> None:
    variables = {
        name: variable
        for name, variable in built("service")["variable"].items()
        if name in ("service_cpu", "service_memory_mib")
    }

    said = sentences(
        tmp_path,
        {
            "good": (variables, "service_memory_mib", 1024),
            "bad": (variables, "service_memory_mib", 4096),
        },
    )

    assert said == {"bad": "service_memory_mib is 4096: allowed with service_cpu 256 is what Fargate has."}


@pytest.mark.parametrize("part", PARTS)
def test_the_defaults_are_those_of_the_construct(part: str) -> None:
    options = {given.name: given for given in by_name()[part].inputs}

    for name, variable in built(part)["variable"].items():
        assert ("default" in variable) != options[name].required
        assert variable.get("default") == options[name].default


@pytest.mark.parametrize("part", PARTS)
def test_every_variable_has_a_type_and_is_described(part: str) -> None:
    for variable in built(part)["variable"].values():
        assert variable["type"] in {"string", "number", "bool", "list(string)", "map(string)"}
        assert len(variable["description"]) > 5


@pytest.mark.parametrize("part", PARTS)
def test_every_option_is_a_variable_or_said_to_be_none(part: str) -> None:
    text = (BUILT / part / "README.md").read_text()

    assert [given.name for given in by_name()[part].inputs if f"| `{given.name}` |" not in text] == []


@pytest.mark.parametrize("part", PARTS)
def test_nothing_of_the_probes_is_left(part: str) -> None:
    text = json.dumps(built(part)) + (BUILT / part / "README.md").read_text()

    assert "kfz" not in text
    assert "4937" not in text
    assert "TfToken" not in text


def test_what_has_to_be_said_is_what_the_plans_say() -> None:
    needed = {
        name
        for part in PARTS
        for name, variable in built(part)["variable"].items()
        if "default" not in variable
    }

    assert needed == set(REQUIRED)
