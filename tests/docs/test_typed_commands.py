"""Every command in the documentation is one that there is, by the parser that will read it."""

from pathlib import Path

import pytest
from command_checks import ELSEWHERE, PROGRAMS, problem
from project import ROOT
from shell_commands import PAGES, SHELLS, ShellCommand, blocks, mentioned, parsed, typed

TYPED = [command for page in PAGES for command in typed(page)]
MENTIONED = [command for page in PAGES for command in mentioned(page, PROGRAMS)]
LANGUAGES = {*SHELLS, "text", "toml", "python", "hcl"}


def command(text: str) -> ShellCommand:
    (found,) = parsed(text, "here:1")
    return found


def test_there_are_commands_to_look_at() -> None:
    assert len(TYPED) > 50
    assert len(MENTIONED) > 100


@pytest.mark.parametrize("one", TYPED, ids=lambda one: f"{one.place} {one.text}"[:120])
def test_what_is_to_be_typed_is_a_command(one: ShellCommand) -> None:
    assert problem(one, complete=True) is None


@pytest.mark.parametrize("one", MENTIONED, ids=lambda one: f"{one.place} {one.text}"[:120])
def test_what_is_talked_about_is_a_command(one: ShellCommand) -> None:
    assert problem(one, complete=False) is None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_says_what_it_is(page: Path) -> None:
    assert [block.line for block in blocks(page) if block.language not in LANGUAGES] == []


@pytest.mark.parametrize("words", ELSEWHERE, ids=" ".join)
def test_what_shows_a_command_elsewhere_is_there(words: tuple[str, ...]) -> None:
    file, word = ELSEWHERE[words]

    assert word in (ROOT / file).read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nox -s teleport", "there is no session teleport"),
        ("nox -t tea", "no session has the tag tea"),
        ("nox -s tfc -- plan --galaxy x", "kf_airflow_deploy does not take --galaxy x"),
        ("nox -s up -- --fast", "kf_airflow_local up: No such option: --fast"),
        (
            "nox -s limits -- tests/limits/test_none.py",
            "nox -s limits does not take tests/limits/test_none.py",
        ),
        ("aws ecs beam-up --cluster c", "ecs has no operation beam-up"),
        ("aws warp drive", "AWS has no service warp"),
        ("aws ecs update-service --service s --warp 9", "ecs update-service: there is no --warp"),
        ("aws ecs update-service --cluster c", "ecs update-service lacks --service"),
        ("aws rds wait db-instance-happy", "nobody waits for db-instance-happy of rds"),
        ("terraform fly", "terraform has no command fly"),
        ("terraform plan -warp", "terraform plan has no -warp"),
        ("npx cdktf beam", "cdktf has no command beam"),
        ("npx cdktf deploy --warp", "cdktf has no --warp"),
        ("npm beam", "npm has no command beam"),
        ("git beam", "git has no command beam"),
        ("pip beam nox", "pip has no command beam"),
        ("pip install -r requirements/none.lock", "there is no requirements/none.lock"),
        ("python -m kf_airflow.beam", "there is no module kf_airflow.beam"),
        ("kf-airflow beam", "the image does not know the word beam"),
        ("curl http://localhost:4566/_dataplane/beam", "the local cloud has no /_dataplane/beam"),
        ("KF_AIRFLOW_WARP=9 npx cdktf deploy", "there is no setting for KF_AIRFLOW_WARP=9"),
        ("beam me up", "nobody knows the program beam"),
    ],
)
def test_what_is_no_command_is_found(text: str, said: str) -> None:
    assert problem(command(text), complete=True) == said


def test_a_script_is_read_as_a_shell_reads_it() -> None:
    script = "A=1 one 'two three' && four | five # six\nseven \\\n  eight; nine $(ten '%(x)s' | eleven)"

    assert [" ".join(found.words) for found in parsed(script, "here:1")] == [
        "one two three",
        "four",
        "five",
        "ten %(x)s",  # of the last line, whose substitutions come before it
        "eleven",
        "seven eight",
        "nine SUBSTITUTED",
    ]
