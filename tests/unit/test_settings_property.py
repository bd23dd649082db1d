"""Whatever settings there are: a valid stack comes of them, or a sentence for each mistake."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from random_settings import MINIMAL, RandomSettings, random_settings
from random_variables import RandomVariable, random_variables
from settings_schema import keys
from stack_limits import unfit
from stack_references import dangling_references
from stack_walks import ingress_blocks, is_open, secret_literals
from synthesis import Synthesized
from task_limits import unfit_tasks
from toml_text import toml_text

from kf_airflow import AirflowStack, Settings, SettingsError, load_settings

# isort: split
from cdktf import App

# What Python and pydantic say to programmers.
_NOT_FOR_USERS = re.compile(
    r"Traceback|errors\.pydantic|input_type|[Ii]nput should|<class|<\w+ object|object at 0x|datetime\.|"
    r"Path\(|instance of|dictionary|\bNone\b|\bTrue\b|\bFalse\b|are \.|\n|\.\.$"
)
SIDECAR = {"name": "agent", "image": "agent:1", "memory_mib": 64}
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")

# The same examples in each run, so that a change is blamed only for what it broke. PROPERTY_EXAMPLES=2000
# searches longer, among others.
_EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")
_searched = settings(
    max_examples=int(_EXAMPLES or 120),
    derandomize=not _EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for settings, with the certificates they may name."""
    root = tmp_path_factory.mktemp("root")
    (root / "config").mkdir()
    for file in ("ca.pem", "build/local/ca/ca.pem"):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text("-----BEGIN CERTIFICATE-----\nlocal\n-----END CERTIFICATE-----\n")
    return root


@_searched
@given(random_settings())
@example(RandomSettings("dev", {**MINIMAL, "network": {"zones": "3"}}))
@example(
    RandomSettings("dev", {**MINIMAL, "extras": {"worker": {"sidecars": [{**SIDECAR, "ports": [True]}]}}})
)
def test_a_file_gives_a_valid_stack_or_sentences(root: Path, random: RandomSettings) -> None:
    outcome, wrong = _outcome(root, random)
    event(f"{'changed' if random.changes else 'good'}: {outcome}")

    assert wrong == []


@_searched
@given(random_variables())
def test_a_variable_counts_as_a_file_would_or_is_a_sentence(root: Path, random: RandomVariable) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(random.name, random.text)
        taken, problems = _loaded(root, "dev", toml_text(random.document))
    event(f"{'no setting' if random.overridden is None else 'a setting'}: {'taken' if taken else 'refused'}")
    sources = {"config/dev.toml", "The environment", random.name}
    assert [one for one in problems if not _is_sentence(one, sources)] == []
    if random.overridden is None:
        (problem,) = problems
        assert problem.startswith(f"The environment: {random.name} is not a setting; allowed ")
    else:
        assert taken == _loaded(root, "dev", toml_text(random.overridden))[0]


@_searched
@given(st.one_of(st.text(), st.binary()))
@example("count = " + 5000 * "9")
@example("count = " + 5000 * "[")
@example("[worker]\ncpu = 1\n[worker]\n")
@example(b"\xff")
def test_what_is_no_settings_at_all_is_a_sentence(root: Path, content: str | bytes) -> None:
    taken, problems = _loaded(root, "dev", content)

    assert taken is None
    assert [one for one in problems if not one.startswith("config/dev.toml: ") or one[-1] != "."] == []


def _outcome(root: Path, random: RandomSettings) -> tuple[str, list[str]]:
    """Returns what comes of settings, as main.py does it, and what is wrong with that."""
    file = f"config/{random.environment}.toml"
    taken, problems = _loaded(root, random.environment, toml_text(random.document))
    if taken is None:
        return "refused when read", [one for one in problems if not _is_sentence(one, {file})]
    mistyped = _mistyped(random.document, taken.model_dump(mode="json"))
    if mistyped:
        return "taken", [f"{one} was taken for something else" for one in mistyped]
    app, id_ = App(outdir=str(root / "out")), f"airflow-{random.environment}"
    try:
        AirflowStack(app, id_, settings=taken)
    except ValueError as error:
        problem = f"{file}: {error}."
        return "refused when put together", [] if _is_sentence(problem, {file}) else [problem]
    app.synth()
    text = (root / "out/stacks" / id_ / "cdk.tf.json").read_text(encoding="utf-8")
    return "synthesized", _wrong_with(Synthesized(text), taken)


def _mistyped(written: object, taken: object, path: str = "") -> list[str]:
    """Returns where an integer, or true or false, was taken from something that is written otherwise."""
    if isinstance(written, dict) and isinstance(taken, dict):
        return [
            one
            for key in written
            for one in _mistyped(written[key], taken.get(key), f"{path}.{key}".strip("."))
        ]
    if isinstance(written, list) and isinstance(taken, list):
        pairs = zip(written, taken, strict=True)
        return [one for first, second in pairs for one in _mistyped(first, second, f"{path}[]")]
    return [path] if isinstance(taken, int) and type(written) is not type(taken) else []


def _loaded(root: Path, environment: str, content: str | bytes) -> tuple[Settings | None, list[str]]:
    """Returns the settings, or what is said of them."""
    encoded = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    (root / f"config/{environment}.toml").write_bytes(encoded)
    try:
        return load_settings(environment, root=root), []
    except SettingsError as error:
        return None, error.problems


def _is_sentence(problem: str, sources: set[str]) -> bool:
    """Whether a problem says where it is, which key is meant and what to do, in words for users."""
    source, _, rest = problem.partition(": ")
    words = set(re.findall(r"[A-Za-z_]\w*", rest))
    names_key = bool(words & keys()) or any(word.startswith(("AIRFLOW__", "KF_AIRFLOW_")) for word in words)
    plain = not _NOT_FOR_USERS.search(_QUOTED.sub("", problem))
    return source in sources and names_key and plain and problem.endswith(".")


def _wrong_with(stack: Synthesized, taken: Settings) -> list[str]:
    allowed = taken.ingress.allowed_cidrs or ()
    return [
        *dangling_references(stack),
        *unfit(stack),
        *unfit_tasks(stack),
        *secret_literals(stack),
        *(
            f"{rule} lets {block} in"
            for rule, block in ingress_blocks(stack)
            if is_open(block) and block not in allowed
        ),
    ]
