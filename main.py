"""Synthesizes the stack of one environment.

`KF_AIRFLOW_ENVIRONMENT` says which (dev if unset); `config/<environment>.toml` has its settings. With
`SYNTH_HCL_OUTPUT=true`, which is what `cdktf synth --hcl` sets, it is written in Terraform's own language.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kf_airflow import SettingsError, load_settings


def main() -> int:
    """Writes the stack `airflow-<environment>` to cdktf.out, or to `CDKTF_OUTDIR`.

    Returns:
        0, or 2 if the settings cannot be used; each mistake is then a sentence on stderr.
    """
    environment = os.environ.get("KF_AIRFLOW_ENVIRONMENT") or "dev"
    try:
        settings = load_settings(environment, root=Path(__file__).resolve().parent)
    except SettingsError as error:
        sys.stderr.write("".join(f"{problem}\n" for problem in error.problems))
        return 2

    # Only now: CDKTF takes seconds to load, and a mistake in the settings should not wait for it.
    from cdktf import App

    from kf_airflow import AirflowStack

    app = App()
    try:
        AirflowStack(app, f"airflow-{environment}", settings=settings)
    except ValueError as error:
        sys.stderr.write(f"config/{environment}.toml: {error}.\n")
        return 2
    app.synth()
    if os.environ.get("SYNTH_HCL_OUTPUT") == "true":
        from kf_airflow.hcl_stack import write_hcl

        write_hcl(app)
    else:
        # Terraform would take one of an earlier `--hcl` for more of the same stack.
        Path(app.outdir, "stacks", f"airflow-{environment}", "cdk.tf").unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
