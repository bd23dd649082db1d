"""What the image runs around Airflow: entrypoint, connections, migration and health."""
