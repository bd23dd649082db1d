"""An API as Kids First has them: web, RQ worker and scheduler from one image, with stores of their own."""

from cdktf import TerraformStack

from kf_airflow import (
    Broker,
    BrokerOptions,
    Cluster,
    Container,
    Database,
    Ingress,
    IngressOptions,
    Metric,
    Network,
    NetworkOptions,
    QueueScaling,
    Scaling,
    SecretKey,
    Service,
    ServiceOptions,
    TargetSpec,
)

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/dataservice:2.0.0"


def place(stack: TerraformStack) -> None:
    """Puts the service into a stack."""
    network = Network(stack, "network", name="dataservice-dev", options=NetworkOptions(zones=3)).ref
    cluster = Cluster(stack, "cluster", name="dataservice-dev", network=network).ref
    database = Database(
        stack, "database", name="dataservice-dev", network=network, database_name="dataservice"
    )
    # Its client speaks neither TLS nor AUTH.
    broker = Broker(
        stack,
        "broker",
        name="dataservice-dev",
        network=network,
        options=BrokerOptions(tls=False, auth=False, parameters={"maxmemory-policy": "volatile-lru"}),
    )
    environment = {
        "REDIS_HOST": broker.ref.address,
        "PG_HOST": database.ref.address,
        "PG_NAME": database.ref.name,
    }
    secrets = {
        "PG_USER": SecretKey(secret_arn=database.ref.secret_arn, key="username"),
        "PG_PASS": SecretKey(secret_arn=database.ref.secret_arn, key="password"),
    }

    def container(name: str, **options: object) -> Container:
        return Container(
            name=name,
            image=IMAGE,
            command=(name,),
            environment=environment,
            secrets=secrets,
            writable_paths=("/tmp",),
            **options,
        )

    web = Service(
        stack,
        "web",
        name="dataservice-dev-web",
        network=network,
        cluster=cluster,
        containers=[container("web", ports=(8000,))],
        options=ServiceOptions(cpu=512, memory_mib=1024, count=2),
        target=TargetSpec(container="web", port=8000, health_check_path="/status"),
    )
    workers = Service(
        stack,
        "workers",
        name="dataservice-dev-rq",
        network=network,
        cluster=cluster,
        containers=[container("worker"), container("scheduler", restart_after_seconds=60)],
        options=ServiceOptions(cpu=512, memory_mib=1024, count=0, max_count=20, spot_percent=100),
    )
    # The service publishes it: jobs that wait and run, a worker each, less the workers there are to be.
    Scaling(
        stack,
        "workers-scaling",
        service=workers.ref,
        policy=QueueScaling(scale_in_minutes=10),
        min_count=0,
        max_count=20,
        missing=Metric(namespace="Dataservice", name="WorkersMissing", dimensions={"Queue": "default"}),
    )
    for service in (web, workers):
        database.allow_from(service)
        broker.allow_from(service)
    ingress = Ingress(
        stack,
        "ingress",
        name="dataservice-dev",
        network=network,
        options=IngressOptions(idle_timeout_seconds=60),
    )
    ingress.forward(web)
