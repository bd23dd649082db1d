from pathlib import Path

import pytest
from project import ROOT

from kf_airflow import Settings, SettingsError, load_settings

MINIMAL = """
image = "registry.example.org/kf-airflow:1"
owner = "somebody"
[aws]
region = "us-east-1"
[state]
account = "example"
"""


def _load(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config/dev.toml").write_text(text)
    return load_settings("dev", root=tmp_path)


def _problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        _load(tmp_path, text)
    return refused.value.problems


def test_minimal_settings_are_enough(tmp_path: Path) -> None:
    settings = _load(tmp_path, MINIMAL)

    assert (settings.name, settings.database.multi_az, settings.worker.count) == ("kf-airflow-dev", False, 1)


@pytest.mark.parametrize("environment", ["dev", "qa", "prd"])
def test_the_project_s_own_settings_are_good(environment: str) -> None:
    assert load_settings(environment, root=ROOT).environment == environment


def test_paths_are_relative_to_the_repository(root: Path) -> None:
    settings = load_settings("local", root=root)

    assert (settings.ca_certificate_file, settings.state.path) == (
        root / "build/local/ca/ca.pem",
        root / "build/local/terraform/terraform.tfstate",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[worker]\ncpu = 1024\nmemory_mib = 4096\ncount = true",
            "worker.count is true: allowed is an integer",
        ),
        (
            '[worker]\ncpu = 1024\nmemory_mib = 4096\ncount = "3"',
            "worker.count is '3': allowed is an integer, without quotes",
        ),
        ("[network]\nzones = 3.0", "network.zones is 3.0: allowed is an integer"),
        ("[database]\nmulti_az = 1", "database.multi_az is 1: allowed is true or false"),
        (
            '[database]\nmulti_az = "true"',
            "database.multi_az is 'true': allowed is true or false, without quotes",
        ),
        (
            '[worker_pools.gpu]\ncpu = 1024\nmemory_mib = "4096"',
            "worker_pools.gpu.memory_mib is '4096': allowed is an integer, without quotes",
        ),
        (
            '[[extras.worker.sidecars]]\nname = "agent"\nimage = "agent:1"\nmemory_mib = 64\nports = [true]',
            "extras.worker.sidecars.0.ports.0 is true: allowed is an integer",
        ),
    ],
)
def test_a_file_writes_numbers_and_truth_values_as_such(tmp_path: Path, text: str, problem: str) -> None:
    assert _problems(tmp_path, f"{MINIMAL}\n{text}\n") == [f"config/dev.toml: {problem}."]


def test_what_is_wrong_in_two_ways_is_one_sentence(tmp_path: Path) -> None:
    text = '[network]\nzones = "many"\n[database]\nmulti_az = 1\n'

    zones, multi_az = _problems(tmp_path, MINIMAL + text)

    assert zones.startswith("config/dev.toml: network.zones is 'many': allowed is")
    assert multi_az == "config/dev.toml: database.multi_az is 1: allowed is true or false."


def test_variables_are_text_whatever_they_stand_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KF_AIRFLOW_NETWORK__ZONES", "3")
    monkeypatch.setenv("KF_AIRFLOW_DATABASE__MULTI_AZ", "true")
    monkeypatch.setenv("KF_AIRFLOW_WORKER", '{"cpu": "1024", "memory_mib": "4096", "count": "2"}')

    settings = _load(tmp_path, f'{MINIMAL}\n[network]\nzones = "2"\n')

    assert (settings.network.zones, settings.database.multi_az, settings.worker.count) == (3, True, 2)


def test_a_certificate_is_of_the_stack_s_region(tmp_path: Path) -> None:
    arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1"

    assert _problems(tmp_path, f'{MINIMAL}\n[ingress]\ncertificate_arn = "{arn}"\n') == [
        f"config/dev.toml: ingress.certificate_arn is {arn!r}: allowed is one of us-east-1, "
        "which is aws.region."
    ]


