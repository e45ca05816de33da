"""Base classes of entities."""
