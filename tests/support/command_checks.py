"""Whether a command that the documentation tells is one that there is, by the parser that will read it."""

import importlib.util
import re
import subprocess
from collections.abc import Callable, Mapping
from functools import cache

import typer.main
from aws_commands import aws_problem
from project import ROOT
from sessions import sessions
from shell_commands import ShellCommand
from typer.exceptions import TyperException

from kf_airflow_deploy import command_line
from kf_airflow_local import cli
from kf_airflow_modules.__main__ import parser as modules_parser
from kf_airflow_modules.parts import parts
from kf_airflow_runtime.entrypoint import COMMANDS

Problem = str | None
_NOXFILE = ROOT / "noxfile.py"

_ENTRYPOINT = "docker/runtime/kf_airflow_runtime/entrypoint.py"
_IN_CONTAINERS = "tests/e2e/test_documented_commands.py"
# Commands of programs that need not be installed where the tests run, each with the file by which it is
# seen to work, and the word that it has there.
ELSEWHERE: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("airflow", "api-server"): (_ENTRYPOINT, '"api-server"'),
    ("airflow", "scheduler"): (_ENTRYPOINT, '"scheduler"'),
    ("airflow", "dag-processor"): (_ENTRYPOINT, '"dag-processor"'),
    ("airflow", "triggerer"): (_ENTRYPOINT, '"triggerer"'),
    ("airflow", "celery", "worker"): (_ENTRYPOINT, '"celery", "worker"'),
    ("airflow", "celery", "flower"): (_ENTRYPOINT, '"celery", "flower"'),
    ("airflow", "rotate-fernet-key"): (_ENTRYPOINT, '"rotate-fernet-key"'),
    ("airflow", "db", "downgrade"): (_ENTRYPOINT, '"downgrade"'),
    ("airflow", "db", "clean"): (_IN_CONTAINERS, "mentioned"),
    ("airflow", "plugins"): (_IN_CONTAINERS, "mentioned"),
    ("redis-cli",): (_IN_CONTAINERS, "redis-cli"),
    ("docker", "build"): ("localstack/launcher/kf_airflow_local/images.py", "build"),
    ("docker", "run"): ("tests/bench/test_tasks.py", ".run("),
    ("docker", "exec"): ("localstack/launcher/kf_airflow_local/shell.py", '"exec"'),
    ("docker", "port"): ("tests/support/api_service.py", ".ports"),
    ("docker", "restart"): ("tests/extension/test_restart.py", ".restart("),
    ("docker", "rm"): ("tests/support/plain_containers.py", "v=True"),
    ("docker", "login"): ("tests/release/test_release.py", "docker login"),
    ("oras", "discover"): ("modules/kf_airflow_deploy/registry.py", "/referrers/"),
}


def problem(command: ShellCommand, *, complete: bool) -> Problem:
    """Returns what is wrong with a command; None if nothing is.

    Args:
        command: The command.
        complete: Whether it is typed as it stands. Else it is only talked about, and may be cut short.
    """
    program, *rest = command.words
    if wrong := next((found for name in command.variables if (found := _no_setting(name))), None):
        return wrong
    if any(command.words[: len(words)] == words for words in ELSEWHERE):
        return None
    check = _CHECKS.get(program)
    if check is None:
        return f"nobody knows the program {program}"
    return check(tuple(rest), complete)


def _nox(words: tuple[str, ...], complete: bool) -> Problem:
    ours, _, theirs = " ".join(words).partition(" -- ")
    options = ours.split()
    arguments = list(words[words.index("--") + 1 :]) if "--" in words and theirs else []
    if options[:1] == ["-t"]:
        return (
            None
            if options[1] in set().union(*sessions().values())
            else f"no session has the tag {options[1]}"
        )
    if options[:1] != ["-s"] or len(options) != 2:
        return f"nox does not take {' '.join(options)}"
    name = options[1]
    if name not in sessions():
        return f"there is no session {name}"
    body = _body(name)
    if "hand_over(" in body:
        return _parsed_by_deploy([name, *arguments]) if complete or arguments else None
    if name == "modules":
        return _parsed_by_modules(arguments)
    if launched := re.search(r'"kf_airflow_local", "([a-z-]+)", \*session\.posargs', body):
        return _parsed_by_launcher(launched[1], arguments)
    known = set(re.findall(r'"(--[a-z-]+)" (?:in|not in|!=) ', body) + re.findall(r'"(--[a-z-]+)"[,}]', body))
    for argument in arguments:
        if argument not in known and not (ROOT / argument.partition("::")[0]).exists():
            return f"nox -s {name} does not take {argument}"
    return None


