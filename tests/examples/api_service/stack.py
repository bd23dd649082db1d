"""An API as Kids First has them: web, RQ worker and scheduler from one image, with stores of their own.

What runs is in `dataservice`, where it runs is here: the library's parts and no Airflow.
"""

from typing import Any

from cdktf import TerraformStack

from kf_airflow import (
    Broker,
    BrokerOptions,
    Cluster,
    Container,
    Database,
    DatabaseLogin,
    DatabaseOptions,
    HealthCheck,
    Ingress,
    IngressOptions,
    LogOptions,
    Metric,
    Network,
    NetworkOptions,
    QueueScaling,
    Scaling,
    SecretKey,
    Service,
    ServiceOptions,
    TargetSpec,
    UtilizationScaling,
)

NAME = "dataservice-dev"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/dataservice:2.0.0"
PORT = 8000
MOST_WORKERS = 20
# A worker is there when it has told Redis of itself, and until then counts as missing.
SCALING = QueueScaling(scale_in_minutes=10, scale_out_cooldown_seconds=120)


def place(
    stack: TerraformStack,
    *,
    image: str = IMAGE,
    ca_certificates: str = "",
    disposable: bool = False,
) -> None:
    """Puts the service into a stack.

    Args:
        stack: The stack, with a provider.
        image: What all containers run.
        ca_certificates: Authorities to trust besides the public ones and those of RDS, as PEM text.
        disposable: Whether AWS may delete the data, at once and without a trace.
    """
    window = 0 if disposable else 30
    network = Network(stack, "network", name=NAME, options=NetworkOptions(flow_logs=not disposable)).ref
    logs = LogOptions(retention_days=1 if disposable else 30)
    cluster = Cluster(stack, "cluster", name=NAME, network=network, logs=logs).ref
    database = Database(
        stack,
        "database",
        name=NAME,
        network=network,
        database_name="dataservice",
        options=DatabaseOptions(
            deletion_protection=not disposable,
            final_snapshot=not disposable,
            backup_retention_days=0 if disposable else 7,
        ),
    )
    login = DatabaseLogin(stack, "login", name=NAME, username="dataservice_api", recovery_window_days=window)
    broker = Broker(
        stack,
        "broker",
        name=NAME,
        network=network,
        # The cache may go when Redis is full. Jobs that wait have no time to live, and stay.
        options=BrokerOptions(parameters={"maxmemory-policy": "volatile-lru"}),
        recovery_window_days=window,
    )
    environment = {
        "PG_HOST": database.ref.address,
        "PG_NAME": database.ref.name,
        "REDIS_HOST": broker.ref.address,
        **({"CA_CERTIFICATES": ca_certificates} if ca_certificates else {}),
    }
    token = {"REDIS_PASS": SecretKey(secret_arn=str(broker.ref.secret_arn), key="password")}
    secrets = {**token, "PG_USER": login.username, "PG_PASS": login.password}
    # It makes the role that the others log in with, and that stays: RDS changes the password of the master.
    master = {
        **token,
        "PG_USER": SecretKey(secret_arn=database.ref.secret_arn, key="username"),
        "PG_PASS": SecretKey(secret_arn=database.ref.secret_arn, key="password"),
        "API_USER": login.username,
        "API_PASS": login.password,
    }

    def container(name: str, secrets: dict[str, SecretKey] = secrets, **options: Any) -> Container:
        return Container(
            name=name,
            image=image,
            command=(name,),
            environment=environment,
            secrets=secrets,
            writable_paths=("/tmp",),
            **options,
        )

    def alive(process: str) -> HealthCheck:
        return HealthCheck(command=("python", "-m", "dataservice", "alive", process), retries=4)

    web = Service(
        stack,
        "web",
        name=f"{NAME}-web",
        network=network,
        cluster=cluster,
        containers=[container("web", ports=(PORT,))],
        options=ServiceOptions(cpu=512, memory_mib=1024, count=2, max_count=6),
        target=TargetSpec(container="web", port=PORT, health_check_path="/health", deregistration_seconds=10),
        wait_for_steady_state=True,
    )
    # SIGTERM lets a worker finish its job: most are shorter than the two minutes that ECS waits.
    workers = Service(
        stack,
        "workers",
        name=f"{NAME}-workers",
        network=network,
        cluster=cluster,
        containers=[container("worker", health_check=alive("worker"))],
        options=ServiceOptions(
            cpu=512, memory_mib=1024, count=1, max_count=MOST_WORKERS, spot_percent=100, on_demand_base=0
        ),
        wait_for_steady_state=True,
    )
    # One at a time, or each job would be enqueued twice.
    scheduler = Service(
        stack,
        "scheduler",
        name=f"{NAME}-scheduler",
        network=network,
        cluster=cluster,
        containers=[
            container("migrate", master, essential=False),
            container("scheduler", depends_on={"migrate": "SUCCESS"}, health_check=alive("scheduler")),
        ],
        options=ServiceOptions(
            cpu=256,
            memory_mib=512,
            minimum_healthy_percent=0,
            maximum_percent=100,
            zone_rebalancing=False,
        ),
        wait_for_steady_state=True,
    )
    for service in (web, workers, scheduler):
        database.allow_from(service)
        broker.allow_from(service)
    # It has migrated then.
    scheduler.roll_before(web)
    scheduler.roll_before(workers)
    ingress = Ingress(
        stack,
        "ingress",
        name=NAME,
        network=network,
        options=IngressOptions(idle_timeout_seconds=60, deletion_protection=not disposable),
    )
    ingress.forward(web)
    Scaling(
        stack,
        "web-scaling",
        service=web.ref,
        policy=UtilizationScaling(cpu_percent=70),
        min_count=2,
        max_count=6,
    )
    # The scheduler publishes it: jobs that wait and run, a worker each, less the workers there are.
    Scaling(
        stack,
        "workers-scaling",
        service=workers.ref,
        policy=SCALING,
        min_count=1,
        max_count=MOST_WORKERS,
        missing=Metric(namespace="Dataservice", name="WorkersMissing", dimensions={"Queue": "default"}),
    )
