"""ElastiCache: each node of a replication group is a Redis container."""
