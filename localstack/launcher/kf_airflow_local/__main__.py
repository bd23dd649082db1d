"""``python -m kf_airflow_local``."""

from kf_airflow_local.cli import main

main()
