"""Command line options: against which server the contract is held."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a real server take the test server's place."""
    group = parser.getgroup("contract", "Music Assistant contract")
    group.addoption("--server-url", help="address of a real server; without it, the test server")
    group.addoption("--token", help="long-lived token of an admin of the real server")
    group.addoption("--username", help="name of a user of the real server")
    group.addoption("--password", help="their password")
