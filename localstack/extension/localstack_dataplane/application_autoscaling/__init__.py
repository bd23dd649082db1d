"""Application Auto Scaling: moves the desired count of ECS services by policies and schedules."""
