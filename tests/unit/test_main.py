import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT


def _main(outdir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, "CDKTF_OUTDIR": str(outdir), **environment},
    )


@pytest.mark.parametrize("environment", ["dev", "qa", "prd"])
def test_it_synthesizes_the_stack_of_the_environment_and_says_nothing(
    tmp_path: Path, environment: str
) -> None:
    done = _main(tmp_path, KF_AIRFLOW_ENVIRONMENT=environment)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in (tmp_path / "stacks").iterdir()] == [f"airflow-{environment}"]


def test_it_writes_hcl_where_the_command_line_of_cdktf_asks_for_it(tmp_path: Path) -> None:
    done = _main(tmp_path, KF_AIRFLOW_ENVIRONMENT="dev", SYNTH_HCL_OUTPUT="true")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (tmp_path / "stacks/airflow-dev/cdk.tf").read_text()
    assert text.startswith("terraform {\n")
    assert "assume_role_policy = " in text


@pytest.mark.parametrize("language", ["true", "false"])
def test_the_stack_is_there_in_one_language_whatever_was_there_before(tmp_path: Path, language: str) -> None:
    stack = tmp_path / "stacks/airflow-dev"
    stack.mkdir(parents=True)
    for name in ("cdk.tf", "cdk.tf.json"):
        (stack / name).write_text("")

    _main(tmp_path, KF_AIRFLOW_ENVIRONMENT="dev", SYNTH_HCL_OUTPUT=language)

    written = {"true": "cdk.tf", "false": "cdk.tf.json"}[language]
    assert [path.name for path in stack.glob("cdk*")] == [written]


def test_mistakes_are_sentences_on_stderr_and_nothing_is_written(tmp_path: Path) -> None:
    done = _main(tmp_path, KF_AIRFLOW_WORKER__CPU="3", KF_AIRFLOW_BROKER__REPLICAS="9")

    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert done.stderr == (
        "config/dev.toml: in [broker] replicas is 9: allowed are 0 to 5.\n"
        "config/dev.toml: in [worker] cpu is 3: allowed are 256, 512, 1024, 2048, 4096, 8192, 16384.\n"
    )


def test_a_mistake_that_shows_only_when_all_is_put_together_is_a_sentence_too(tmp_path: Path) -> None:
    network = {"vpc_id": "vpc-1", "private_subnet_ids": ["subnet-1", "subnet-2"]}
    done = _main(tmp_path, KF_AIRFLOW_EXISTING__NETWORK=json.dumps(network))

    assert (done.returncode, done.stderr) == (
        2,
        "config/dev.toml: allowed_cidrs is not set, "
        "and its default, the network's own block, is not known.\n",
    )


def test_cdktf_runs_it() -> None:
    settings = json.loads((ROOT / "cdktf.json").read_text())

    assert (settings["language"], settings["app"], settings["sendCrashReports"]) == (
        "python",
        "python main.py",
        "false",
    )