def _parsed_by_deploy(arguments: list[str]) -> Problem:
    parser = command_line.parser()
    try:
        _, unknown = parser.parse_known_args(arguments)
    except SystemExit:
        return f"kf_airflow_deploy does not take {' '.join(arguments)}"
    return f"kf_airflow_deploy does not take {' '.join(unknown)}" if unknown else None


def _parsed_by_modules(arguments: list[str]) -> Problem:
    try:
        modules_parser([part.name for part in parts()]).parse_args(arguments)
    except SystemExit:
        return f"kf_airflow_modules does not take {' '.join(arguments)}"
    return None


def _parsed_by_launcher(name: str, arguments: list[str]) -> Problem:
    found = getattr(typer.main.get_command(cli.app), "commands").get(name)  # noqa: B009 (no public type has it)
    if found is None:
        return f"kf_airflow_local has no command {name}"
    try:
        found.make_context(name, arguments)
    except TyperException as error:
        return f"kf_airflow_local {name}: {str(error) or error.args}"
    return None


def _python(words: tuple[str, ...], complete: bool) -> Problem:
    if words[:1] == ("-c",):
        compile(words[1], "documentation", "exec")
        return None
    if words[:1] != ("-m",):
        return None if (ROOT / words[0]).is_file() else f"there is no {words[0]}"
    module, *arguments = words[1:]
    if importlib.util.find_spec(module) is None:
        return f"there is no module {module}"
    if module == "kf_airflow_deploy":
        return _parsed_by_deploy(arguments) if complete else None
    if module == "kf_airflow_local":
        return _parsed_by_launcher(arguments[0], arguments[1:])
    return None


def _pip(words: tuple[str, ...], complete: bool) -> Problem:
    from pip._internal.commands import commands_dict, create_command

    if words[0] not in commands_dict:
        return f"pip has no command {words[0]}"
    try:
        create_command(words[0]).parse_args(list(words[1:]))
    except SystemExit:
        return f"pip {words[0]} does not take {' '.join(words[1:])}"
    files = [words[place + 1] for place, word in enumerate(words) if word == "-r"]
    return next((f"there is no {file}" for file in files if not (ROOT / file).is_file()), None)


def _npx(words: tuple[str, ...], complete: bool) -> Problem:
    return _cdktf(words[1:], complete) if words[0] == "cdktf" else f"npx has no {words[0]} of ours"


def _cdktf(words: tuple[str, ...], complete: bool) -> Problem:
    if not words:
        return None
    program = ROOT / "node_modules" / ".bin" / "cdktf"
    if not program.exists():
        return "the cdktf command line is not installed: run nox -s docs"
    said = _help(str(program), words[0], "--help")
    if f"cdktf {words[0]}" not in said:
        return f"cdktf has no command {words[0]}"
    return _options("cdktf", words[1:], said)


def _npm(words: tuple[str, ...], complete: bool) -> Problem:
    said = _help("npm", words[0], "--help")
    return _options("npm", words[1:], said) if f"npm {words[0]}" in said else f"npm has no command {words[0]}"


def _terraform(words: tuple[str, ...], complete: bool) -> Problem:
    depth = 2 if words[0] in ("state", "workspace", "providers") else 1
    said = _help("terraform", *words[:depth], "-help")
    if "Usage: terraform [global options]" not in said or said.startswith("Terraform has no command"):
        return f"terraform has no command {' '.join(words[:depth])}"
    if f"terraform [global options] {' '.join(words[:depth])}" not in said:
        return f"terraform has no command {' '.join(words[:depth])}"
    if words[0] == "apply":
        said += _help("terraform", "plan", "-help")  # whose options it takes as well, as its own help says
    options = [word.partition("=")[0] for word in words[depth:] if word.startswith("-")]
    return next((f"terraform {words[0]} has no {option}" for option in options if option not in said), None)


