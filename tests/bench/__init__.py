"""Benchmarks: this project's durable turn beside the same conversation written the usual way."""
