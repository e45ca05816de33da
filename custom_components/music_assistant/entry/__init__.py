"""Accounts, tokens, devices and issues of a config entry."""
