"""The data plane behind LocalStack: what its API records runs as real containers."""
