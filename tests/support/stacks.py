"""Every stack that is scanned and validated: the library's defaults, the configurations, the examples.

A file of `tests/examples` is either a program, whose `place(stack)` puts constructs into a stack that has a
provider already, or settings such as those in `config`. A folder there has its program in `stack.py`, beside
what the stack runs. Whoever may reach an example from outside stands in its constant `ALLOWED_CIDRS`, or in
its settings.
"""

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from kf_airflow import Airflow, AirflowStack, load_settings  # first: the bindings then load one by one
from kf_airflow.hcl import Blocks
from kf_airflow.hcl_stack import blocks_of

# isort: split
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from project import ROOT
from synthesis import Synthesized, synthesize_stack

REGION = "us-east-1"
EXAMPLES = ROOT / "tests/examples"
CONFIGURATIONS = ROOT / "config"


@dataclass(frozen=True)
class Source:
    """Where a stack comes from.

    Args:
        make: Puts the stack into an app.
        allowed_cidrs: Who its author says may reach it.
    """

    make: Callable[[App], TerraformStack]
    allowed_cidrs: frozenset[str] = field(default=frozenset())


def names() -> list[str]:
    """Returns what the stacks are called: `default`, `config/<environment>` and `examples/<file>`."""
    configurations = sorted(path.stem for path in CONFIGURATIONS.glob("*.toml"))
    examples = sorted(
        path.stem
        for path in EXAMPLES.iterdir()
        if path.suffix in {".py", ".toml"} or (path / "stack.py").is_file()
    )
    return [
        "default",
        *(f"config/{name}" for name in configurations),
        *(f"examples/{name}" for name in examples),
    ]


@cache
def synthesized(name: str) -> Synthesized:
    """Returns the stack of that name."""
    with _source(name) as source:
        return synthesize_stack(source.make, validated=True)


@cache
def blocks(name: str) -> Mapping[str, Blocks]:
    """Returns what the bindings take for a block in the stack of that name."""
    with _source(name) as source:
        return blocks_of(source.make(App(skip_validation=True)))


@cache
def allowed_cidrs(name: str) -> frozenset[str]:
    """Returns the blocks from which the options of that stack let anybody in."""
    with _source(name) as source:
        return source.allowed_cidrs


@contextmanager
def _source(name: str) -> Iterator[Source]:
    kind, _, file = name.partition("/")
    if kind == "default":
        yield _of_program(_place_default)
    elif kind == "config":
        with _root_with(CONFIGURATIONS) as root:
            yield _of_settings(file, root)
    elif (program := _program(file)) is not None:
        module = _loaded(program)
        yield _of_program(module.place, frozenset(getattr(module, "ALLOWED_CIDRS", ())))
    else:
        with _root_with(EXAMPLES) as root:
            yield _of_settings(file, root)


def example(name: str) -> ModuleType:
    """Returns the program of an example."""
    program = _program(name)
    assert program is not None, f"{name} has no program"
    return _loaded(program)


def _program(name: str) -> Path | None:
    places = (EXAMPLES / f"{name}.py", EXAMPLES / name / "stack.py")
    return next((place for place in places if place.is_file()), None)


def _loaded(program: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{program.parent.name}_{program.stem}", program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _place_default(stack: TerraformStack) -> None:
    Airflow(stack, "airflow", name="kf-airflow-dev", image="registry.example.org/kf-airflow:0000000")


def _of_program(
    place: Callable[[TerraformStack], object], allowed_cidrs: frozenset[str] = frozenset()
) -> Source:
    def make(app: App) -> TerraformStack:
        stack = TerraformStack(app, "stack")
        AwsProvider(stack, "aws", region=REGION)
        place(stack)
        return stack

    return Source(make, allowed_cidrs)


def _of_settings(environment: str, root: Path) -> Source:
    settings = load_settings(environment, root=root)
    return Source(
        lambda app: AirflowStack(app, "stack", settings=settings),
        frozenset(settings.ingress.allowed_cidrs or ()),
    )


@contextmanager
def _root_with(settings: Path) -> Iterator[Path]:
    """A folder with those settings, and the CA certificate the local ones ask for."""
    with TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "config").symlink_to(settings)
        certificate = root / "build/local/ca/ca.pem"
        certificate.parent.mkdir(parents=True)
        certificate.write_text("-----BEGIN CERTIFICATE-----\nlocal\n-----END CERTIFICATE-----\n")
        yield root