def test_a_network_that_is_there_already_can_be_named(tmp_path: Path) -> None:
    settings = _load(
        tmp_path, f'{MINIMAL}\n[existing.network]\nvpc_id = "vpc-1"\nprivate_subnet_ids = ["a", "b"]\n'
    )

    assert settings.existing.network is not None
    assert settings.existing.network.private_subnet_ids == ("a", "b")


def test_a_network_can_be_found_by_its_tags(tmp_path: Path) -> None:
    settings = _load(tmp_path, f'{MINIMAL}\n[existing.network_lookup]\nzones = ["a", "c"]\n')

    assert settings.existing.network_lookup is not None
    assert settings.existing.network_lookup.zones == ("a", "c")


def test_pools_extras_and_airflow_s_settings_are_tables(tmp_path: Path) -> None:
    settings = _load(
        tmp_path,
        f"""{MINIMAL}
[worker_pools.gpu]
cpu = 4096
memory_mib = 16384
concurrency = 1
[configuration]
default_task_retries = 3
[extras.gpu.environment]
COLOUR = "blue"
[extras.gpu.secrets.TOKEN]
secret_arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:token-AbCdEf"
key = "token"
[[extras.gpu.permissions]]
actions = ["batch:SubmitJob"]
resources = ["*"]
[[extras.gpu.sidecars]]
name = "agent"
image = "agent:1"
memory_mib = 256
""",
    )
    extras = settings.extras["gpu"]

    assert (settings.worker_pools["gpu"].concurrency, settings.configuration.default_task_retries) == (1, 3)
    assert (extras.environment, extras.secrets["TOKEN"].key, extras.permissions[0].actions) == (
        {"COLOUR": "blue"},
        "token",
        ("batch:SubmitJob",),
    )
    assert extras.sidecars[0].memory_mib == 256


@pytest.mark.parametrize("content", ["count = " + 5000 * "9", "count = " + 5000 * "["])
def test_what_python_does_not_read_is_no_toml(tmp_path: Path, content: str) -> None:
    (problem,) = _problems(tmp_path, content)

    assert problem.startswith("config/dev.toml: not TOML: ")


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_certificate_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    certificate = tmp_path / "ca.pem"
    certificate.mkdir() if content is None else certificate.write_bytes(content)

    assert _problems(tmp_path, f'ca_certificate_file = "ca.pem"\n{MINIMAL}') == [
        "config/dev.toml: ca_certificate_file is 'ca.pem': allowed is a text file that can be read."
    ]


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KF_AIRFLOW_IMAGE", "registry.example.org/other:2")
    monkeypatch.setenv("KF_AIRFLOW_DATABASE__MULTI_AZ", "true")
    settings = _load(tmp_path, f"{MINIMAL}\n[database]\nbackup_retention_days = 3\n")

    assert (settings.image, settings.database.multi_az, settings.database.backup_retention_days) == (
        "registry.example.org/other:2",
        True,
        3,
    )


def test_lists_and_variables_are_overridden_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KF_AIRFLOW_INGRESS__ALLOWED_CIDRS", '["10.0.0.0/8"]')
    monkeypatch.setenv("KF_AIRFLOW_VARIABLES__AIRFLOW__EMAIL__FROM_EMAIL", "airflow@example.org")
    settings = _load(tmp_path, MINIMAL)

    assert (settings.ingress.allowed_cidrs, settings.variables) == (
        ("10.0.0.0/8",),
        {"AIRFLOW__EMAIL__FROM_EMAIL": "airflow@example.org"},
    )


def test_which_environment_it_is_was_settled_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KF_AIRFLOW_ENVIRONMENT", "prd")

    assert _load(tmp_path, MINIMAL).environment == "dev"


def test_an_unknown_environment_names_those_there_are() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings("production", root=ROOT)

    assert refused.value.problems == [
        "KF_AIRFLOW_ENVIRONMENT is 'production': allowed are dev, local, prd, qa."
    ]


