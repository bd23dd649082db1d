"""What the DAG `versions` imports, of the same version."""

HELPER = "helper_a"
