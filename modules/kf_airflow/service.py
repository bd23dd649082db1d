"""One ECS service on Fargate with all that belongs to it alone."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import Postcondition, TerraformResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceCapacityProviderStrategy,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceLoadBalancer,
    EcsServiceNetworkConfiguration,
)
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from constructs import Construct

from kf_airflow.connections import allow
from kf_airflow.containers import Container, TargetSpec
from kf_airflow.deprecations import renamed_arguments
from kf_airflow.log_groups import place_log_group
from kf_airflow.naming import checked_service_name
from kf_airflow.options import FargateOptions, Permission, ServiceOptions
from kf_airflow.refs import ClusterRef, Consumer, NetworkRef, ServiceRef
from kf_airflow.registration import place_registry, place_target_group
from kf_airflow.task_definition import place_task_definition
from kf_airflow.task_roles import allow_code, allow_execution, place_role


class Service(Construct):
    """An ECS service with its task definition, roles, security group and log group.

    Where asked for, it has a target group and a private name too. Its tasks have private addresses, may
    connect to anywhere, and nobody may connect to them until `allow_from` (or an `Ingress`) says so. The task
    role has no permissions until something is granted to the service; the execution role may do what ECS
    needs to start these containers. Deployments are rolled back if the new tasks do not stay up.

    Args:
        scope: Where it is placed.
        id_: Its id there, also the last part of its log group's name.
        name: The service's name, at most 32 characters.
        network: Where its tasks run: in the private subnets.
        cluster: Which cluster runs it.
        containers: What a task consists of.
        options: How it is made, as `ServiceOptions`. 0.25 vCPU, 512 MiB and one task if left out.
        target: What a load balancer forwards to. No target group if left out.
        discovery_name: The name its tasks have in the cluster's namespace. None if left out.
        permissions: What its code may do in AWS. What is granted to it later if left out.
        wait_for_steady_state: Whether Terraform waits until the deployment is through, and fails if it is
            rolled back. False if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    @renamed_arguments(since="0.2.0", size="options")
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        network: NetworkRef,
        cluster: ClusterRef,
        containers: Sequence[Container],
        options: FargateOptions | None = None,
        target: TargetSpec | None = None,
        discovery_name: str | None = None,
        permissions: Sequence[Permission] = (),
        wait_for_steady_state: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        self.name = id_
        self.service_name = checked_service_name(name)
        self._target = target
        self._cluster_name = cluster.name
        options = options or ServiceOptions(cpu=256, memory_mib=512)
        self._log_group_name = f"{cluster.log_group_prefix}/{self.name}"
        self._log_group = self._place_log_group(cluster)
        self._security_group = self._guard(network)
        self._task_role = place_role(self, "task-role", name=f"{name}-task", cluster=cluster)
        execution_role = place_role(self, "execution-role", name=f"{name}-exec", cluster=cluster)
        self._target_group = (
            place_target_group(self, "target-group", name=name, target=target, network=network)
            if target
            else None
        )
        self._waits_for: list[TerraformResource] = [
            allow_execution(
                self, role=execution_role, containers=containers, log_group_arn=self._log_group.arn
            ),
            *allow_code(self, role=self._task_role, permissions=permissions, ecs_exec=options.ecs_exec),
        ]
        self._definition = place_task_definition(
            self,
            "task-definition",
            family=name,
            containers=containers,
            options=options,
            task_role_arn=self._task_role.arn,
            execution_role_arn=execution_role.arn,
            log_group=self.log_group_name,
            region=cluster.region,
        )
        self._service = EcsService(
            self,
            "service",
            name=name,
            # By its name, which is known once the cluster has the capacity providers.
            cluster=cluster.name,
            task_definition=self._definition.arn,
            desired_count=options.count,
            capacity_provider_strategy=_strategy(options),
            # Without it the provider replaces a service whose capacity providers change.
            force_new_deployment=True,
            availability_zone_rebalancing="ENABLED" if options.zone_rebalancing else "DISABLED",
            deployment_minimum_healthy_percent=options.minimum_healthy_percent,
            deployment_maximum_percent=options.maximum_percent,
            deployment_circuit_breaker=EcsServiceDeploymentCircuitBreaker(enable=True, rollback=True),
            enable_execute_command=options.ecs_exec,
            health_check_grace_period_seconds=options.health_check_grace_seconds if target else None,
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=list(network.private_subnet_ids),
                security_groups=[self._security_group.id],
                assign_public_ip=False,
            ),
            load_balancer=self._load_balancer(),
            service_registries=(
                place_registry(self, "discovery", name=discovery_name, cluster=cluster)
                if discovery_name
                else None
            ),
            propagate_tags="SERVICE",
            enable_ecs_managed_tags=True,
            wait_for_steady_state=wait_for_steady_state,
            lifecycle=TerraformResourceLifecycle(
                ignore_changes=None if options.max_count is None else ["desired_count"],
                postcondition=[self._rolled()],
            ),
            depends_on=self._waits_for,
            tags={"Name": name},
        )

    @property
    def ref(self) -> ServiceRef:
        """What an autoscaler has to know of it; what uses that comes after it."""
        return ServiceRef(
            cluster_name=self._cluster_name,
            name=self._service.name,
            target_group_arn=None if self._target_group is None else self._target_group.arn,
        )

    @property
    def security_group_id(self) -> str:
        """The security group of its tasks."""
        return str(self._security_group.id)

    @property
    def task_role_name(self) -> str:
        """The role the containers' code has."""
        return str(self._task_role.name)

    @property
    def log_group_name(self) -> str:
        """The CloudWatch log group of its containers; the streams are `<container>/<container>/<task id>`."""
        return str(self._log_group.name)

    @property
    def task_definition_arn(self) -> str:
        """The revision of its task definition that runs, unless ECS went back to the one before."""
        return str(self._definition.arn)

    @property
    def target_group_arn(self) -> str:
        """Where its tasks register.

        Raises:
            ValueError: if it was made without a target.
        """
        if self._target_group is None:
            raise ValueError(
                f"service {self.service_name!r} has no target group: give it a target to forward to it"
            )
        return str(self._target_group.arn)

    @property
    def target_ports(self) -> tuple[int, ...]:
        """The ports a load balancer has to reach. None without a target."""
        return self._target.ports if self._target else ()

    def allow_from(self, source: Consumer, *, port: int, description: str) -> None:
        """Lets `source` connect to a port of the tasks, and makes it start after that."""
        allow(
            self,
            f"port-{port}-from-{source.name}",
            source=source,
            security_group_id=self.security_group_id,
            port=port,
            description=description,
        )

    def start_after(self, resource: TerraformResource) -> None:
        """Makes the service start only once `resource` is there, so that no task fails for want of it."""
        self._waits_for.append(resource)
        # The bare address: Terraform takes no `${}` here, which `fqn` has.
        self._service.depends_on = [
            f"{waited_for.terraform_resource_type}.{waited_for.friendly_unique_id}"
            for waited_for in self._waits_for
        ]

    def roll_before(self, other: Service) -> None:
        """Makes the deployments of `other` begin after its own; once those are over, if Terraform waits."""
        other.start_after(self._service)

    def _guard(self, network: NetworkRef) -> SecurityGroup:
        group = SecurityGroup(
            self,
            "security-group",
            name=self.service_name,
            description=f"Tasks of {self.service_name}",
            vpc_id=network.vpc_id,
            tags={"Name": self.service_name},
        )
        VpcSecurityGroupEgressRule(
            self,
            "egress",
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="-1",
            description="AWS APIs, and whatever the code calls",
        )
        return group

    def _rolled(self) -> Postcondition:
        """Fails a deployment that ECS took back: the tasks before are a steady state too."""
        return Postcondition(
            condition=f"${{self.task_definition == {self._definition.fqn}.arn}}",
            error_message=(
                f"ECS took the deployment of {self.service_name} back, as its new tasks did not stay up; the "
                f"tasks before it serve on. The new ones' logs are in {self._log_group_name}."
            ),
        )

    def _place_log_group(self, cluster: ClusterRef) -> CloudwatchLogGroup:
        return place_log_group(
            self,
            "log-group",
            name=self._log_group_name,
            retention_days=cluster.log_retention_days,
            key_arn=cluster.log_key_arn,
        )

    def _load_balancer(self) -> list[EcsServiceLoadBalancer] | None:
        if self._target is None:
            return None
        return [
            EcsServiceLoadBalancer(
                target_group_arn=self.target_group_arn,
                container_name=self._target.container,
                container_port=self._target.port,
            )
        ]


def _strategy(options: FargateOptions) -> list[EcsServiceCapacityProviderStrategy]:
    """Returns where tasks run: the first few on demand, of those above a share on Spot."""
    if not options.spot_percent:
        return [EcsServiceCapacityProviderStrategy(capacity_provider="FARGATE", weight=1)]
    return [
        EcsServiceCapacityProviderStrategy(
            capacity_provider="FARGATE", base=options.base, weight=100 - options.spot_percent
        ),
        EcsServiceCapacityProviderStrategy(capacity_provider="FARGATE_SPOT", weight=options.spot_percent),
    ]
