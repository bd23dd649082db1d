"""Survives a restart of LocalStack: what it keeps in memory is written down, and read at the next start."""
