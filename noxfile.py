"""The project's commands, as thin sessions over one shared environment.

``pip install nox`` is all that has to be there: the environment in ``.nox/dev`` is made once, from the hashes
in ``requirements/dev.lock``, and made again only when that file or a project's packaging changes. The
scanners of ``security`` have an environment of their own, for their pins fight ours: ``.nox/security``, made
in the same way from ``requirements/security.lock``. So have CDKTF's fork, in ``.nox/fork``, and AWS's command
line, in ``.nox/aws``.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nox
from filelock import FileLock  # nox brings it, by way of virtualenv

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "types", "unit"]

ROOT = Path(__file__).parent
ENVIRONMENT = ROOT / ".nox" / "dev"
BIN = ENVIRONMENT / "bin"
PYTHON = str(BIN / "python")
LOCK = ROOT / "requirements" / "dev.lock"
WORKFLOWS = ROOT / ".github" / "workflows"
PROJECTS = (".", "docker/runtime", "localstack/extension", "localstack/launcher")
COMPILE = [
    *("pip", "compile", "--quiet", "--upgrade", "--generate-hashes"),
    *("--no-emit-index-url", "--no-header"),  # a lock names no package index
]
IMAGES_PYTHON = ("--python-version", "3.13")  # Debian trixie's
E2E_REPORT = ROOT / "build" / "reports" / "e2e"
UNIT_TESTS = ("tests/unit", "tests/runtime", "tests/dataplane", "tests/launcher", "tests/deploy")
# What the chaos suite deploys and config/local.toml does without: something to fail over to, and a worker
# that the load is left to.
CHAOS = {
    "KF_AIRFLOW_BROKER__REPLICAS": "1",
    "KF_AIRFLOW_DATABASE__INSTANCE_CLASS": "db.t4g.small",
    "KF_AIRFLOW_WORKER__COUNT": "2",
    "KF_AIRFLOW_WORKER__MIN_COUNT": "2",
    "KF_AIRFLOW_WORKER__MAX_COUNT": "3",
    "KF_AIRFLOW_WORKER__SCALING": '{"scale_in_minutes": 1, "scale_in_cooldown_seconds": 10}',
    "KF_AIRFLOW_WORKER__CONCURRENCY": "4",
    "KF_AIRFLOW_WORKER__MEMORY_MIB": "4096",
    "KF_AIRFLOW_WORKER__SPOT_PERCENT": "100",
    "KF_AIRFLOW_WORKER__ON_DEMAND_BASE": "1",
    # Five minutes in prd: how long a task may be silent whose worker was killed.
    "KF_AIRFLOW_CONFIGURATION__TASK_HEARTBEAT_TIMEOUT_SECONDS": "60",
}
# What the alarms are tested with: limits that are reached in minutes.
ALARMS = {
    "KF_AIRFLOW_CONFIGURATION__TASK_QUEUED_TIMEOUT_SECONDS": "120",
    "KF_AIRFLOW_OBSERVABILITY__ERRORS_PER_MINUTE": "2",
    "KF_AIRFLOW_OBSERVABILITY__CONNECTIONS_PERCENT": "60",
    "KF_AIRFLOW_OBSERVABILITY__FREE_STORAGE_GIB": "19",
    "KF_AIRFLOW_OBSERVABILITY__PROTECTION_MINUTES": "3",
}
QUIET = {
    # Else Terraform and cdktf ask their maker for a newer version, and wait for the answer.
    "CHECKPOINT_DISABLE": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


@nox.session(python=False, tags=["ci"])
def lint(session: nox.Session) -> None:
    """Style and formatting by ruff; workflows by actionlint and zizmor; the Jenkinsfile by its grammar."""
    develop(session)
    session.run(tool("ruff"), "check", *session.posargs)
    session.run(tool("ruff"), "format", "--check")
    # Without what may be installed beside it: the same findings everywhere.
    alone = ("-shellcheck=", "-pyflakes=")
    session.run(tool("actionlint"), *alone, *map(str, sorted(WORKFLOWS.glob("*.yml"))))
    session.run(tool("zizmor"), "--offline", "--quiet", str(WORKFLOWS.parent), silent=True)
    session.run(PYTHON, "tests/support/jenkinsfile.py", "Jenkinsfile")


@nox.session(python=False, tags=["ci"])
def types(session: nox.Session) -> None:
    """Types, by mypy in strict mode, and of the tests, which need no annotations."""
    develop(session)
    session.run(tool("mypy"))
    session.run(tool("mypy"), "noxfile.py", "main.py", "tests")


@nox.session(python=False, tags=["ci"])
def unit(session: nox.Session) -> None:
    """Everything that can be proven without a container, with a floor for its coverage."""
    develop(session)
    if session.posargs:
        session.run(tool("pytest"), *session.posargs)
    else:
        session.run(tool("pytest"), "--numprocesses", "auto", "--cov", "--cov-report=term", *UNIT_TESTS)


@nox.session(python=False, tags=["ci"])
def synth(session: nox.Session) -> None:
    """Synthesize every environment of config/ into build/synth/<environment>.

    ``--hcl`` writes Terraform's own language, into build/hcl/<environment>.
    """
    unknown = set(session.posargs) - {"--hcl"}
    if unknown:
        session.error(f"synth does not know {', '.join(sorted(unknown))}: it takes --hcl alone.")
    develop(session)
    session.run(PYTHON, "-m", "kf_airflow_local", "certificates")
    place, language = ("hcl", "true") if session.posargs else ("synth", "false")
    for config in sorted((ROOT / "config").glob("*.toml")):
        output = ROOT / "build" / place / config.stem
        output.mkdir(parents=True, exist_ok=True)  # cdktf makes a directory, not those above it
        environment = {"KF_AIRFLOW_ENVIRONMENT": config.stem, "CDKTF_OUTDIR": str(output)}
        session.run(PYTHON, "main.py", env={**environment, "SYNTH_HCL_OUTPUT": language})
    if session.posargs:
        session.run("terraform", "fmt", "-recursive", str(ROOT / "build" / place), external=True, silent=True)


@nox.session(python=False, tags=["ci"])
def security(session: nox.Session) -> None:
    """Scan the default stack, every configuration and every example; all arguments go to pytest."""
    develop(session)
    locked_environment(session, "security")
    tests = [] if names_tests(session.posargs) else ["tests/security"]
    session.run(tool("pytest"), "--verbose", *tests, *session.posargs)


@nox.session(python=False, tags=["ci"])
def validate(session: nox.Session) -> None:
    """Validate and plan every configuration and every example by Terraform; all arguments go to pytest."""
    develop(session)
    tests = [] if names_tests(session.posargs) else ["tests/validate"]
    session.run(tool("pytest"), "--verbose", *tests, *session.posargs)


@nox.session(python=False, tags=["ci"])
def docs(session: nox.Session) -> None:
    """Build the documentation into build/docs/site, with no warning allowed, and try what it tells to type.

    ``--serve`` shows it on port 8000 instead, and anew when something changes. All other arguments go to
    pytest.
    """
    develop(session)
    npm(session)
    stack = synthesized_prd(session)
    python = locked_environment(session, "docs")
    env = {
        "KF_AIRFLOW_SITE_STACK": str(stack),
        "PYTHONPATH": str(ROOT / "documentation"),
        "NO_MKDOCS_2_WARNING": "1",  # of Material's maker, about another program
    }
    if "--serve" in session.posargs:
        session.run(python, "-m", "mkdocs", "serve", "--strict", env=env)
        return
    session.run(python, "-m", "mkdocs", "build", "--strict", "--quiet", env=env)
    tests = [] if names_tests(session.posargs) else ["tests/docs"]
    session.run(tool("pytest"), *tests, *session.posargs)


@nox.session(python=False, tags=["ci"])
def fork(session: nox.Session) -> None:
    """Synthesize every stack on CDKTF's fork, cdktn, and compare; all arguments go to pytest."""
    develop(session)
    locked_environment(session, "fork")
    tests = [] if names_tests(session.posargs) else ["tests/fork"]
    session.run(tool("pytest"), "--verbose", *tests, *session.posargs)


