"""What the services' own metrics in CloudWatch say of databases, caches and load balancers."""
