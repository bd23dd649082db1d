"""`python -m kf_airflow_runtime.dag_processor`: Airflow's DAG processor, with the archives of its DAGs in S3.

Airflow's command makes the manager itself and has no option for another class.
"""

import sys

from airflow.__main__ import main as airflow
from airflow.cli.commands import dag_processor_command

from kf_airflow_runtime.archiving_dag_processor import ArchivingDagProcessor


def main() -> None:
    """Becomes `airflow dag-processor` with the arguments of this process."""
    dag_processor_command.DagFileProcessorManager = ArchivingDagProcessor
    sys.argv = ["airflow", "dag-processor", *sys.argv[1:]]
    airflow()


if __name__ == "__main__":
    main()
