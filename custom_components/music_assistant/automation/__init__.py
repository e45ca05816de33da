"""Shared parts of triggers, conditions and event entities."""
