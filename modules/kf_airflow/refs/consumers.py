"""Who can be let in, given permissions, and forwarded to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cdktf import TerraformResource


class Consumer(Protocol):
    """What can be let in somewhere, or given permissions: a `Service`, or anything that offers the same."""

    @property
    def name(self) -> str:
        """What it is called, unique among those let in at one place."""

    @property
    def security_group_id(self) -> str:
        """The security group its traffic comes from."""

    @property
    def task_role_name(self) -> str:
        """The IAM role its code has."""

    def start_after(self, resource: TerraformResource) -> None:
        """Makes it start only once `resource` is there."""


class Target(Consumer, Protocol):
    """What a load balancer can forward to: a `Service`, or anything that offers the same."""

    @property
    def target_group_arn(self) -> str:
        """Where its tasks register."""

    @property
    def target_ports(self) -> tuple[int, ...]:
        """The ports a load balancer needs to reach: that of the traffic and that of the health check."""
