"""Says what runs, how it is and where it is found."""

from rich.table import Table

from kf_airflow_local import deployment, diagnostics, engine, leftovers, localstack
from kf_airflow_local.airflow import Airflow, SmokeRun
from kf_airflow_local.progress import Progress
from kf_airflow_local.summary import summary
from kf_airflow_local.system import System


def show(system: System, progress: Progress) -> bool:
    """Print the state of the system.

    Args:
        system: The system.
        progress: Where to print.

    Returns:
        Whether it runs and is healthy; also while an autoscaler adds workers or takes some away.
    """
    client = engine.reach()
    container = localstack.current(client) if client else None
    if client is None or container is None or container.status != "running":
        progress.say("Nothing runs: nox -s up brings it up.")
        return False
    missing = localstack.NEEDED_SERVICES - localstack.available_services(system.ports)
    localstack_state = f"without {', '.join(sorted(missing))}" if missing else "healthy"
    progress.say(f"LocalStack: {diagnostics.describe(container)}, {localstack_state}")
    outputs = system.outputs()
    if not outputs:
        progress.say("Nothing is deployed to it: nox -s up does so.")
        return False
    services = deployment.look(system.aws, outputs)
    table = Table("service", "desired", "running", "healthy targets", "last event")
    for service in services:
        style = "green" if service.is_healthy else "yellow" if service.is_scaling else "red"
        table.add_row(
            f"[{style}]{service.component}[/]",
            str(service.desired),
            str(service.running),
            ", ".join([str(service.healthy), *service.targets]),
            service.event,
        )
    progress.console.print(table)
    for kind in ("rds", "elasticache", "elbv2"):
        for one in leftovers.containers(client, kind):
            progress.say(f"{kind}: {one.name} {diagnostics.describe(one)}")
    answers = Airflow(outputs["webserver_url"]).is_up()
    progress.say(f"Airflow {'answers' if answers else 'does not answer'} through the load balancer.")
    progress.say(summary(system, outputs, SmokeRun.read(system.smoke_record)))
    return answers and deployment.all_serve(services)
