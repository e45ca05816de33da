"""Handling of the server's updates: events, snapshots, devices and favorites."""
