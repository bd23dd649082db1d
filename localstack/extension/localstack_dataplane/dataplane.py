"""All parts of the data plane, joined."""

import logging
import os
from collections.abc import Callable
from typing import Any

from localstack_dataplane.application_autoscaling.cloudwatch import CloudWatch
from localstack_dataplane.application_autoscaling.controller import ScalingController
from localstack_dataplane.application_autoscaling.services import EcsServices
from localstack_dataplane.application_autoscaling.store import ScalingStore
from localstack_dataplane.aws import InternalAws
from localstack_dataplane.cloud_map import CloudMapController
from localstack_dataplane.cloudwatch_metrics.controller import MetricsController
from localstack_dataplane.cloudwatch_metrics.elasticache import ElastiCacheMetrics
from localstack_dataplane.cloudwatch_metrics.elbv2 import LoadBalancerMetrics
from localstack_dataplane.cloudwatch_metrics.rds import RdsMetrics
from localstack_dataplane.config import Config
from localstack_dataplane.control import CONTROLS
from localstack_dataplane.dns import DnsServer
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.ecs.controller import EcsController
from localstack_dataplane.ecs.event_bus import EventBus
from localstack_dataplane.ecs.events import Events
from localstack_dataplane.ecs.instances import Instances
from localstack_dataplane.ecs.launch import CONTAINER_KIND
from localstack_dataplane.ecs.metrics import UtilizationController
from localstack_dataplane.ecs.networks import KIND as NETWORK_KIND
from localstack_dataplane.ecs.networks import Networks
from localstack_dataplane.ecs.runner import TaskRunner
from localstack_dataplane.ecs.spot import CONTROL as SPOT_CONTROL
from localstack_dataplane.ecs.spot import SpotInterruptions
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.targets import Targets
from localstack_dataplane.elasticache.controller import ElastiCacheController
from localstack_dataplane.elbv2.controller import LoadBalancerController
from localstack_dataplane.logs import LogShipper
from localstack_dataplane.metadata import Metadata, MetadataServer
from localstack_dataplane.moto_state.cloud_map import MotoCloudMap
from localstack_dataplane.moto_state.ecs import MotoEcs
from localstack_dataplane.moto_state.elasticache import MotoElastiCache
from localstack_dataplane.moto_state.elbv2 import MotoElbv2
from localstack_dataplane.moto_state.rds import MotoRds
from localstack_dataplane.names import Names
from localstack_dataplane.pki import CertificateAuthority
from localstack_dataplane.rds.controller import RdsController
from localstack_dataplane.rds_maintenance import CONTROL as MAINTENANCE_CONTROL
from localstack_dataplane.rds_maintenance import MaintenanceWindows
from localstack_dataplane.reconciler import Reconciler

LOG = logging.getLogger(__name__)


def _nothing() -> None:
    """Nobody has to know."""


def _metrics(config: Config, docker: DockerHost, aws: InternalAws) -> MetricsController:
    return MetricsController(
        config,
        aws,
        [
            RdsMetrics(docker, MotoRds()),
            ElastiCacheMetrics(docker, MotoElastiCache()),
            LoadBalancerMetrics(docker, MotoElbv2()),
        ],
    )


class DataPlane:
    """Starts and stops together what serves one local system.

    Args:
        config: Its settings.
        tasks: The tasks, which the API handlers share.
        ecs: The ECS records, which they share, too.
        scaling: The scalable targets, also shared.
        connect_to: `localstack.aws.connect.connect_to`.
        changed: Called when Docker reports a change.
    """

    def __init__(
        self,
        config: Config,
        tasks: TaskStore,
        ecs: MotoEcs,
        scaling: ScalingStore,
        connect_to: Callable[..., Any],
        changed: Callable[[], None] = _nothing,
    ) -> None:
        docker, names, aws = DockerHost(config), Names(), InternalAws(connect_to)
        authority = CertificateAuthority(config.ca_directory)
        self._logs = LogShipper(docker, aws)
        self._tasks = tasks
        networks = Networks(config, docker)
        self._runner = TaskRunner(config, docker, aws, self._logs, networks)
        self._event_bus = EventBus(aws)
        events = Events(self._event_bus.put)
        self._ecs = EcsController(
            docker=docker,
            state=ecs,
            tasks=tasks,
            runner=self._runner,
            targets=Targets(aws),
            instances=Instances(MotoCloudMap()),
            networks=networks,
            events=events,
            wake=lambda: self.wake(EcsController.name),
        )
        self._reconciler = Reconciler(
            docker,
            [
                self._ecs,
                CloudMapController(names, MotoCloudMap()),
                RdsController(config, docker, names, authority, MotoRds()),
                ElastiCacheController(config, docker, names, authority, MotoElastiCache()),
                LoadBalancerController(config, docker, names, authority, MotoElbv2()),
                ScalingController(config, scaling, EcsServices(aws), CloudWatch(aws, config.scaled)),
                *([UtilizationController(config, docker, tasks, aws)] if config.service_metrics else []),
                *([_metrics(config, docker, aws)] if config.service_metrics else []),
            ],
            changed=changed,
            concerned={
                NETWORK_KIND: (EcsController.name,),
                CONTAINER_KIND: (EcsController.name, CloudMapController.name),
            },
        )
        self._dns = DnsServer(names, config.address)
        self._metadata = MetadataServer(Metadata(tasks, aws, docker.stats), config.address)
        self._windows = MaintenanceWindows(self.wake)
        self._spot = SpotInterruptions(config, tasks, events, self.wake)

    @classmethod
    def from_environment(
        cls,
        tasks: TaskStore,
        ecs: MotoEcs,
        scaling: ScalingStore,
        connect_to: Callable[..., Any],
        changed: Callable[[], None] = _nothing,
    ) -> "DataPlane":
        """With the settings in the environment of this process.

        Raises:
            ConfigurationError: One is missing or malformed.
        """
        return cls(Config.from_environment(os.environ), tasks, ecs, scaling, connect_to, changed)

    def start(self) -> None:
        """Start every part."""
        self._dns.start()
        self._metadata.start()
        self._logs.start()
        self._event_bus.start()
        for task in self._tasks.active():  # of the process before
            self._runner.adopt(task)
        self._reconciler.start()
        CONTROLS.add(SPOT_CONTROL, POST=self._spot.interrupt)
        CONTROLS.add(MAINTENANCE_CONTROL, POST=self._windows.open)
        LOG.info("The data plane is running")

    def wake(self, *controllers: str) -> None:
        """Act on a change of the recorded state at once.

        Args:
            *controllers: Those that it concerns; all of them if left out.
        """
        self._reconciler.wake(*controllers)

    def stop(self) -> None:
        """Stop every part; containers go on running: whoever started this system removes them."""
        self._reconciler.stop()
        self._ecs.close()
        self._logs.stop()
        self._event_bus.stop()
        self._metadata.stop()
        self._dns.stop()
