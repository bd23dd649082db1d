"""Brings up Airflow on LocalStack, on one machine."""
