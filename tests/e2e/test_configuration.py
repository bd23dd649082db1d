"""The tables of Airflow's options, compared with what the Airflow in the image knows of itself."""

import json
from typing import Any

import pytest
import testinfra
from local_system import LocalSystem

from kf_airflow.owned_variables import REASONS, SETTINGS
from kf_airflow.removed_options import REMOVED, REMOVED_SECTIONS, REPLACEMENTS
from kf_airflow.removed_settings import SECTIONS, problems

pytestmark = pytest.mark.e2e

# Where we know better than `airflow config lint`: its replacement is itself gone, or was there all the time.
_CORRECTED = {
    "core.load_default_connections",
    "core.worker_precheck",
    "policy.airflow_local_settings",
    "scheduler.statsd_allow_list",
    "webserver.access_logfile",
    "webserver.page_size",
}
# Airflow refuses one old value of these, not the option.
_SOME_VALUES = {"elasticsearch.log_id_template"}

# One option Airflow reads and describes nowhere; those of Celery's transport it hands on, whatever they are.
_ASK = """
import json
import pathlib
import airflow.jobs
from airflow.cli.commands.config_command import CONFIGS_CHANGES
from airflow.configuration import conf, retrieve_configuration_description
from kombu.transport.redis import Channel
options = [f"{s}.{o}" for s, d in retrieve_configuration_description().items() for o in d["options"]]
old = {f"{s}.{o}": ".".join(new) for new, (s, o, _) in conf.deprecated_options.items()}
source = (pathlib.Path(airflow.jobs.__path__[0]) / "scheduler_job_runner.py").read_text()
options += [f"scheduler.{o}" for o in ("num_stuck_in_queued_retries",) if f'"{o}"' in source]
transport = [o for o in Channel.from_transport_options if isinstance(o, str)]
options += [f"celery_broker_transport_options.{o}" for o in transport]
lint = {".".join(c.config): c.renamed_to and ".".join(c.renamed_to) for c in CONFIGS_CHANGES}
print(json.dumps({"options": options, "old": old, "lint": lint}))
"""


@pytest.fixture(scope="module")
def airflow(system: LocalSystem) -> Any:
    host = testinfra.get_host(f"docker://{system.container('webserver').id}")
    # Not the login of the container's own process: Airflow asks for none here, but wants a URL.
    answer = host.check_output(
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=sqlite:// /opt/venv/bin/python3 -c %s 2>/dev/null", _ASK
    )
    return json.loads(answer.splitlines()[-1])


def test_nothing_that_airflow_has_is_refused_as_gone_or_misspelt(airflow: Any) -> None:
    variables = [f"AIRFLOW__{_key(key).replace('.', '__')}".upper() for key in airflow["options"]]

    refused = problems(variables)
    assert [said for said in refused if "is not an option" in said or "is not spelt" in said] == []


def test_every_replacement_is_there(airflow: Any) -> None:
    assert {*REPLACEMENTS.values()} - {*airflow["options"]} == set()


def test_what_is_refused_as_ours_is_there(airflow: Any) -> None:
    names = {f"AIRFLOW__{_key(key).replace('.', '__')}".upper() for key in airflow["options"]}

    assert {*SETTINGS, *REASONS} - names == set()


def test_every_section_of_airflow_is_known(airflow: Any) -> None:
    assert {_key(key).split(".")[0] for key in airflow["options"]} - {*SECTIONS} == set()


def test_everything_that_airflow_lints_is_refused(airflow: Any) -> None:
    gone = {key for key in airflow["lint"] if key not in airflow["options"]}
    known = {*REPLACEMENTS, *REMOVED, *_SOME_VALUES}

    assert {key for key in gone - known if key.split(".")[0] not in REMOVED_SECTIONS} == set()


def test_replacements_are_those_of_airflow(airflow: Any) -> None:
    theirs = {
        key: new
        for key, new in {**airflow["lint"], **airflow["old"]}.items()
        if new and key not in airflow["options"] and key not in _CORRECTED
    }

    assert {key: REPLACEMENTS.get(key) for key in theirs} == theirs


def _key(option: str) -> str:
    """`section.option`, the section as in a variable: some have a dot."""
    section, _, name = option.rpartition(".")
    return f"{section.replace('.', '_')}.{name}"
