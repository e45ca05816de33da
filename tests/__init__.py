"""Tests; they mirror the rooms of the integration."""
