"""Base classes and helpers of entities."""
