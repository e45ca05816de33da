"""Benchmarks: what an event costs in this integration, the built-in one and the bare client."""
