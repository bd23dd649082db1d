"""As much of a Docker client as looking at and removing containers, volumes and networks takes."""

from dataclasses import dataclass, field
from typing import Any

from docker.errors import NotFound


@dataclass
class Thing:
    """A container, volume or network of the double."""

    name: str
    labels: dict[str, str]
    kept: list["Thing"] = field(repr=False)
    status: str = "running"
    id: str = "0123"
    attrs: dict[str, Any] = field(default_factory=dict)
    said: bytes = b""

    def remove(self, **_: Any) -> None:
        if self not in self.kept:
            raise NotFound(self.name)
        self.kept.remove(self)

    def reload(self) -> None:
        pass

    def logs(self, tail: int) -> bytes:
        return b"\n".join(self.said.splitlines()[-tail:])


class Collection:
    """The containers, volumes or networks of the double."""

    def __init__(self) -> None:
        self.things: list[Thing] = []

    def add(self, name: str, labels: dict[str, str] | None = None, **options: Any) -> Thing:
        thing = Thing(name, labels or {}, self.things, **options)
        self.things.append(thing)
        return thing

    def get(self, name: str) -> Thing:
        for thing in self.things:
            if thing.name == name:
                return thing
        raise NotFound(name)

    def list(self, *, filters: dict[str, Any] | None = None, **_: Any) -> list[Thing]:
        wanted = [label.partition("=") for label in (filters or {}).get("label", [])]
        return [
            thing
            for thing in self.things
            if all(thing.labels.get(name) == value for name, _, value in wanted)
        ]


class DockerDouble:
    """A Docker client without an engine."""

    def __init__(self) -> None:
        self.containers, self.volumes, self.networks = Collection(), Collection(), Collection()