@nox.session(python=False, tags=["ci"])
def build(session: nox.Session) -> None:
    """Build wheel and sdist into dist/ and use them in empty environments; all arguments go to pytest."""
    develop(session)
    session.run(tool("uv"), "build", "--quiet", "--clear", "--no-build-isolation", "--python", PYTHON)
    tests = [] if names_tests(session.posargs) else ["tests/packaging"]
    session.run(tool("pytest"), "--verbose", *tests, *session.posargs)


@nox.session(python=False, tags=["ci"])
def modules(session: nox.Session) -> None:
    """Write a Terraform module of each part into build/modules, and test them.

    Arguments are those of ``python -m kf_airflow_modules`` (``-- --help``): then nothing is tested.
    """
    develop(session)
    session.run(PYTHON, "-m", "kf_airflow_modules", *session.posargs)
    if not session.posargs:
        session.run(tool("pytest"), "--verbose", "tests/modules")


@nox.session(python=False, tags=["ci"])
def image(session: nox.Session) -> None:
    """Build the images that are missing or out of date."""
    develop(session)
    session.run(PYTHON, "-m", "kf_airflow_local", "image", *session.posargs)


@nox.session(python=False, tags=["ci"])
def rehearsal(session: nox.Session) -> None:
    """Release these files to a remote, an ECR and a registry that are here; all arguments go to pytest."""
    develop(session)
    tests = [] if names_tests(session.posargs) else ["tests/release"]
    session.run(tool("pytest"), "--verbose", *tests, *session.posargs)


