"""Elastic Load Balancing: each Application Load Balancer is an HAProxy container."""