def test_an_environment_is_no_path(root: Path) -> None:
    with pytest.raises(SettingsError, match=r"KF_AIRFLOW_ENVIRONMENT is '\.\./config/dev': allowed are"):
        load_settings("../config/dev", root=root)


def test_a_missing_certificate_names_what_makes_it(tmp_path: Path) -> None:
    problems = _problems(tmp_path, f'ca_certificate_file = "ca.pem"\n{MINIMAL}')

    assert problems == [
        "config/dev.toml: ca_certificate_file is 'ca.pem', which does not exist; "
        "`nox -s up` makes that of the local system."
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            MINIMAL.replace('image = "registry.example.org/kf-airflow:1"', ""),
            "config/dev.toml: image is not set; set it there or as KF_AIRFLOW_IMAGE.",
        ),
        (
            f"{MINIMAL}\n[worker]\ncpu = 256\n",
            "config/dev.toml: worker.memory_mib is not set; "
            "set it there or as KF_AIRFLOW_WORKER__MEMORY_MIB.",
        ),
        (
            f'{MINIMAL}\n[worker]\ncpu = 256\nmemory_mib = 512\ncolour = "red"\n',
            "config/dev.toml: worker.colour is not a setting; "
            "allowed here are architecture, concurrency, count, cpu, ecs_exec, health_check_grace_seconds, "
            "max_count, maximum_percent, memory_mib, min_count, minimum_healthy_percent, on_demand_base, "
            "queues, scaling, schedules, spot_percent, storage_gib, zone_rebalancing.",
        ),
        (
            f'{MINIMAL}\n[aws2]\nregion = "us-east-1"\n',
            "config/dev.toml: aws2 is not a setting; allowed here are accepted_risks, access_logs, "
            "admin_username, airflow, aws, base_url, broker, ca_certificate_file, configuration, dags, "
            "database, existing, extras, flower, image, ingress, key, logs, network, observability, "
            "organization, owner, project, rollout_order, secret_recovery_window_days, state, storage, "
            "variables, wait_for_steady_state, worker, worker_pools.",
        ),
        (
            f'{MINIMAL}\n[database]\nmulti_az = "perhaps"\n',
            "config/dev.toml: database.multi_az is 'perhaps': "
            "allowed is a valid boolean, unable to interpret input.",
        ),
        (
            f'{MINIMAL}\n[network]\nnat = "two"\n',
            "config/dev.toml: in [network] nat is 'two': allowed are none, single, per-az.",
        ),
        (
            f'{MINIMAL}\n[ingress]\nallowed_cidrs = "10.0.0.0/8"\n',
            "config/dev.toml: ingress.allowed_cidrs is '10.0.0.0/8': allowed is a list.",
        ),
        (
            MINIMAL.replace("us-east-1", "east"),
            "config/dev.toml: aws.region is 'east': "
            r"allowed is text that should match pattern '^[a-z]{2}(-[a-z]+)+-\d$'.",
        ),
        (
            f'{MINIMAL}\npath = "state"\n',
            "config/dev.toml: in [state] path and account is set: "
            "allowed is exactly one of path, account, organization.",
        ),
        (
            f'project = "kf_airflow"\n{MINIMAL}',
            "config/dev.toml: name is 'kf_airflow-dev': "
            "allowed are lower-case letters, digits and single hyphens, a letter first, "
            "at most 24 characters.",
        ),
        (
            f'{MINIMAL}\n[network]\n[existing.network]\nvpc_id = "v"\nprivate_subnet_ids = ["a", "b"]\n',
            "config/dev.toml: existing.network and network are both set: allowed is one of them.",
        ),
        (
            f'{MINIMAL}\n[existing.network]\nvpc_id = "v"\nprivate_subnet_ids = ["a", "b"]\n'
            "[existing.network_lookup]\n",
            "config/dev.toml: in [existing] network and network_lookup are both set: allowed is one of them.",
        ),
        (
            f"{MINIMAL}\n[logs]\nretention_days = 2\n",
            "config/dev.toml: in [logs.retention_days] retention_days is 2: allowed are 1, 3, 5, 7, 14, 30, "
            "60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653.",
        ),
        (
            f"{MINIMAL}\n[worker_pools.flower]\ncpu = 1024\nmemory_mib = 2048\n",
            "config/dev.toml: worker_pools has 'flower': allowed are names but access-logs, airflow, "
            "broker, cluster, credentials, database, database-proxy, endpoints, flower, ingress, key, "
            "network, observability, proxy, rds, storage, webserver, worker.",
        ),
        (
            f'{MINIMAL}\n[extras.gpu.environment]\nCOLOUR = "blue"\n',
            "config/dev.toml: extras has 'gpu': allowed are airflow, flower, worker.",
        ),
        (
            f'environment = "qa"\n{MINIMAL}',
            "config/dev.toml: environment is not a setting; the file's name says which it is.",
        ),
        ("image = ", "config/dev.toml: not TOML: Invalid value (at end of document)."),
        (
            f"secret_recovery_window_days = 3\n{MINIMAL}",
            "config/dev.toml: secret_recovery_window_days is 3: allowed are 0 and 7 to 30.",
        ),
        (
            f'organization = "a#b"\n{MINIMAL}',
            "config/dev.toml: organization is 'a#b': allowed are letters, digits, "
            "spaces and any of _.:/=+-@, at most 256 characters.",
        ),
        (
            f'base_url = "https://a b"\n{MINIMAL}',
            "config/dev.toml: base_url is 'https://a b': "
            r"allowed is text that should match pattern '^https?://[^/\s@]+$'.",
        ),
        (
            MINIMAL.replace("somebody", "${var.owner}"),
            "config/dev.toml: owner has '${': allowed is text without it, as it begins an expression of "
            "Terraform's; $${ stands for the characters themselves.",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_key_value_and_what_is_allowed(
    tmp_path: Path, text: str, problem: str
) -> None:
    assert _problems(tmp_path, text) == [problem]


def test_every_mistake_gets_its_sentence(tmp_path: Path) -> None:
    problems = _problems(tmp_path, f"{MINIMAL}\n[logs]\ncolour = 1\n[broker]\nreplicas = 9\n")

    assert problems == [
        "config/dev.toml: in [broker] replicas is 9: allowed are 0 to 5.",
        "config/dev.toml: logs.colour is not a setting; allowed here are retention_days.",
    ]


def test_a_mistake_in_the_environment_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KF_AIRFLOW_DATABASE__MULTI_AZ", "perhaps")

    assert _problems(tmp_path, MINIMAL) == [
        "KF_AIRFLOW_DATABASE__MULTI_AZ: database.multi_az is 'perhaps': "
        "allowed is a valid boolean, unable to interpret input."
    ]


def test_each_variable_that_airflow_does_not_read_is_a_sentence(tmp_path: Path) -> None:
    problems = _problems(
        tmp_path,
        f"""{MINIMAL}
[variables]
AIRFLOW__WEBSERVER__BASE_URL = "https://airflow.example.org"
[extras.worker.environment]
AIRFLOW__CORE__EXECUTOR = "LocalExecutor"
""",
    )

    assert [problem.split(" is ")[0] for problem in problems] == [
        "config/dev.toml: AIRFLOW__CORE__EXECUTOR",
        "config/dev.toml: AIRFLOW__WEBSERVER__BASE_URL",
    ]


def test_a_misspelt_variable_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KF_AIRFLOW_WORKR__COUNT", "3")
    (problem,) = _problems(tmp_path, MINIMAL)

    assert problem.startswith(
        "The environment: KF_AIRFLOW_WORKR__COUNT is not a setting; allowed are KF_AIRFLOW_ and one of"
    )


def test_a_table_in_the_environment_that_is_not_json_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KF_AIRFLOW_DATABASE", "{multi_az}")

    assert _problems(tmp_path, MINIMAL) == [
        "The environment: KF_AIRFLOW_DATABASE is no JSON: allowed is a table as JSON."
    ]
