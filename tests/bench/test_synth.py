"""How much the lazy import of the AWS bindings saves."""

import sys
from typing import Any

from project import ROOT
from stopwatch import medians_of

ROUNDS = 3
PLAIN_IMPORT = "import cdktf_cdktf_provider_aws; import runpy; runpy.run_path('main.py', run_name='__main__')"


def test_synth_with_lazy_bindings_against_the_plain_import(report: dict[str, Any], tmp_path: Any) -> None:
    environment = {"KF_AIRFLOW_ENVIRONMENT": "dev", "JSII_RUNTIME_PACKAGE_CACHE": "enabled"}

    medians = medians_of(
        {
            "lazy": ([sys.executable, "main.py"], {**environment, "CDKTF_OUTDIR": str(tmp_path / "lazy")}),
            "plain": (
                [sys.executable, "-c", PLAIN_IMPORT],
                {**environment, "CDKTF_OUTDIR": str(tmp_path / "plain")},
            ),
        },
        cwd=ROOT,
        rounds=ROUNDS,
    )

    lazy, plain = (tmp_path / name / "stacks/airflow-dev/cdk.tf.json" for name in ("lazy", "plain"))
    assert lazy.read_text() == plain.read_text()
    report["synth"] = {
        "lazy_seconds": round(medians["lazy"], 2),
        "plain_import_seconds": round(medians["plain"], 2),
        "times_faster": round(medians["plain"] / medians["lazy"], 2),
        "aim_times_faster": 3,
        "rounds": ROUNDS,
    }
