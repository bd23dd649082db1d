"""What the Jenkinsfile calls, and what the linter of it finds."""

import re

import jenkinsfile
import pytest
from sessions import JENKINSFILE, calls, deploy_commands, sessions

from kf_airflow_deploy import command_line

TEXT = JENKINSFILE.read_text()


def test_the_jenkinsfile_is_a_declarative_pipeline() -> None:
    assert jenkinsfile.problems(TEXT) == []


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ("agent { label 'docker-slave' }", "", "pipeline needs agent"),
        ("sh 'nox -t ci'", "sh 'nox -t ci", "this is no Groovy"),
        ("stage('Test')", "step('Test')", "step is no stage"),
        ("failure {", "failed {", "post has no section failed"),
        ("environment {", "environments {", "pipeline has no section environments"),
        ("sh 'nox -t ci'", "", "there has to be a step"),
        ("pipeline {", "node {", "one pipeline"),
    ],
)
def test_a_mistake_is_found_with_its_line(right: str, wrong: str, problem: str) -> None:
    assert right in TEXT

    found = jenkinsfile.problems(TEXT.replace(right, wrong, 1))

    assert any(problem in line for line in found)
    assert all(re.match(r"\d+:", line) for line in found)


def test_every_shell_step_is_one_session() -> None:
    steps = jenkinsfile.shell_steps(TEXT)

    assert len(steps) == TEXT.count("sh '")
    assert [step for step in steps if not re.fullmatch(r"nox -[st] [^\n|;&<>`]+", step)] == []


def test_every_session_the_jenkinsfile_calls_is_there_and_takes_its_arguments() -> None:
    parser = command_line.parser()
    for call in calls([JENKINSFILE]):
        assert set(call.sessions) <= set(sessions())
        if set(call.sessions) & deploy_commands():
            parser.parse_args([*call.sessions, *call.arguments])


def test_no_key_of_aws_is_stored() -> None:
    assert re.findall(r"credentials\('([\w-]+)'\)", TEXT) == ["terraform-cloud-token"]
    assert "AWS_ACCESS" not in TEXT


def stage(name: str) -> str:
    """The text of a stage."""
    begin = TEXT.index(f"stage('{name}')")
    return TEXT[begin : TEXT.find("        stage(", begin)]


@pytest.mark.parametrize("environment", ["qa", "prd"])
def test_each_working_day_what_is_deployed_is_compared(environment: str) -> None:
    text = stage(f"Drift of {environment}")

    assert "when { triggeredBy 'TimerTrigger' }" in text
    assert jenkinsfile.shell_steps(text)[-1] == f"nox -s drift -- --environment {environment}"


def test_prd_is_compared_with_the_newest_release_its_image_and_its_files() -> None:
    text = stage("Drift of prd")

    in_turn = [
        "sh 'nox -s released -- --output build/released'",
        "env.KF_AIRFLOW_IMAGE = readProperties(file: 'build/released').image",
        'branches: [[name: "refs/tags/${env.RELEASED}"]]',
        "sh 'nox -s drift -- --environment prd'",
    ]
    assert sorted(map(text.index, in_turn)) == [text.index(part) for part in in_turn]


def test_drift_of_qa_does_not_keep_prd_from_being_compared() -> None:
    assert TEXT.index("stage('Drift of qa')") < TEXT.index("stage('Drift of prd')")
    assert stage("Drift of qa").index("catchError(") < stage("Drift of qa").index("sh '")


def test_somebody_is_asked_before_prd_changes() -> None:
    stage = TEXT[TEXT.index("stage('Deploy prd')") :]

    assert stage.index("input {") < stage.index("sh 'nox -s tfc -- apply --environment prd")
    assert "beforeInput true" in stage