@nox.session(python=False, tags=["ci"])
def extension(session: nox.Session) -> None:
    """Ask the local cloud through its API what AWS's documentation promises; then take it down.

    ``--reuse`` asks the one that runs and leaves it running. All other arguments go to pytest. Where
    ``CONTRACT_ENDPOINT`` names another cloud (``aws`` is AWS), that is asked. AWS's minutes are seconds there
    (``DATAPLANE_TIME_SCALE``).
    """
    develop(session)
    elsewhere = "CONTRACT_ENDPOINT" in os.environ
    reuse = "--reuse" in session.posargs
    chosen = [argument for argument in session.posargs if argument != "--reuse"]
    tests = [] if names_tests(chosen) else ["tests/extension"]
    if elsewhere:
        session.run(tool("pytest"), *tests, *chosen)
        return
    scale = {"DATAPLANE_TIME_SCALE": os.environ.get("DATAPLANE_TIME_SCALE", "60")}
    with local_system(session, "--empty", reuse=reuse, env=scale):
        session.run(tool("pytest"), *tests, *chosen)


@nox.session(python=False, tags=["ci"])
def e2e(session: nox.Session) -> None:
    """Bring the last release up, upgrade it to the working tree, test that from end to end, take it down.

    build/reports/e2e/index.html tells what came of it. ``--keep`` leaves it running afterwards; ``--reuse``
    tests the one that runs as it is, and leaves it running; with either, the tests that destroy the stack are
    left out, with the latter also those of the upgrade. All other arguments go to pytest.
    """
    develop(session)
    npm(session)
    reuse, keep = "--reuse" in session.posargs, "--keep" in session.posargs
    chosen = [argument for argument in session.posargs if argument not in {"--keep", "--reuse"}]
    # The alarms take minutes each, and limits of their own: nox -s alarms.
    spared = ["not alarms"]
    spared += ["not destroys"] if reuse or keep else []
    spared += ["not upgraded"] if reuse else []
    marked = ["-m", " and ".join(spared)]
    tests = [] if names_tests(chosen) else ["tests/e2e"]
    # As in AWS: services that wait for each other are replaced one after the other.
    steady = {"KF_AIRFLOW_WAIT_FOR_STEADY_STATE": "true"}
    dags, before = ("--dags", "tests/e2e/dags"), ("--last-release",)
    locked_environment(session, "aws")
    with reported(session, E2E_REPORT):
        session.run(PYTHON, "-m", "kf_airflow_local", "browser")
        told = f"--junitxml={E2E_REPORT / 'tests.xml'}"
        with local_system(
            session, *dags, first=before, reuse=reuse, keep=keep, env=steady, report=E2E_REPORT
        ):
            session.run(tool("pytest"), told, *tests, *marked, *chosen)


@nox.session(python=False, default=False)
def limits(session: nox.Session) -> None:
    """Take Redis, PostgreSQL, webserver and worker away from a plain Airflow, and see whether a task is lost.

    ``--stock`` does the same to Airflow's defaults, which lose tasks each time. All other arguments go to
    pytest.
    """
    develop(session)
    chosen = [argument for argument in session.posargs if argument != "--stock"]
    tests = [] if names_tests(chosen) else ["tests/limits"]
    which = "stock" if "--stock" in session.posargs else "not stock"
    session.run(tool("pytest"), "--verbose", "--durations=0", *tests, "-m", which, *chosen)


