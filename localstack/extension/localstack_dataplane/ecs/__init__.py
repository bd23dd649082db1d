"""ECS: services and tasks as real containers."""
