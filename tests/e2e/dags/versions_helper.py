"""What the DAG `versions` imports, of the same version."""

HELPER = "A"