@nox.session(python=False, default=False)
def chaos(session: nox.Session) -> None:
    """Take away one part after the other under a load of tasks; none may be lost, repeated or stuck.

    ``--keep`` leaves the system running afterwards, ``--reuse`` uses the one that runs and leaves it running.
    All other arguments go to pytest. ``CHAOS_TASKS`` says how many tasks each load has. The whole suite
    writes docs/chaos.md when it has passed.
    """
    develop(session)
    reuse, keep = "--reuse" in session.posargs, "--keep" in session.posargs
    chosen = [argument for argument in session.posargs if argument not in {"--keep", "--reuse"}]
    tests = [] if names_tests(chosen) else ["tests/chaos"]
    with local_system(session, "--dags", "tests/chaos/dags", reuse=reuse, keep=keep, env=CHAOS):
        session.run(tool("pytest"), "--verbose", *tests, *chosen)
        if not chosen:
            session.run(PYTHON, "tests/support/chaos_table.py")


@nox.session(python=False, default=False)
def alarms(session: nox.Session) -> None:
    """Cause what each alarm is about, and see that somebody is told. All other arguments go to pytest.

    ``--keep`` leaves the system running afterwards, ``--reuse`` uses the one that runs and leaves it running.
    """
    develop(session)
    reuse, keep = "--reuse" in session.posargs, "--keep" in session.posargs
    chosen = [argument for argument in session.posargs if argument not in {"--keep", "--reuse"}]
    tests = [] if names_tests(chosen) else ["tests/e2e/test_alarms.py"]
    with local_system(session, reuse=reuse, keep=keep, env=ALARMS):
        session.run(tool("pytest"), "--verbose", *tests, *chosen)


@nox.session(python=False, default=False)
def up(session: nox.Session) -> None:
    """Bring up Airflow on LocalStack, from nothing to a smoke run whose log is in S3."""
    develop(session)
    session.run(PYTHON, "-m", "kf_airflow_local", "up", *session.posargs)


@nox.session(python=False, default=False)
def down(session: nox.Session) -> None:
    """Remove what up made: containers, networks, volumes and local state."""
    develop(session)
    session.run(PYTHON, "-m", "kf_airflow_local", "down", *session.posargs)


@nox.session(python=False, default=False)
def status(session: nox.Session) -> None:
    """Say what runs, how it is and where it is found."""
    develop(session)
    session.run(PYTHON, "-m", "kf_airflow_local", "status", *session.posargs)


@nox.session(python=False, default=False)
def doctor(session: nox.Session) -> None:
    """Look for what could keep the local system from coming up, and say what to do about it."""
    develop(session)
    session.run(PYTHON, "-m", "kf_airflow_local", "doctor", *session.posargs)


@nox.session(python=False, default=False)
def logs(session: nox.Session) -> None:
    """Print the log of a service (``-- scheduler``, ``--follow``); without one, what explains a failure."""
    develop(session)
    session.run(PYTHON, "-m", "kf_airflow_local", "logs", *session.posargs)


@nox.session(python=False, default=False)
def shell(session: nox.Session) -> None:
    """Open a shell in a container of a service (``-- worker``), or run something there."""
    develop(session)
    session.run(PYTHON, "-m", "kf_airflow_local", "shell", *session.posargs)


@nox.session(python=False, default=False)
def publish(session: nox.Session) -> None:
    """Build the image of this commit and push it, tagged with 7 characters of the commit."""
    develop(session)
    hand_over(session, "publish", *session.posargs)


@nox.session(python=False, default=False)
def release(session: nox.Session) -> None:
    """Release a version: changelog, commit, image by digest, bill of materials, tag."""
    develop(session)
    hand_over(session, "release", *session.posargs)


@nox.session(python=False, default=False)
def released(session: nox.Session) -> None:
    """Print a version that was released, the newest if none is named, and its image."""
    develop(session)
    hand_over(session, "released", *session.posargs)


@nox.session(python=False, default=False)
def tfc(session: nox.Session) -> None:
    """Plan or apply in Terraform Cloud; ``nox -s tfc -- --help`` has arguments and exit codes."""
    develop(session)
    hand_over(session, "tfc", *session.posargs)


@nox.session(python=False, default=False)
def drift(session: nox.Session) -> None:
    """Compare what is deployed with the settings; ``nox -s drift -- --help`` has arguments and exit codes."""
    develop(session)
    hand_over(session, "drift", *session.posargs)


@nox.session(python=False, default=False)
def cost(session: nox.Session) -> None:
    """Estimate what an environment costs a month; ``nox -s cost -- --help`` has the arguments."""
    develop(session)
    hand_over(session, "cost", *session.posargs)


