"""The settings `main.py` reads: `config/<environment>.toml`, overridden by the environment."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from kf_airflow import checks, pools, production, removed_settings
from kf_airflow.configuration import AirflowConfiguration
from kf_airflow.existing import MADE_BY, ExistingSettings
from kf_airflow.image_reference import parse_image
from kf_airflow.naming import checked_name
from kf_airflow.options import (
    AccessLogOptions,
    BrokerOptions,
    DagOptions,
    DatabaseOptions,
    Extras,
    IngressOptions,
    KeyOptions,
    NetworkOptions,
    ObservabilityOptions,
    ServiceOptions,
    StorageOptions,
)
from kf_airflow.options.extras import variables_of
from kf_airflow.options.logs import checked_retention
from kf_airflow.overrides import merged, overrides
from kf_airflow.pools import WorkerPool
from kf_airflow.problems import SettingsError, expressions, sentences, types
from kf_airflow.regional_arns import check_region
from kf_airflow.rollout import RolloutOrder
from kf_airflow.state_settings import StateSettings

__all__ = ["AwsSettings", "Settings", "SettingsError", "StateSettings", "load_settings"]

ENVIRONMENT_PREFIX = "KF_AIRFLOW_"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AwsSettings(_Table):
    """Which AWS.

    Args:
        region: The region.
        endpoint_url: Where every AWS API is, for LocalStack. AWS's own endpoints if left out.
    """

    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    endpoint_url: str | None = Field(default=None, pattern=r"^https?://[^\s@]+$")


class LogSettings(_Table):
    """CloudWatch logs.

    Args:
        retention_days: How long they are kept. 30 if left out.
    """

    retention_days: int = 30

    @field_validator("retention_days")
    @classmethod
    def _known(cls, days: int) -> int:
        return checked_retention("retention_days", days)


class Settings(BaseSettings):
    """Everything that differs between environments.

    Args:
        environment: Which environment; the name of the file.
        image: The image to run, as `repository[:tag][@sha256:digest]`. All containers run the digest if there
            is one; prd wants one.
        owner: Who answers for the deployment; a tag.
        project: What it belongs to; a tag, and part of all names: `<project>-<environment>`. `kf-airflow` if
            left out.
        organization: A tag. `kf-strides` if left out.
        base_url: The address users see. The host of `ingress`, or the load balancer's own, if left out.
        admin_username: The first administrator. `admin` if left out.
        ca_certificate_file: A PEM file with CAs to trust besides the public ones, relative to the repository.
            None if left out.
        secret_recovery_window_days: How long deleted secrets can be had back; 0 deletes at once. 30 if left
            out.
        wait_for_steady_state: Whether a deployment ends only when the services run. True if left out.
        rollout_order: Whether a deployment replaces workers before `airflow` (`workers-first`), or `airflow`
            first (`airflow-first`), as a newer Airflow wants it. `workers-first` if left out.
        accepted_risks: Settings by which prd may lose data, or stands still when one thing fails, and which
            are meant, such as `database.multi_az`. None if left out; of no account elsewhere.
        aws: Which AWS.
        state: Where Terraform keeps its state.
        existing: What exists already and is used instead of being made. All is made if left out.
        network: How the VPC is made.
        database: How the database is made.
        broker: How the broker is made.
        storage: How the log bucket is made.
        dags: How the versions of the DAGs are kept.
        key: How a KMS key for all that is stored is made. AWS's own keys are used if left out.
        access_logs: How a bucket is made in which it is logged who used the load balancer and the log bucket.
            Nowhere if left out.
        ingress: How the load balancer is made, and by which hosts it serves what.
        logs: How CloudWatch logs are kept.
        observability: What is watched in CloudWatch, and who is told.
        airflow: How the service `airflow` is made. 1 vCPU, 4 GiB and one task if left out.
        worker: How the pool of workers for the default queue is made. 1 vCPU, 4 GiB and one worker if left
            out.
        flower: How the service `flower` is made. 0.25 vCPU, 0.5 GiB and one task if left out.
        worker_pools: Further pools of workers by name, each a service of its own. None if left out.
        configuration: Airflow's own settings.
        variables: Further environment variables for every container of ours. None if left out.
        extras: By service (`airflow`, `flower`, `worker` or another pool) what is added to it. Nothing if
            left out.
    """

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__"
    )

    environment: str
    image: str
    owner: str = Field(min_length=1)
    project: str = "kf-airflow"
    organization: str = "kf-strides"
    base_url: str | None = Field(default=None, pattern=r"^https?://[^/\s@]+$")
    admin_username: str = "admin"
    ca_certificate_file: Path | None = None
    secret_recovery_window_days: int = 30
    wait_for_steady_state: bool = True
    rollout_order: RolloutOrder = "workers-first"
    accepted_risks: tuple[str, ...] = ()
    aws: AwsSettings
    state: StateSettings
    existing: ExistingSettings = ExistingSettings()
    network: NetworkOptions = NetworkOptions()
    database: DatabaseOptions = DatabaseOptions()
    broker: BrokerOptions = BrokerOptions()
    storage: StorageOptions = StorageOptions()
    dags: DagOptions = DagOptions()
    key: KeyOptions | None = None
    access_logs: AccessLogOptions | None = None
    ingress: IngressOptions = IngressOptions()
    logs: LogSettings = LogSettings()
    observability: ObservabilityOptions = ObservabilityOptions()
    airflow: ServiceOptions = ServiceOptions(cpu=1024, memory_mib=4096)
    worker: WorkerPool = WorkerPool(cpu=1024, memory_mib=4096)
    flower: ServiceOptions = ServiceOptions(cpu=256, memory_mib=512)
    worker_pools: dict[str, WorkerPool] = Field(default_factory=dict)
    configuration: AirflowConfiguration = AirflowConfiguration()
    variables: dict[str, str] = Field(default_factory=dict)
    extras: dict[str, Extras] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """What all resources are called."""
        return f"{self.project}-{self.environment}"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checked_name(self.name)
        parse_image("image", self.image)
        checks.tag("owner", self.owner)
        checks.tag("organization", self.organization)
        checks.recovery_window("secret_recovery_window_days", self.secret_recovery_window_days)
        check_region(self.ingress, self.aws.region)
        for existing in sorted(self.existing.model_fields_set):
            made_by = MADE_BY.get(existing)
            if made_by in self.model_fields_set:
                raise ValueError(f"existing.{existing} and {made_by} are both set: allowed is one of them")
        all_pools = pools.worker_pools(
            self.worker,
            self.worker_pools,
            deployment=self.name,
            default_queue=self.configuration.default_queue,
        )
        pools.extras_of_services(self.extras, all_pools)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - it passes over what it does not know
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Puts the environment before the file; only which environment it is was settled already."""
        environment = init_settings().get("environment")
        found, problems = overrides(model=settings_cls, prefix=ENVIRONMENT_PREFIX)
        if problems:
            raise SettingsError(problems)
        return (
            InitSettingsSource(settings_cls, {"environment": environment}),
            InitSettingsSource(settings_cls, merged(found)),
            init_settings,
        )


