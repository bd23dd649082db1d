"""``python -m kf_airflow_deploy``."""

import sys

from kf_airflow_deploy.command_line import main

sys.exit(main())