@nox.session(python=False, default=False)
def bench(session: nox.Session) -> None:
    """Measure speed and size into build/reports/bench.json."""
    develop(session)
    tests = [] if names_tests(session.posargs) else ["tests/bench"]
    session.run(tool("pytest"), *tests, *session.posargs)


@nox.session(python=False, default=False)
def readme(session: nox.Session) -> None:
    """Rewrite the tables of settings in README.md from the code."""
    develop(session)
    session.run(PYTHON, "tests/support/option_tables.py")


@nox.session(python=False, default=False)
def lock(session: nox.Session) -> None:
    """Bring every lock file to the newest versions that its requirements allow."""
    develop(session)
    everywhere = ("--universal", *IMAGES_PYTHON)
    compile_lock(
        session,
        "pyproject.toml",
        *("--group", "dev", "--extra", "deploy", "--universal", "--python-version", "3.11"),
        to="requirements/dev.lock",
    )
    for name in ("security", "fork", "docs", "aws", "nox"):
        compile_lock(
            session,
            f"requirements/{name}.in",
            *("--universal", "--python-version", "3.11"),
            to=f"requirements/{name}.lock",
        )
    compile_lock(session, "docker/requirements.in", *everywhere, to="docker/requirements.lock")
    compile_lock(session, "docker/build-requirements.in", *everywhere, to="docker/build-requirements.lock")
    example = "tests/examples/api_service/requirements"
    compile_lock(session, f"{example}.in", *everywhere, to=f"{example}.lock")
    # LocalStack 2026.3.0 does not start with newer releases of some of what it depends on, and what it
    # depends on cannot be resolved for the Pythons after its own.
    compile_lock(
        session,
        "localstack/requirements.in",
        *(*IMAGES_PYTHON, "--exclude-newer", "2026-04-01"),
        to="localstack/requirements.lock",
    )
    session.run("npm", "update", "--package-lock-only", "--ignore-scripts")


@contextmanager
def local_system(
    session: nox.Session,
    *options: str,
    first: tuple[str, ...] = (),
    reuse: bool = False,
    keep: bool = False,
    env: dict[str, str] | None = None,
    report: Path | None = None,
) -> Iterator[None]:
    """Bring the local system up around a block, print what explains its failure, and take the system down.

    Args:
        session: The session.
        *options: Of ``nox -s up``.
        first: Options of a ``nox -s up`` before that, for what it goes on from. Nothing if left out.
        reuse: Take the one that runs as it is, and leave it running.
        keep: Leave it running.
        env: What ``nox -s up`` gets besides.
        report: A folder for what a report tells of this. Nothing is written if left out.
    """

    def up(*arguments: str, to: str) -> None:
        told = ("--report", str(report / to)) if report else ()
        session.run(PYTHON, "-m", "kf_airflow_local", "up", *arguments, *told, env=env)

    try:
        if first and not reuse:
            up(*first, to="up-before.json")
        if not reuse:
            up(*options, to="up.json")
        try:
            yield
        except BaseException:
            explained = session.run(
                PYTHON, "-m", "kf_airflow_local", "logs", success_codes=range(256), silent=True
            )
            sys.stdout.write(f"{explained}\n")
            if report:
                (report / "logs.txt").write_text(str(explained))
            raise
    finally:
        if not (reuse or keep):
            session.run(PYTHON, "-m", "kf_airflow_local", "down")


@contextmanager
def reported(session: nox.Session, folder: Path) -> Iterator[None]:
    """Empty the folder of a report before a block, and write the report after it, however it ends.

    Args:
        session: The session.
        folder: Where the block leaves what the report tells.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    failed = ["--failed"]
    try:
        yield
        failed = []
    finally:
        session.run(PYTHON, "tests/support/write_e2e_report.py", str(folder), *failed)


def synthesized_prd(session: nox.Session) -> Path:
    """Synthesize prd for the documentation, and return its stack, from which diagrams are drawn."""
    output = ROOT / "build" / "docs" / "synth"
    output.mkdir(parents=True, exist_ok=True)  # cdktf makes a directory, not those above it
    session.run(PYTHON, "main.py", env={"KF_AIRFLOW_ENVIRONMENT": "prd", "CDKTF_OUTDIR": str(output)})
    return output / "stacks" / "airflow-prd" / "cdk.tf.json"


def hand_over(session: nox.Session, *arguments: str) -> None:
    """End as a command of kf_airflow_deploy does.

    Not by nox's own means: it prints arguments, which may be secrets, makes 1 of every exit code, and kills
    what is interrupted before it can say how things stand.
    """
    inherited = {name: value for name, value in session.env.items() if value is not None}
    command = [PYTHON, "-m", "kf_airflow_deploy", *arguments]
    with subprocess.Popen(command, env={**os.environ, **inherited}) as process:
        while process.returncode is None:
            with suppress(KeyboardInterrupt):
                process.wait()
    if process.returncode:
        sys.exit(process.returncode)


def compile_lock(session: nox.Session, source: str, *options: str, to: str) -> None:
    """Resolve a file of requirements into a lock that names no package index."""
    session.run(tool("uv"), *COMPILE, source, *options, "--output-file", to)


def tool(name: str) -> str:
    """Return the path of a program of the shared environment."""
    return str(BIN / name)


def names_tests(arguments: list[str]) -> bool:
    """Tell whether pytest's arguments already say which tests to run."""
    return any(argument.startswith("tests/") for argument in arguments)