def load_settings(environment: str, *, root: Path) -> Settings:
    """Reads the settings of an environment.

    Args:
        environment: Which: `config/<environment>.toml`.
        root: The folder `config` and all relative paths are in.

    Raises:
        SettingsError: if there is no such environment, or its settings cannot be used.
    """
    file = f"config/{environment}.toml"
    known = sorted(path.stem for path in (root / "config").glob("*.toml"))
    if environment not in known:
        raise SettingsError(
            [
                f"KF_AIRFLOW_ENVIRONMENT is {environment!r}: "
                f"allowed are {', '.join(known) or 'none, for config/ is empty'}."
            ]
        )
    try:
        values = tomllib.loads((root / file).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        # Besides what is no TOML: numbers of thousands of digits, and lists a thousand deep.
        raise SettingsError([f"{file}: not TOML: {error}."]) from error
    if "environment" in values:
        raise SettingsError([f"{file}: environment is not a setting; the file's name says which it is."])
    try:
        settings = Settings(environment=environment, **values)
    except ValidationError as error:
        raise SettingsError(
            [
                *sentences(error, model=Settings, file=file, prefix=ENVIRONMENT_PREFIX),
                *types(values, model=Settings, file=file, prefix=ENVIRONMENT_PREFIX, error=error),
            ]
        ) from error
    problems = [
        *types(values, model=Settings, file=file, prefix=ENVIRONMENT_PREFIX),
        *expressions(settings, file=file, prefix=ENVIRONMENT_PREFIX),
        *(f"{file}: {problem}." for problem in removed_settings.problems(_variables(settings))),
        *production.problems(settings, file=file),
    ]
    if problems:
        raise SettingsError(problems)
    return _with_absolute_paths(settings, root, file)


def _variables(settings: Settings) -> list[str]:
    return [*settings.variables, *variables_of(settings.extras.values())]


def _with_absolute_paths(settings: Settings, root: Path, file: str) -> Settings:
    update: dict[str, Any] = {}
    if settings.ca_certificate_file is not None:
        update["ca_certificate_file"] = _readable(settings.ca_certificate_file, root, file)
    if settings.state.path is not None:
        update["state"] = settings.state.model_copy(update={"path": root / settings.state.path})
    return settings.model_copy(update=update)


def _readable(certificate_file: Path, root: Path, file: str) -> Path:
    said = f"{file}: ca_certificate_file is {str(certificate_file)!r}"
    path = root / certificate_file
    try:
        path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsError(
            [f"{said}, which does not exist; `nox -s up` makes that of the local system."]
        ) from error
    except (OSError, ValueError) as error:
        raise SettingsError([f"{said}: allowed is a text file that can be read."]) from error
    return path
