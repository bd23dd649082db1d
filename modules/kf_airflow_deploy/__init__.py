"""Tools that deploy the stack to real clouds, each a command of ``python -m kf_airflow_deploy``."""
