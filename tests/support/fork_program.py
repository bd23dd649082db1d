"""Synthesizes every stack in the environment it runs in: what they are, and on which engine, on stdout."""

import json
import sys
import warnings

warnings.simplefilter("error")

import kf_airflow  # noqa: E402  # the first import, as in every program

# isort: split
import cdktf  # noqa: E402
import cdktf_cdktf_provider_aws.vpc  # noqa: E402
import stacks  # noqa: E402

found = {
    "library": kf_airflow.__name__,
    "engine": cdktf.__name__,
    "bindings": cdktf_cdktf_provider_aws.vpc.__name__,
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    "stacks": {name: stacks.synthesized(name).document for name in stacks.names()},
}
sys.stdout.write(json.dumps(found))