def develop(session: nox.Session) -> None:
    """Make the shared environment unless it is up to date, and put its programs first on the path."""
    session.env.update(QUIET)
    session.env["PATH"] = os.pathsep.join([str(BIN), str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]])
    session.env.update(uv_environment())
    packaging = [ROOT / project / "pyproject.toml" for project in PROJECTS]

    def install() -> None:
        bootstrap = ENVIRONMENT / "uv.txt"
        bootstrap.write_text(locked("uv"))
        session.run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(bootstrap))
        sync(session, PYTHON, LOCK)
        editable = [argument for project in PROJECTS for argument in ("--editable", project)]
        uv_pip(session, "install", PYTHON, "--no-deps", "--no-build-isolation", *editable)

    make(session, ENVIRONMENT, [LOCK, *packaging], install)


def locked_environment(session: nox.Session, name: str) -> str:
    """Make the environment of a lock beside the shared one's unless it is up to date; return its Python."""
    place, lock = ROOT / ".nox" / name, ROOT / "requirements" / f"{name}.lock"
    python = str(place / "bin" / "python")
    make(session, place, [lock], lambda: sync(session, python, lock))
    return python


def make(session: nox.Session, place: Path, inputs: list[Path], install: Callable[[], None]) -> None:
    """Make an environment and fill it, unless it is there and what it is made of has not changed."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs))
    digest.update(sys.version.encode())
    stamp = place / "installed"
    place.parent.mkdir(exist_ok=True)
    with FileLock(place.parent / f"{place.name}.lock"):
        if stamp.is_file() and stamp.read_text() == digest.hexdigest():
            return
        # virtualenv comes with nox; the standard library's venv is a package of its own on Debian.
        session.run(sys.executable, "-m", "virtualenv", "--quiet", str(place), external=True)
        stamp.unlink(missing_ok=True)
        install()
        stamp.write_text(digest.hexdigest())


def sync(session: nox.Session, python: str, lock: Path) -> None:
    """Install what a lock names into an environment, and nothing else."""
    uv_pip(session, "sync", python, "--require-hashes", str(lock))


def uv_pip(session: nox.Session, command: str, python: str, *arguments: str) -> None:
    """Let uv change what is installed in an environment."""
    session.run(tool("uv"), "pip", command, "--quiet", "--python", python, *arguments)


def npm(session: nox.Session) -> None:
    """Install cdktf's command line and Graphviz from package-lock.json, unless that is done already."""
    wanted = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    stamp = ROOT / "node_modules" / ".installed"
    if not stamp.is_file() or stamp.read_text() != wanted:
        session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
        stamp.write_text(wanted)


def locked(package: str) -> str:
    """Return a package's entry in the lock, hashes included."""
    entry = re.search(
        rf"^{re.escape(package)}==.*?(?=^\S)", LOCK.read_text() + "\n#", re.MULTILINE | re.DOTALL
    )
    if entry is None:
        raise LookupError(f"{LOCK} does not name {package}: run nox -s lock.")
    return entry.group()


def uv_environment() -> dict[str, str]:
    """Carry pip's index and certificates over to uv, which does not read pip's configuration."""
    answer = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    settings = dict(re.findall(r"^[^.\n]+\.([a-z-]+)='(.*)'$", answer, re.MULTILINE))
    names = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    found = {uv: settings[pip] for pip, uv in names.items() if pip in settings and uv not in os.environ}
    return {"UV_HTTP_TIMEOUT": "180", **found}
