"""RDS: each DB instance with the PostgreSQL engine is a PostgreSQL container."""
