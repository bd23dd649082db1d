"""The options of Airflow that a user's variables do not set: the library does, or has a setting for them.

A variable comes last in a container's environment, so it would win, and the deployment would not work.
"""

from __future__ import annotations

from collections.abc import Mapping

from kf_airflow.configuration import VARIABLES

# What is set by which setting of the library.
SETTINGS: Mapping[str, str] = {
    **{variable: f"configuration.{setting}" for setting, variable in VARIABLES.items()},
    "AIRFLOW__API__BASE_URL": "base_url",
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": "concurrency of the pool of workers",
}

_CREDENTIALS = "as it comes from Secrets Manager; secrets of your own can be brought as credentials"
_DATABASE = "as it holds a login, which comes from Secrets Manager; a database of your own can be brought"
_BROKER = "as it holds a password, which comes from Secrets Manager; a broker of your own can be brought"
_TLS = "as it follows from whether the broker has TLS"
_PORT = "as health checks, security groups and the load balancer have the same port"
_INGRESS = "as TLS ends at the load balancer, by certificate_arn of ingress"
_LOGS = "as logs go to the bucket, with the role of the task; a bucket of your own can be brought"
_HEALTH = "as the health check of the container asks the scheduler"
_LISTENING = "as it has to listen on all addresses of its container"

# What is set by the library for itself, with what there is to know about it.
REASONS: Mapping[str, str] = {
    "AIRFLOW__API__HOST": _LISTENING,
    "AIRFLOW__API__PORT": _PORT,
    "AIRFLOW__API__SECRET_KEY": _CREDENTIALS,
    "AIRFLOW__API__SSL_CERT": _INGRESS,
    "AIRFLOW__API__SSL_KEY": _INGRESS,
    "AIRFLOW__API_AUTH__JWT_SECRET": _CREDENTIALS,
    "AIRFLOW__CELERY__BROKER_URL": _BROKER,
    "AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS": (
        "as the image's own answers the health check; AIRFLOW__CELERY__EXTRA_CELERY_CONFIG adds to it"
    ),
    "AIRFLOW__CELERY__FLOWER_BASIC_AUTH": _CREDENTIALS,
    "AIRFLOW__CELERY__FLOWER_HOST": _LISTENING,
    "AIRFLOW__CELERY__FLOWER_PORT": _PORT,
    "AIRFLOW__CELERY__FLOWER_URL_PREFIX": "as health checks and the load balancer have the same path",
    "AIRFLOW__CELERY__RESULT_BACKEND": _DATABASE,
    "AIRFLOW__CELERY__SSL_ACTIVE": _TLS,
    "AIRFLOW__CELERY__SSL_CACERT": "as the image trusts the public CAs and those of ca_certificates",
    "AIRFLOW__CELERY__SSL_CERT": _TLS,
    "AIRFLOW__CELERY__SSL_KEY": _TLS,
    "AIRFLOW__CELERY__SSL_MUTUAL_TLS": _TLS,
    "AIRFLOW__CELERY__WORKER_AUTOSCALE": "as it would override the concurrency of the pools of workers",
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__RETRY_ON_TIMEOUT": (
        "as a worker whose connections break would wait in one of them for good, and take no task"
    ),
    "AIRFLOW__CORE__AUTH_MANAGER": "as the first administrator is made in the auth manager of FAB",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "as workers reach the webserver by its private name alone",
    "AIRFLOW__CORE__EXECUTOR": "as there are Celery's workers, and tasks run nowhere else",
    "AIRFLOW__CORE__FERNET_KEY": _CREDENTIALS,
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": "as a task is reached by its address",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": _DATABASE,
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": _DATABASE,
    "AIRFLOW__FAB__CONFIG_FILE": (
        "as the image's webserver_config.py keeps the key of sessions from workers; an image of your own can "
        "add to that file"
    ),
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER": "as the image has a volume for it",
    "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": _LOGS,
    "AIRFLOW__LOGGING__REMOTE_LOGGING": _LOGS,
    "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": _LOGS,
    "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": _PORT,
    "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": _PORT,
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": _HEALTH,
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": _HEALTH,
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": _HEALTH,
}
