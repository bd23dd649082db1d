"""Apache Airflow on ECS Fargate: the composition, and with `wiring` the only file that knows all parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from constructs import Construct

from kf_airflow import components, pools
from kf_airflow.access_logs import AccessLogs
from kf_airflow.airflow_checks import check_broker, check_login, check_schedules
from kf_airflow.broker import Broker
from kf_airflow.cluster import Cluster
from kf_airflow.configuration import AirflowConfiguration
from kf_airflow.connection_budget import checked_connections, demand_of
from kf_airflow.credentials import Credentials
from kf_airflow.database import Database
from kf_airflow.database_proxy import DatabaseProxy
from kf_airflow.deprecations import renamed_arguments
from kf_airflow.environment import FLOWER_PREFIX, Surroundings
from kf_airflow.image_reference import given_image
from kf_airflow.ingress import Ingress
from kf_airflow.key import Key
from kf_airflow.naming import checked_name
from kf_airflow.network import Network
from kf_airflow.options import (
    AccessLogOptions,
    BrokerOptions,
    DagOptions,
    DatabaseOptions,
    Extras,
    FargateOptions,
    IngressOptions,
    KeyOptions,
    LogOptions,
    NetworkOptions,
    ObservabilityOptions,
    ServiceOptions,
    StorageOptions,
)
from kf_airflow.options.extras import variables_of
from kf_airflow.pools import WorkerPool
from kf_airflow.refs import (
    BrokerRef,
    BucketRef,
    ClusterRef,
    CredentialsRef,
    DatabaseRef,
    KeyRef,
    LoadBalancerRef,
    NetworkRef,
    TopicRef,
)
from kf_airflow.removed_settings import checked_variables
from kf_airflow.rollout import RolloutOrder, checked_order
from kf_airflow.service import Service
from kf_airflow.storage import Storage
from kf_airflow.wiring import let_in, observe, order, publish, scale
from kf_airflow.worker_pauses import checked_pauses

_DATABASE_NAME = "airflow"


class Airflow(Construct):
    """Airflow 3 with the Celery executor: ECS services behind one load balancer.

    `airflow` migrates the database and runs the webserver, scheduler, DAG processor and triggerer; `worker`
    and every further pool run the tasks; `flower` shows Celery. What is not brought is made.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What all resources are called, at most 24 characters.
        image: The image of `Dockerfile`, as `repository[:tag][@sha256:digest]`. All containers run the digest
            if there is one, and have the tag as a label.
        network: A network, or how it is made. If left out, a VPC with two zones and one NAT gateway is made.
        database: A database, or how it is made. If left out, a single `db.t4g.small` is made.
        broker: A broker, or how it is made. If left out, a single `cache.t4g.small` is made.
        bucket: Where the logs and the archives of DAGs go, or how that bucket is made. If left out, a bucket
            that keeps logs for a year is made.
        dags: How the versions of the DAGs are kept. Unused archives for 30 days if left out.
        credentials: Secrets that exist already. If left out, they are made with random values.
        cluster: An ECS cluster with a namespace. If left out, one is made.
        ingress: How the load balancer is made. If left out, it is internal and serves plain HTTP to the
            network.
        load_balancer: A load balancer that exists already. If left out, one is made.
        key: A KMS key, or how it is made, for all that is stored. AWS's own keys if left out.
        access_logs: Where it is logged who used the load balancer and the log bucket, or how that bucket is
            made. Nowhere if left out.
        airflow: How the service `airflow` is made. 1 vCPU, 4 GiB and one task if left out.
        worker: How the pool of workers for the default queue is made. 1 vCPU, 4 GiB and one worker if left
            out.
        flower: How the service `flower` is made. 0.25 vCPU, 0.5 GiB and one task if left out.
        worker_pools: Further pools of workers by name, each a service of its own. None if left out.
        configuration: Airflow's own settings. Ours and Airflow's defaults if left out.
        environment: Variables for every container of ours. None if left out.
        extras: By service (`airflow`, `flower`, `worker` or another pool) what is added to it. Nothing if
            left out.
        base_url: The address users see in their browser. The host of `ingress`, or the load balancer's own,
            if left out.
        logs: What the CloudWatch log groups are called and how long they keep. `apps/<name>`, 30 days if left
            out.
        observability: What is watched in CloudWatch, and who is told. Nobody is if left out.
        alarm_topic: An SNS topic for the alarms that exists already. If left out, one is made.
        ca_certificates: CAs to trust besides the system's and those of RDS, as PEM text, at most 5 KiB.
            None if left out.
        admin_username: The first administrator. `admin` if left out; unused if `credentials` are brought.
        secret_recovery_window_days: How long deleted secrets can be had back, 7 to 30 days; 0 deletes at
            once. 30 if left out.
        wait_for_steady_state: Whether Terraform waits until the services run, and fails if they do not. False
            if left out.
        rollout_order: Whether a deployment replaces workers before `airflow` (`workers-first`), or `airflow`
            first (`airflow-first`), as a newer Airflow wants it. `workers-first` if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    @renamed_arguments(since="0.2.0", airflow_size="airflow", worker_size="worker", flower_size="flower")
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        image: str,
        network: NetworkRef | NetworkOptions | None = None,
        database: DatabaseRef | DatabaseOptions | None = None,
        broker: BrokerRef | BrokerOptions | None = None,
        bucket: BucketRef | StorageOptions | None = None,
        dags: DagOptions | None = None,
        credentials: CredentialsRef | None = None,
        cluster: ClusterRef | None = None,
        ingress: IngressOptions | None = None,
        load_balancer: LoadBalancerRef | None = None,
        key: KeyRef | KeyOptions | None = None,
        access_logs: BucketRef | AccessLogOptions | None = None,
        airflow: ServiceOptions | None = None,
        worker: WorkerPool | None = None,
        flower: ServiceOptions | None = None,
        worker_pools: Mapping[str, WorkerPool] | None = None,
        configuration: AirflowConfiguration | None = None,
        environment: Mapping[str, str] | None = None,
        extras: Mapping[str, Extras] | None = None,
        base_url: str | None = None,
        logs: LogOptions | None = None,
        observability: ObservabilityOptions | None = None,
        alarm_topic: TopicRef | None = None,
        ca_certificates: str | None = None,
        admin_username: str = "admin",
        secret_recovery_window_days: int = 30,
        wait_for_steady_state: bool = False,
        rollout_order: RolloutOrder = "workers-first",
    ) -> None:
        super().__init__(scope, id_)
        self._name = checked_name(name)
        self.image = given_image("image", image)
        self._wait = wait_for_steady_state
        self._recovery_days = secret_recovery_window_days
        configuration = configuration or AirflowConfiguration()
        airflow = components.rolling(airflow or ServiceOptions(cpu=1024, memory_mib=4096))
        check_schedules(airflow)
        if load_balancer is None and not isinstance(network, NetworkRef):
            check_login(ingress or IngressOptions(), network or NetworkOptions())
        flower = flower or ServiceOptions(cpu=256, memory_mib=512)
        self.worker_pools = pools.worker_pools(
            worker or WorkerPool(cpu=1024, memory_mib=4096),
            worker_pools or {},
            deployment=name,
            default_queue=configuration.default_queue,
        )
        checked_pauses(self.worker_pools, configuration, begin=datetime.now(UTC))
        self._extras = pools.extras_of_services(extras or {}, self.worker_pools)
        checked_variables([*(environment or {}), *variables_of(self._extras.values())])

        self.key = Key(self, "key", name=name, options=key).ref if isinstance(key, KeyOptions) else key
        self.access_logs = (
            AccessLogs(self, "access-logs", name=name, options=access_logs).ref
            if isinstance(access_logs, AccessLogOptions)
            else access_logs
        )
        self.network = (
            network
            if isinstance(network, NetworkRef)
            else Network(self, "network", name=name, options=network, key=self.key).ref
        )
        self.credentials = credentials or self._credentials(admin_username)
        self.database_proxy: DatabaseProxy | None = None
        self.database = database if isinstance(database, DatabaseRef) else self._database(database)
        checked_connections(
            demand_of(airflow, self.worker_pools, configuration),
            max_connections=self.database.max_connections,
        )
        self.broker = broker if isinstance(broker, BrokerRef) else self._broker(broker)
        self.bucket = bucket if isinstance(bucket, BucketRef) else self._bucket(bucket)
        self.cluster = (
            cluster or Cluster(self, "cluster", name=name, network=self.network, logs=logs, key=self.key).ref
        )
        self.ingress = Ingress(
            self,
            "ingress",
            name=name,
            network=self.network,
            options=ingress,
            load_balancer=load_balancer,
            access_logs=self.access_logs,
            description="Load balancer of Airflow",
        )
        self._flower_host = ingress.flower_host if ingress else None
        self.base_url = (base_url or self.ingress.url).rstrip("/")
        self._surroundings = Surroundings(
            base_url=self.base_url,
            namespace=self.cluster.namespace_name,
            region=self.cluster.region,
            cluster_name=self.cluster.name,
            airflow_service=f"{name}-airflow",
            worker_pools={f"{name}-{pool}": options for pool, options in self.worker_pools.items()},
            bucket=self.bucket,
            dags=dags or DagOptions(),
            database=self.database,
            broker=self.broker,
            parallelism=pools.parallelism(self.worker_pools.values(), schedulers=airflow.lowest_count),
            configuration=configuration,
            ca_certificates=ca_certificates,
            extra=environment or {},
        )
        self.airflow = self._service("airflow", airflow, discovery_name="webserver")
        self.workers = {pool: self._service(pool, options) for pool, options in self.worker_pools.items()}
        self.flower = self._service("flower", flower)
        let_in(self)
        order(self, checked_order(rollout_order))
        publish(self, ingress or IngressOptions())
        scale(self, {"airflow": airflow, **self.worker_pools, "flower": flower})
        longest = configuration.task_queued_timeout_seconds
        self.observability = observe(
            self, name, observability, queued_timeout_seconds=longest, topic=alarm_topic
        )

    @property
    def worker(self) -> Service:
        """The workers of the default queue."""
        return self.workers[pools.DEFAULT_POOL]

    @property
    def flower_url(self) -> str:
        """Flower's address for a browser."""
        base = self.ingress.url_of(self._flower_host) if self._flower_host else self.base_url
        return f"{base}{FLOWER_PREFIX}/"

    def _credentials(self, admin_username: str) -> CredentialsRef:
        return Credentials(
            self,
            "credentials",
            name=self._name,
            admin_username=admin_username,
            recovery_window_days=self._recovery_days,
            key=self.key,
        ).ref

    def _database(self, options: DatabaseOptions | None) -> DatabaseRef:
        database = Database(
            self,
            "database",
            name=self._name,
            network=self.network,
            database_name=_DATABASE_NAME,
            options=options,
            key=self.key,
            description="PostgreSQL of Airflow",
        ).ref
        if options is None or not options.proxy:
            return database
        self.database_proxy = DatabaseProxy(
            self,
            "database-proxy",
            name=self._name,
            network=self.network,
            database=database,
            secret_arns=[self.credentials.metadata_secret_arn, self.credentials.results_secret_arn],
            key=self.key,
            description="Connections to PostgreSQL of Airflow",
        )
        self.direct_database = database
        return self.database_proxy.ref

    def _broker(self, options: BrokerOptions | None) -> BrokerRef:
        check_broker(options or BrokerOptions())
        return Broker(
            self,
            "broker",
            name=self._name,
            network=self.network,
            options=options,
            recovery_window_days=self._recovery_days,
            key=self.key,
            description="Celery broker of Airflow",
        ).ref

    def _bucket(self, options: StorageOptions | None) -> BucketRef:
        return Storage(
            self,
            "storage",
            name=self._name,
            options=options,
            key=self.key,
            access_logs=self.access_logs,
        ).ref

    def _service(self, id_: str, options: FargateOptions, *, discovery_name: str | None = None) -> Service:
        kind = "worker" if isinstance(options, WorkerPool) else id_
        extras = self._extras.get(id_)
        return Service(
            self,
            id_,
            name=f"{self._name}-{id_}",
            network=self.network,
            cluster=self.cluster,
            containers=components.containers_of(
                kind,
                image=self.image,
                surroundings=self._surroundings,
                credentials=self.credentials,
                options=options,
                extras=extras,
            ),
            options=options,
            target=components.TARGETS[kind],
            discovery_name=discovery_name,
            permissions=extras.permissions if extras else (),
            wait_for_steady_state=self._wait,
        )
