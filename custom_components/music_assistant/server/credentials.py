"""Sign-in at the server, and its tokens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
import re
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.auth import AuthToken

from ..const import LOGGER
from .client import Client
from .connection import CONNECT_TIMEOUT
from .endpoint import ServerEndpoint, async_read_json
from .errors import DECODE_ERRORS, ServerProblem, to_server_problem
from .secrets import REDACTED
from .token import TokenInfo, is_complete_token

_SECONDS_PATTERN: Final = re.compile(r"(?<!\d)(\d{1,6}) seconds")
# A token that is valid in an HTTP header; ten times the length of the longest known one.
_TOKEN_PATTERN: Final = re.compile(r"[!-~]{1,4096}")


async def async_sign_in(endpoint: ServerEndpoint, username: str, password: str, name: str) -> str:
    """Sign in with a password and return a new long-lived token. Raises ServerProblem."""
    return await async_create_token_from_session(
        endpoint, await _async_log_in(endpoint, username, password, name), name
    )


async def async_create_token_from_session(
    endpoint: ServerEndpoint, session_token: str, name: str
) -> str:
    """Return a new long-lived token, created with the token of a session, and end the session.

    Raises ServerProblem; the session is ended even then.
    """
    try:
        async with _async_connect_client(endpoint, session_token) as client:
            return await async_create_token(client, name)
    finally:
        await asyncio.shield(async_log_out(endpoint, session_token))


async def _async_log_in(endpoint: ServerEndpoint, username: str, password: str, name: str) -> str:
    """Log in and return the session token. Raises ServerProblem.

    The library's `login()` isn't used: it reports too many attempts as a wrong password.
    """
    credentials = {"username": username, "password": password}
    # older servers expect the credentials at the top level
    body = {"credentials": credentials, "device_name": name, **credentials}
    async with endpoint.post("auth/login", body) as response:
        answer = await async_read_json(response)
        status = response.status
    token = answer.get("token") or answer.get("access_token")
    if status == HTTPStatus.OK and isinstance(token, str) and _TOKEN_PATTERN.fullmatch(token):
        return token
    error = str(answer.get("error", ""))
    raise _build_sign_in_problem(status, error.replace(password, REDACTED), str(endpoint))


def _build_sign_in_problem(status: int, error: str, url: str) -> ServerProblem:
    """Return the problem for a refused log-in, from HTTP status and error text of the answer."""
    if status == HTTPStatus.UNAUTHORIZED:
        if match := _SECONDS_PATTERN.search(error):
            return ServerProblem("too_many_attempts", seconds=match[1])
        return ServerProblem("invalid_credentials")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ServerProblem("too_many_attempts", seconds="60")
    if status == HTTPStatus.FORBIDDEN:
        return ServerProblem("not_onboarded", url=url)
    if status == HTTPStatus.NOT_FOUND:
        return ServerProblem("not_music_assistant", url=url, error=f"HTTP {status}")
    return ServerProblem("server_refused", url=url, error=error or f"HTTP {status}")


async def async_create_token(client: Client, name: str) -> str:
    """Create and return a long-lived token for the user of a client.

    Raises the errors of the library, and ServerProblem if the answer isn't a token.
    """
    token: object = await client.auth.create_token(name)
    if isinstance(token, str) and _TOKEN_PATTERN.fullmatch(token):
        return token
    raise ServerProblem("odd_token", url=str(client.endpoint))


async def async_fetch_tokens(client: MusicAssistantClient) -> list[AuthToken]:
    """Return the tokens of a client's user, without those that can't be decoded."""
    answer = await client.send_command("auth/tokens")
    tokens = []
    for token in answer if isinstance(answer, list) else ():
        try:
            tokens.append(AuthToken.from_dict(token))
        except DECODE_ERRORS as err:
            LOGGER.debug("Skipped an invalid token: %s", type(err).__name__)
    return tokens


async def async_check_token(
    endpoint: ServerEndpoint, token: str | None, server_id: str | None = None
) -> None:
    """Check a token, or that none is needed, by connecting. Raises ServerProblem.

    With a server id the token isn't sent to another server.
    """
    try:
        async with _async_connect_client(endpoint, token, server_id):
            pass
    except ServerProblem as problem:
        info = TokenInfo.parse(token)
        if problem.key == "invalid_token" and info and info.is_expiring_within(timedelta()):
            raise ServerProblem("token_expired") from problem
        raise


@asynccontextmanager
async def _async_connect_client(
    endpoint: ServerEndpoint, token: str | None, server_id: str | None = None
) -> AsyncIterator[Client]:
    """Yield a client that is connected and signed in, and disconnect it afterwards.

    Raises ServerProblem.
    """
    client = Client(endpoint, token, server_id)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            await client.connect()
        yield client
    except Exception as err:
        raise to_server_problem(err, str(endpoint), client.server_info) from err
    finally:
        await client.disconnect()


async def async_log_out(endpoint: ServerEndpoint, token: str) -> bool:
    """End a session or revoke a long-lived token, and return whether that was confirmed.

    A token may always revoke itself, independent of the rights of its user. Returns False if the
    server can't be reached.
    """
    try:
        async with endpoint.post("auth/logout", token=token) as response:
            # unauthorized: the token was already invalid
            return response.status in (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED)
    except ServerProblem as problem:
        LOGGER.debug("Could not end a session at %s: %s", endpoint, problem.key)
        return False


def normalize_token(text: str) -> str:
    """Return a pasted token without white space and the prefix "bearer".

    Raises ServerProblem if the token is incomplete.
    """
    token = "".join(text.split())
    if token.lower().startswith("bearer"):
        token = token[len("bearer") :]
    if not is_complete_token(token):
        raise ServerProblem("incomplete_token")
    return token