def _git(words: tuple[str, ...], complete: bool) -> Problem:
    said = _help("git", words[0], "-h")
    return _options("git", words[1:], said) if f"git {words[0]}" in said else f"git has no command {words[0]}"


def _uv(words: tuple[str, ...], complete: bool) -> Problem:
    # It reads what comes before --help, and refuses what it does not know.
    said = _help(str(ROOT / ".nox" / "dev" / "bin" / "uv"), *words, "--help")
    return None if said.lstrip().startswith("Compile") else said.partition("\n")[0]


def _curl(words: tuple[str, ...], complete: bool) -> Problem:
    """Asks whether the local cloud has the path, by its own routes."""
    paths = [found[1] for word in words if (found := re.search(r"localhost:4566(/_dataplane/[a-z-]+)", word))]
    sources = "".join(path.read_text() for path in (ROOT / "localstack/extension").rglob("*.py"))
    if len(paths) != 1:
        return "it does not ask the local cloud"
    last = paths[0].rpartition("/")[2]
    return None if f'"{last}"' in sources or paths[0] in sources else f"the local cloud has no {paths[0]}"


def _kf_airflow(words: tuple[str, ...], complete: bool) -> Problem:
    return None if words[0] in COMMANDS else f"the image does not know the word {words[0]}"


def _aws(words: tuple[str, ...], complete: bool) -> Problem:
    inner = words[words.index("--command") + 1] if "--command" in words else ""
    if inner.startswith("kf-airflow ") and (wrong := _kf_airflow(tuple(inner.split()[1:]), complete)):
        return wrong
    return aws_problem(words, complete=complete)


def _builtin(words: tuple[str, ...], complete: bool) -> Problem:
    return None


def _export(words: tuple[str, ...], complete: bool) -> Problem:
    return next((found for word in words if (found := _no_setting(word))), None)


_CHECKS: Mapping[str, Callable[[tuple[str, ...], bool], Problem]] = {
    "nox": _nox,
    "python": _python,
    "pip": _pip,
    "npm": _npm,
    "npx": _npx,
    "cdktf": _cdktf,
    "terraform": _terraform,
    "git": _git,
    "uv": _uv,
    "curl": _curl,
    "aws": _aws,
    "kf-airflow": _kf_airflow,
    "cd": _builtin,
    ".": _builtin,
    "grep": _builtin,
    "export": _export,
}
PROGRAMS = frozenset({*_CHECKS, *(words[0] for words in ELSEWHERE)} - {"cd", ".", "grep", "export"})
"""The programs whose names begin a command in a sentence."""


def _options(program: str, words: tuple[str, ...], said: str) -> Problem:
    given = [word.partition("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)]
    # git shows one that can be turned around as --[no-]option.
    shown = said.replace("--[no-]", "--")
    return next((f"{program} has no {option}" for option in given if option not in shown), None)


@cache
def _help(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout + done.stderr


@cache
def _body(session: str) -> str:
    """The text of a session, with the docstring and what comes before it."""
    text = _NOXFILE.read_text(encoding="utf-8")
    found = re.search(rf"^def {session}\(.*?(?=^(?:@|def )|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, session
    return found[0]


def _no_setting(assignment: str) -> Problem:
    name = assignment.partition("=")[0]
    known = not name.startswith("KF_AIRFLOW_") or _is_setting(name)
    return None if known else f"there is no setting for {assignment}"


@cache
def _is_setting(variable: str) -> bool:
    from kf_airflow.kinds import keys_of
    from kf_airflow.settings import Settings

    first = variable.removeprefix("KF_AIRFLOW_").partition("__")[0].lower()
    return first in keys_of(Settings)
