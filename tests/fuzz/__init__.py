"""Fuzzing of the wire: frames of a server in which something is odd."""
