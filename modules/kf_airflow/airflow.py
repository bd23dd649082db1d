"""Apache Airflow on ECS Fargate: the composition, and the only file that knows all parts."""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from kf_airflow import components, connections
from kf_airflow.broker import Broker
from kf_airflow.cluster import Cluster
from kf_airflow.credentials import Credentials
from kf_airflow.database import Database
from kf_airflow.environment import FLOWER_PREFIX, WEBSERVER_PORT, Surroundings
from kf_airflow.ingress import Ingress
from kf_airflow.naming import checked_name
from kf_airflow.network import Network
from kf_airflow.options import (
    BrokerOptions,
    DatabaseOptions,
    IngressOptions,
    LogOptions,
    NetworkOptions,
    StorageOptions,
)
from kf_airflow.refs import BrokerRef, BucketRef, ClusterRef, CredentialsRef, DatabaseRef, NetworkRef
from kf_airflow.service import Service
from kf_airflow.sizing import ServiceSize, WorkerSize, parallelism
from kf_airflow.storage import Storage

# Of the paths the load balancer would forward: the execution API is for workers, who reach it inside, and
# Flower's metrics, which show the workers and what they run, ask for no password.
_REFUSED_PATHS = ("/execution", "/execution/*", f"{FLOWER_PREFIX}/metrics")


