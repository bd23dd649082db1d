"""Cache parameter groups of Redis: which parameters there are, and what somebody set them to.

Names, defaults and allowed values:
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FAMILIES = ("redis6.x", "redis7", "valkey7", "valkey8")
_POLICIES = (
    "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction"
)
_YES_NO = "yes,no"


class ParameterError(ValueError):
    """A parameter or value that ElastiCache does not accept."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a family.

    Attributes:
        default: Value where nobody set one.
        allowed: Values with commas between, or a range such as `0-100`; empty for anything.
        kind: ElastiCache's data type: integer or string.
        engine: Whether Redis knows it by this name; the others are ElastiCache's own.
        reboot: Whether it takes effect only after a reboot.
        modifiable: Whether anybody but AWS may set it.
    """

    default: str
    allowed: str = ""
    kind: str = "string"
    engine: bool = True
    reboot: bool = False
    modifiable: bool = True

    def accepts(self, value: str) -> bool:
        """Whether a value is allowed."""
        low, dash, high = self.allowed.partition("-")
        if self.kind == "integer":
            if not value.lstrip("-").isdecimal():
                return False
            return not (dash and low.isdecimal() and high.isdecimal()) or int(low) <= int(value) <= int(high)
        return not self.allowed or value in self.allowed.split(",")


def _integer(default: str, allowed: str = "", *, engine: bool = True, reboot: bool = False) -> Parameter:
    return Parameter(default, allowed, "integer", engine, reboot)


PARAMETERS: Mapping[str, Parameter] = {
    "activedefrag": Parameter("no", _YES_NO),
    "active-expire-effort": _integer("1", "1-10"),
    "activerehashing": Parameter("yes", _YES_NO, reboot=True),
    "appendonly": Parameter("no", _YES_NO, modifiable=False),
    "appendfsync": Parameter("everysec", "always,everysec,no", modifiable=False),
    "client-output-buffer-limit-normal-hard-limit": _integer("0", engine=False),
    "client-output-buffer-limit-pubsub-hard-limit": _integer("33554432", engine=False),
    "client-output-buffer-limit-pubsub-soft-limit": _integer("8388608", engine=False),
    "client-output-buffer-limit-pubsub-soft-seconds": _integer("60", engine=False),
    "close-on-replica-write": Parameter("yes", _YES_NO, engine=False),
    "cluster-enabled": Parameter("no", _YES_NO, engine=False, reboot=True),
    "databases": _integer("16", "1-1200000", reboot=True),
    "hash-max-listpack-entries": _integer("512", "0-2147483647"),
    "hash-max-listpack-value": _integer("64", "0-2147483647"),
    "hll-sparse-max-bytes": _integer("3000", "1-16000"),
    "lazyfree-lazy-eviction": Parameter("yes", _YES_NO),
    "lazyfree-lazy-expire": Parameter("yes", _YES_NO),
    "lazyfree-lazy-server-del": Parameter("yes", _YES_NO),
    "lfu-decay-time": _integer("1", "0-2147483647"),
    "lfu-log-factor": _integer("10", "0-2147483647"),
    "list-compress-depth": _integer("0", "0-2147483647"),
    "list-max-listpack-size": Parameter("-2"),
    "lua-time-limit": Parameter("5000", kind="integer", modifiable=False),
    "maxclients": Parameter("65000", kind="integer", modifiable=False),
    "maxmemory-policy": Parameter("volatile-lru", _POLICIES),
    "maxmemory-samples": _integer("3", "1-64"),
    "min-replicas-max-lag": _integer("10", "0-2147483647"),
    "min-replicas-to-write": _integer("0", "0-2147483647"),
    "notify-keyspace-events": Parameter(""),
    "proto-max-bulk-len": _integer("536870912", "1048576-536870912"),
    "repl-backlog-size": _integer("1048576", "16384-2147483647"),
    "repl-backlog-ttl": _integer("3600", "0-2147483647"),
    "reserved-memory": _integer("0", engine=False),
    "reserved-memory-percent": _integer("25", "0-100", engine=False),
    "set-max-intset-entries": _integer("512", "0-2147483647"),
    "slowlog-log-slower-than": _integer("10000"),
    "slowlog-max-len": _integer("128", "0-2147483647"),
    "stream-node-max-bytes": _integer("4096", "0-2147483647"),
    "stream-node-max-entries": _integer("100", "0-2147483647"),
    "tcp-keepalive": _integer("300", "0-2147483647"),
    "timeout": _integer("0", "0-2147483647"),
    "tracking-table-max-keys": _integer("1000000", "1-100000000"),
    "zset-max-listpack-entries": _integer("128", "0-2147483647"),
    "zset-max-listpack-value": _integer("64", "0-2147483647"),
}


@dataclass(kw_only=True)
class ParameterGroup:
    """A cache parameter group.

    Attributes:
        values: Only what somebody set.
    """

    name: str
    family: str
    description: str
    arn: str
    values: dict[str, str] = field(default_factory=dict)

    def set(self, name: str, value: str) -> None:
        """Set a parameter.

        Raises:
            ParameterError: There is no such parameter, it cannot be set, or not to this value.
        """
        parameter = PARAMETERS.get(name)
        if parameter is None:
            raise ParameterError(f"Invalid parameter {name}: it is not a parameter of family {self.family}.")
        if not parameter.modifiable:
            raise ParameterError(f"Parameter {name} is not modifiable.")
        if not parameter.accepts(value):
            allowed = f" Allowed values: {parameter.allowed}." if parameter.allowed else ""
            raise ParameterError(f"Invalid value {value!r} for parameter {name}.{allowed}")
        self.values[name] = value

    def described(self, source: str | None) -> list[dict[str, Any]]:
        """Parameters as DescribeCacheParameters returns them.

        Args:
            source: `user` for those somebody set, `system` for the others; None for all.
        """
        return [
            _described(name, parameter, self.values.get(name))
            for name, parameter in PARAMETERS.items()
            if source is None or source == ("user" if name in self.values else "system")
        ]


def _described(name: str, parameter: Parameter, value: str | None) -> dict[str, Any]:
    described = {
        "ParameterName": name,
        "ParameterValue": parameter.default if value is None else value,
        "Source": "system" if value is None else "user",
        "DataType": parameter.kind,
        "AllowedValues": parameter.allowed,
        "IsModifiable": parameter.modifiable,
        "MinimumEngineVersion": "6.0.0",
        "ChangeType": "requires-reboot" if parameter.reboot else "immediate",
    }
    return {key: item for key, item in described.items() if item != ""}


def directives(values: Mapping[str, str]) -> dict[str, str]:
    """What Redis itself is told: what somebody set, and else ElastiCache's default, after a reset too."""
    return {
        name: values.get(name, parameter.default)
        for name, parameter in PARAMETERS.items()
        if parameter.engine and (parameter.modifiable or name in values)
    }
