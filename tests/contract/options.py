"""Command line options of the contract tests."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a real server."""
    group = parser.getgroup("contract", "Music Assistant contract")
    group.addoption("--server-url", help="address of a real server; without it, the test server")
    group.addoption("--token", help="long-lived token of an admin of the real server")
    group.addoption("--username", help="name of a user of the real server")
    group.addoption("--password", help="their password")