class Airflow(Construct):
    """Airflow 3 with the Celery executor: three ECS services behind one load balancer.

    `airflow` migrates the database and runs the webserver, scheduler, DAG processor and triggerer; `worker`
    runs the tasks; `flower` shows Celery. What is not brought is made.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What all resources are called, at most 24 characters.
        image: The image of `Dockerfile`, by tag or digest.
        network: A network, or how it is made. If left out, a VPC with two zones and one NAT gateway is made.
        database: A database, or how it is made. If left out, a single `db.t4g.small` is made.
        broker: A broker, or how it is made. If left out, a single `cache.t4g.small` is made.
        bucket: Where the logs go, or how that bucket is made. If left out, a bucket that keeps logs for a
            year is made.
        credentials: Secrets that exist already. If left out, they are made with random values.
        cluster: An ECS cluster with a namespace. If left out, one is made.
        ingress: How the load balancer is made. If left out, it is internal and serves plain HTTP to the
            network.
        airflow_size: The tasks of `airflow`. 1 vCPU, 4 GiB and one task if left out.
        worker_size: The workers. 1 vCPU, 4 GiB and one worker if left out.
        flower_size: The task of `flower`. 0.25 vCPU and 0.5 GiB if left out.
        base_url: The address users see in their browser. The load balancer's own if left out.
        logs: What the CloudWatch log groups are called and how long they keep. `apps/<name>`, 30 days if left
            out.
        ca_certificates: CAs to trust besides the system's and those of RDS, as PEM text, at most 8 KiB.
            None if left out.
        environment: Variables for every container, such as `AIRFLOW__CORE__DEFAULT_TIMEZONE`. None if left
            out.
        admin_username: The first administrator. `admin` if left out; unused if `credentials` are brought.
        secret_recovery_window_days: How long deleted secrets can be had back, 7 to 30 days; 0 deletes at
            once. 30 if left out.
        wait_for_steady_state: Whether Terraform waits until the services run, and fails if they do not. False
            if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

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
        credentials: CredentialsRef | None = None,
        cluster: ClusterRef | None = None,
        ingress: IngressOptions | None = None,
        airflow_size: ServiceSize | None = None,
        worker_size: WorkerSize | None = None,
        flower_size: ServiceSize | None = None,
        base_url: str | None = None,
        logs: LogOptions | None = None,
        ca_certificates: str | None = None,
        environment: Mapping[str, str] | None = None,
        admin_username: str = "admin",
        secret_recovery_window_days: int = 30,
        wait_for_steady_state: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        self._name = checked_name(name)
        self._image = image
        self._wait = wait_for_steady_state
        airflow_size = airflow_size or ServiceSize(cpu=1024, memory_mib=4096)
        worker_size = worker_size or WorkerSize(cpu=1024, memory_mib=4096)

        self.network = (
            network
            if isinstance(network, NetworkRef)
            else Network(self, "network", name=name, options=network).ref
        )
        self.database = (
            database
            if isinstance(database, DatabaseRef)
            else Database(self, "database", name=name, network=self.network, options=database).ref
        )
        self.broker = (
            broker
            if isinstance(broker, BrokerRef)
            else Broker(
                self,
                "broker",
                name=name,
                network=self.network,
                options=broker,
                recovery_window_days=secret_recovery_window_days,
            ).ref
        )
        self.bucket = (
            bucket
            if isinstance(bucket, BucketRef)
            else Storage(self, "storage", name=name, options=bucket).ref
        )
        self.credentials = (
            credentials
            or Credentials(
                self,
                "credentials",
                name=name,
                admin_username=admin_username,
                recovery_window_days=secret_recovery_window_days,
            ).ref
        )
        self.cluster = cluster or Cluster(self, "cluster", name=name, network=self.network, logs=logs).ref
        self.ingress = Ingress(self, "ingress", name=name, network=self.network, options=ingress)
        self.base_url = (base_url or self.ingress.url).rstrip("/")
        self._surroundings = Surroundings(
            base_url=self.base_url,
            namespace=self.cluster.namespace_name,
            region=self.cluster.region,
            bucket=self.bucket,
            database=self.database,
            broker=self.broker,
            parallelism=parallelism(worker_size, schedulers=airflow_size.count),
            worker_concurrency=worker_size.tasks_at_once,
            ca_certificates=ca_certificates,
            extra=environment or {},
        )
        self.airflow = self._service("airflow", airflow_size, discovery_name="webserver")
        self.worker = self._service("worker", worker_size)
        self.flower = self._service("flower", flower_size or ServiceSize(cpu=256, memory_mib=512))
        self._let_in()
        self._publish()

    @property
    def flower_url(self) -> str:
        """Flower's address for a browser."""
        return f"{self.base_url}{FLOWER_PREFIX}/"

    def _service(self, id_: str, size: ServiceSize, *, discovery_name: str | None = None) -> Service:
        return Service(
            self,
            id_,
            name=f"{self._name}-{id_}",
            network=self.network,
            cluster=self.cluster,
            containers=components.containers_of(
                id_, image=self._image, surroundings=self._surroundings, credentials=self.credentials
            ),
            size=size,
            target=components.TARGETS[id_],
            discovery_name=discovery_name,
            wait_for_steady_state=self._wait,
        )

    def _let_in(self) -> None:
        """Lets the services reach what they need; nothing else can."""
        for service in (self.airflow, self.worker):
            # Workers write Celery's result tables, with a role limited to them.
            connections.allow_store(
                self, f"database-from-{service.name}", source=service, store=self.database
            )
            # The triggerer writes logs as workers do, and the webserver reads them.
            connections.grant_read_write(
                self, f"logs-of-{service.name}", bucket=self.bucket, consumer=service
            )
            self.airflow.allow_from(service, port=WEBSERVER_PORT, description="Execution API")
        for service in (self.airflow, self.worker, self.flower):
            connections.allow_store(self, f"broker-from-{service.name}", source=service, store=self.broker)
        self.airflow.allow_from(
            self.airflow, port=components.TRIGGERER_LOG_PORT, description="Logs of running triggers"
        )
        self.worker.allow_from(
            self.airflow, port=components.WORKER_LOG_PORT, description="Logs of running tasks"
        )

    def _publish(self) -> None:
        self.ingress.refuse("inner-paths", paths=_REFUSED_PATHS)
        self.ingress.forward(self.flower, paths=[FLOWER_PREFIX, f"{FLOWER_PREFIX}/*"])
        self.ingress.forward(self.airflow)
        self.ingress.forward_inside(self.worker, port=components.WORKER_LOG_PORT, source=self.airflow)
