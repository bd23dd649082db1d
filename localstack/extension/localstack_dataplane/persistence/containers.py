"""Where LocalStack and moto keep their records: moto's backends and LocalStack's stores."""

import importlib
import sys
from collections.abc import Iterator
from typing import Any

from localstack.services.stores import AccountRegionBundle, RegionBundle
from moto.core.base_backend import BackendDict

from localstack_dataplane.persistence.pickling import Name

Contents = dict[Name, Any]


def contents() -> Contents:
    """What all containers that were ever used hold."""
    return {name: _held(container) for name, container in _containers() if container}


def names() -> dict[int, Name]:
    """The containers and their parts, by `id`: the next process makes them, what is in them is written."""
    found: dict[int, Name] = {}
    for name, container in _containers():
        found[id(container)] = name
        for account, regions in list(container.items()):
            found[id(regions)] = (*name, account)
            if isinstance(regions, RegionBundle):
                found.update({id(store): (*name, account, region) for region, store in list(regions.items())})
    return found


def find(name: Name) -> Any:
    """The container, or the part of one, that a name stands for."""
    module, attribute, *keys = name
    found = getattr(importlib.import_module(module), attribute)
    for key in keys:
        found = found[key]
    return found


def fill(saved: Contents) -> None:
    """Put back what containers held; nothing is put back if one of them is not there."""
    for container, held in [(find(name), held) for name, held in saved.items()]:
        if isinstance(container, BackendDict):
            for account, backends in held.items():
                for region, backend in backends.items():
                    dict.__setitem__(container[account], region, backend)
        else:
            _fill_bundle(container, held)


def _fill_bundle(bundle: Any, held: Any) -> None:
    universal, accounts = held
    bundle._universal.update(universal)  # noqa: SLF001 - there is no other way
    for account, (shared, stores) in accounts.items():
        bundle[account]._global.update(shared)  # noqa: SLF001
        for region, attributes in stores.items():
            bundle[account][region].__dict__.update(attributes)


def _held(container: Any) -> Any:
    if isinstance(container, BackendDict):
        return {account: dict(regions) for account, regions in list(container.items())}
    accounts = {
        account: (dict(regions._global), {region: _own(store) for region, store in list(regions.items())})  # noqa: SLF001
        for account, regions in list(container.items())
    }
    return dict(container._universal), accounts  # noqa: SLF001


def _own(store: Any) -> dict[str, Any]:
    """The attributes of a store that are its own; those that begin with an underscore are made with it."""
    return {key: value for key, value in list(vars(store).items()) if not key.startswith("_")}


def _containers() -> Iterator[tuple[Name, Any]]:
    """Those of the modules that are loaded, each once."""
    seen: set[int] = set()
    for module in sorted(sys.modules):
        if not module.startswith(("moto.", "localstack.services.")) or not module.endswith(".models"):
            continue
        for attribute, value in list(vars(sys.modules[module]).items()):
            if isinstance(value, BackendDict | AccountRegionBundle) and id(value) not in seen:
                seen.add(id(value))
                yield _home(value) or (module, attribute), value


def _home(value: Any) -> Name | None:
    """The module that a container is from, and its name there: others import it, under other names, too."""
    kind = value.backend if isinstance(value, BackendDict) else value.store
    home = sys.modules[kind.__module__]
    return next(((home.__name__, name) for name, other in vars(home).items() if other is value), None)
