"""Decides whether CDKTF or its living fork, CDK Terrain (`cdktn`), is what the library is built on.

HashiCorp archived CDKTF in December 2025; the fork goes on with the same API under other names. The library
says `cdktf` and `cdktf_cdktf_provider_aws` everywhere. Where the fork is chosen, those names are the fork's
modules: the very same objects, so that a program may say `cdktn` and `cdktn_provider_aws` beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

CDKTF, FORK = "cdktf", "cdktn"
BINDINGS = {CDKTF: "cdktf_cdktf_provider_aws", FORK: "cdktn_provider_aws"}
_NAMES = {CDKTF: FORK, BINDINGS[CDKTF]: BINDINGS[FORK]}


def choose() -> str:
    """Returns the engine, and makes CDKTF's names its own.

    It is the fork if the program has imported that before, or if CDKTF is not installed; else CDKTF.
    """
    if any(isinstance(finder, _Renamed) for finder in sys.meta_path):
        return FORK
    if CDKTF in sys.modules or not (FORK in sys.modules or _only_fork()):
        return CDKTF
    sys.meta_path.insert(0, _Renamed())
    return FORK


def _only_fork() -> bool:
    return find_spec(CDKTF) is None and find_spec(FORK) is not None


class _Renamed(MetaPathFinder, Loader):
    """Finds the fork's modules by CDKTF's names."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        root, dot, rest = fullname.partition(".")
        if root not in _NAMES:
            return None
        return ModuleSpec(fullname, self, origin=f"{_NAMES[root]}{dot}{rest}")

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(str(spec.origin))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # Importing it by another name has given it another spec, by which its own imports would go.
        renamed = module.__spec__
        module.__spec__ = renamed.loader_state if renamed else None
