"""Loads the AWS bindings submodule by submodule instead of all at once.

`cdktf_cdktf_provider_aws/__init__.py` imports every one of its more than two thousand submodules, which takes
half a minute; a stack uses some forty of them (terraform-cdk issue 3753). Putting an empty package object
with the right `__path__` into `sys.modules` before the first import leaves Python to load just the submodules
that are asked for.

`kf_airflow/__init__.py` calls `load_on_demand` before anything else. A program that wants the plain way (the
benchmark does) imports `cdktf_cdktf_provider_aws` itself before `kf_airflow`: what is already loaded is left
alone. The bindings of CDKTF's fork are loaded in the same way, where `engine` chooses that.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType

from kf_airflow import engine

_JSII_ENVIRONMENT = {
    # Unpacked packages are kept between runs: unpacking the AWS bindings takes seven seconds.
    "JSII_RUNTIME_PACKAGE_CACHE": "enabled",
    # A twelve-line banner on every run would bury our own one-sentence errors. The first is a list of major
    # versions; 20 is past its end of life but works, older ones deserve the banner.
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
}


def load_on_demand() -> None:
    """Registers the AWS bindings as a package whose submodules load when they are first used.

    Does nothing if the package is loaded already or not installed. Variables of jsii the user has set are
    kept.
    """
    for name, value in _JSII_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    package = engine.BINDINGS[engine.choose()]
    if package in sys.modules:
        return
    spec = importlib.util.find_spec(package)
    if spec is None:
        return
    module = importlib.util.module_from_spec(spec)

    # `import cdktf_cdktf_provider_aws as aws; aws.vpc.Vpc(...)` keeps working for other projects.
    def submodule(name: str) -> ModuleType:
        try:
            return importlib.import_module(f"{package}.{name}")
        except ModuleNotFoundError as error:
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from error

    vars(module)["__getattr__"] = submodule
    sys.modules[package] = module
