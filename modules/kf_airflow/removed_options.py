"""The options of Airflow 2 and of earlier releases of Airflow 3 that Airflow 3.3 does not have.

Facts, each as `section.option`, from what Airflow 3.3.2 knows of itself (`airflow config lint`, the options
it calls deprecated) and from the options that 2.0 to 3.2 had and 3.3.2 and its Celery and FAB providers have
not: https://airflow.apache.org/docs/apache-airflow/3.3.2/configurations-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping


def _moved(old: str, new: str, names: str) -> dict[str, str]:
    """Returns options that only changed their section."""
    return {f"{old}.{name}": f"{new}.{name}" for name in names.split()}


# Where Airflow 3.3 has the same under another name. Some old names still work, with a warning at every start.
REPLACEMENTS: Mapping[str, str] = {
    "admin.hide_sensitive_variable_fields": "core.hide_sensitive_var_conn_fields",
    "admin.sensitive_variable_fields": "core.sensitive_var_conn_names",
    "api.access_control_allow_origin": "api.access_control_allow_origins",
    "api.access_logfile": "api.log_config",
    "api.auth_backend": "fab.auth_backends",
    "api.auth_backends": "fab.auth_backends",
    "api.page_size": "api.fallback_page_limit",
    "celery.default_queue": "operators.default_queue",
    "celery.stalled_task_timeout": "scheduler.task_queued_timeout",
    "celery.task_adoption_timeout": "scheduler.task_queued_timeout",
    "celery.worker_log_server_port": "logging.worker_log_server_port",
    "core.dag_concurrency": "core.max_active_tasks_per_dag",
    "core.dag_file_processor_timeout": "dag_processor.dag_file_processor_timeout",
    "core.dataset_manager_class": "core.asset_manager_class",
    "core.dataset_manager_kwargs": "core.asset_manager_kwargs",
    "core.max_num_rendered_ti_fields_per_task": "core.num_dag_runs_to_retain_rendered_fields",
    "core.non_pooled_task_slot_count": "core.default_pool_task_slot_count",
    **_moved(
        "core",
        "database",
        "max_db_retries sql_alchemy_conn sql_alchemy_connect_args sql_alchemy_max_overflow "
        "sql_alchemy_pool_enabled sql_alchemy_pool_pre_ping sql_alchemy_pool_recycle sql_alchemy_pool_size "
        "sql_alchemy_schema sql_engine_collation_for_ids sql_engine_encoding",
    ),
    **_moved(
        "core",
        "logging",
        "base_log_folder colored_console_log encrypt_s3_logs fab_logging_level interleave_timestamp_parser "
        "log_filename_template log_format logging_config_class logging_level remote_base_log_folder "
        "remote_log_conn_id remote_logging simple_log_format task_log_prefix_template task_log_reader",
    ),
    "kubernetes_executor.worker_pods_pending_timeout": "scheduler.task_queued_timeout",
    "kubernetes_executor.worker_pods_pending_timeout_check_interval": (
        "scheduler.task_queued_timeout_check_interval"
    ),
    "logging.extra_loggers": "logging.extra_logger_names",
    "metrics.statsd_allow_list": "metrics.metrics_allow_list",
    "metrics.statsd_block_list": "metrics.metrics_block_list",
    "scheduler.child_process_log_directory": "logging.dag_processor_child_process_log_directory",
    "scheduler.dag_dir_list_interval": "dag_processor.refresh_interval",
    "scheduler.deactivate_stale_dags_interval": "scheduler.parsing_cleanup_interval",
    "scheduler.local_task_job_heartbeat_sec": "scheduler.task_instance_heartbeat_sec",
    "scheduler.max_threads": "dag_processor.parsing_processes",
    "scheduler.processor_poll_interval": "scheduler.scheduler_idle_sleep_time",
    "scheduler.running_metrics_interval": "scheduler.ti_metrics_interval",
    "scheduler.scheduler_zombie_task_threshold": "scheduler.task_instance_heartbeat_timeout",
    "scheduler.statsd_allow_list": "metrics.metrics_allow_list",
    "scheduler.zombie_detection_interval": "scheduler.task_instance_heartbeat_timeout_detection_interval",
    **_moved(
        "scheduler",
        "dag_processor",
        "file_parsing_sort_mode max_callbacks_per_loop min_file_process_interval parsing_pre_import_modules "
        "parsing_processes print_stats_interval stale_dag_threshold",
    ),
    **_moved(
        "scheduler",
        "metrics",
        "stat_name_handler statsd_custom_client_path statsd_datadog_enabled statsd_datadog_metrics_tags "
        "statsd_datadog_tags statsd_host statsd_on statsd_port statsd_prefix",
    ),
    "triggerer.default_capacity": "triggerer.capacity",
    "webserver.access_logfile": "api.log_config",
    "webserver.force_log_out_after": "fab.session_lifetime_minutes",
    "webserver.page_size": "api.fallback_page_limit",
    "webserver.session_lifetime_days": "fab.session_lifetime_minutes",
    "webserver.web_server_host": "api.host",
    "webserver.web_server_port": "api.port",
    "webserver.web_server_ssl_cert": "api.ssl_cert",
    "webserver.web_server_ssl_key": "api.ssl_key",
    "webserver.web_server_worker_timeout": "api.worker_timeout",
    **_moved(
        "webserver",
        "api",
        "auto_refresh_interval base_url default_wrap enable_swagger_ui expose_config expose_stacktrace "
        "grid_view_sorting_order hide_paused_dags_by_default instance_name log_fetch_timeout_sec "
        "require_confirmation_dag_change secret_key worker_refresh_batch_size worker_refresh_interval "
        "workers",
    ),
    **_moved(
        "webserver",
        "fab",
        "access_denied_message auth_rate_limit auth_rate_limited config_file cookie_samesite cookie_secure "
        "enable_proxy_fix expose_hostname navbar_color navbar_hover_color navbar_text_color "
        "navbar_text_hover_color proxy_fix_x_for proxy_fix_x_host proxy_fix_x_port proxy_fix_x_prefix "
        "proxy_fix_x_proto session_backend session_lifetime_minutes update_fab_perms",
    ),
    "workers.execution_api_server_url": "core.execution_api_server_url",
    "workers.missing_dag_retires": "workers.missing_dag_retries",
}

_SLA = "as deadline alerts, which DAGs declare, came in place of SLAs"
_NO_DATABASE_FOR_TASKS = "as tasks never reach the database and ask the execution API instead"
_SMTP = "as name and password belong in the connection smtp_default"
_DAG_VIEWS = "as the user interface of Airflow 3 has no such choice"
_DAG_PROCESSOR = "as a DAG processor of its own always reads the files"
_MANAGER_LOG = "as the DAG processor's own log is that of its container"

# What Airflow 3.3 has nothing for, with what there is to know about it; "" where that is nothing.
REMOVED: Mapping[str, str] = {
    **dict.fromkeys(("api.enable_experimental_api", "api.google_key_path", "api.google_oauth2_audience"), ""),
    "api.enable_xcom_deserialize_support": "",
    "celery.worker_precheck": "",
    "core.check_slas": _SLA,
    "core.colored_formatter_class": "",
    "core.colored_log_format": "",
    "core.dag_default_view": _DAG_VIEWS,
    "core.dag_orientation": _DAG_VIEWS,
    "core.dag_processor_manager_log_location": _MANAGER_LOG,
    "core.database_access_isolation": _NO_DATABASE_FOR_TASKS,
    "core.donot_pickle": "",
    "core.enable_xcom_pickling": "as XComs are JSON",
    "core.hostname": "",
    "core.internal_api_secret_key": _NO_DATABASE_FOR_TASKS,
    "core.internal_api_url": _NO_DATABASE_FOR_TASKS,
    "core.load_default_connections": "as Airflow makes no connections by itself",
    "core.log_processor_filename_template": "",
    "core.min_serialized_dag_fetch_interval": "",
    "core.store_dag_code": "as the code is always stored",
    "core.strict_dataset_uri_validation": "as the URIs of assets are always checked",
    "core.task_runner": "",
    "core.worker_precheck": "",
    "database.load_default_connections": "as Airflow makes no connections by itself",
    "hive.mapred_job_name_template": "",
    "kubernetes_executor.worker_pods_pending_timeout_batch_size": "",
    "lineage.backend": "as lineage is gathered by listeners, such as that of the OpenLineage provider",
    "logging.colored_formatter_class": "",
    "logging.colored_log_format": "",
    "logging.dag_processor_manager_log_location": _MANAGER_LOG,
    "logging.dag_processor_manager_log_stdout": _MANAGER_LOG,
    "logging.enable_task_context_logger": "",
    "logging.log_processor_filename_template": "",
    "metrics.metrics_use_pattern_match": "as the lists always hold patterns",
    "metrics.timer_unit_consistency": "as timers are always in milliseconds",
    "operators.allow_illegal_arguments": "as unknown arguments of operators are always refused",
    "policy.airflow_local_settings": "",
    "scheduler.allow_trigger_in_future": "",
    "scheduler.clean_tis_without_dagrun_interval": "",
    "scheduler.dag_stale_not_seen_duration": "",
    "scheduler.dependency_detector": "",
    "scheduler.schedule_after_task_execution": "",
    "scheduler.standalone_dag_processor": _DAG_PROCESSOR,
    "smtp.smtp_password": _SMTP,
    "smtp.smtp_user": _SMTP,
    "traces.otel_task_log_event": "",
}

# Sections of which Airflow 3.3 has nothing left, with what there is to know about them.
REMOVED_SECTIONS: Mapping[str, str] = {
    "admin": "",
    "cli": "",
    "dask": "as there is no Dask executor, and this deployment has Celery's workers",
    "debug": "",
    "github_enterprise": "",
    "kubernetes": "as this deployment has Celery's workers",
    "smart_sensor": "as deferrable operators came in place of smart sensors",
    "webserver": "",
}

# Read by Airflow 3.3, though its section is gone.
STILL_READ = ("webserver.log_request_clock_grace",)
