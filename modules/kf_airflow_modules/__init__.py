"""Plain Terraform modules, written from the constructs of `kf_airflow`."""
