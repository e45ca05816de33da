"""Signing in: a password or a session for a long-lived token of our own."""

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
from .connection import CONNECT_LIMIT
from .endpoint import Site, async_json
from .errors import UNREADABLE, ServerProblem, server_problem
from .secrets import REDACTED
from .token import Token, is_whole

_SECONDS: Final = re.compile(r"(\d+) seconds")
# What fits into a header; ten times as long as the longest.
_TOKEN: Final = re.compile(r"[!-~]{1,4096}")


async def async_sign_in(site: Site, username: str, password: str, name: str) -> str:
    """Return a long-lived token of our own, made with a password. Raises ServerProblem."""
    return await async_exchange(site, await _async_log_in(site, username, password, name), name)


async def async_exchange(site: Site, session_token: str, name: str) -> str:
    """Return a long-lived token of our own for a session, which ends in every case.

    Raises ServerProblem.
    """
    try:
        async with _connected(site, session_token) as client:
            return await async_create_token(client, name)
    finally:
        await asyncio.shield(async_log_out(site, session_token))


async def _async_log_in(site: Site, username: str, password: str, name: str) -> str:
    """Return a session token.

    Not by the library's `login()`: it says "wrong password" also to who tried too often.
    """
    credentials = {"username": username, "password": password}
    # older servers look for them outside
    body = {"credentials": credentials, "device_name": name, **credentials}
    async with site.post("auth/login", body) as response:
        answer = await async_json(response)
        status = response.status
    token = answer.get("token") or answer.get("access_token")
    if status == HTTPStatus.OK and isinstance(token, str) and _TOKEN.fullmatch(token):
        return token
    error = str(answer.get("error", ""))
    raise _refused(status, error.replace(password, REDACTED), str(site))


def _refused(status: int, error: str, url: str) -> ServerProblem:
    if status == HTTPStatus.UNAUTHORIZED:
        if match := _SECONDS.search(error):
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
    """Return a new long-lived token of a client's user.

    Raises what the library does, and ServerProblem for an answer that is none.
    """
    token: object = await client.auth.create_token(name)
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        return token
    raise ServerProblem("odd_token", url=str(client.site))


async def async_tokens(client: MusicAssistantClient) -> list[AuthToken]:
    """Return the tokens of a client's user, as far as they can be read."""
    answer = await client.send_command("auth/tokens")
    tokens = []
    for token in answer if isinstance(answer, list) else ():
        try:
            tokens.append(AuthToken.from_dict(token))
        except UNREADABLE as err:
            LOGGER.debug("Left out a token that can't be read: %s", type(err).__name__)
    return tokens


async def async_check_token(site: Site, token: str | None, server_id: str | None = None) -> None:
    """Prove a token, or that none is needed, by connecting. Raises ServerProblem.

    With a server id it is sent to no other server.
    """
    try:
        async with _connected(site, token, server_id):
            pass
    except ServerProblem as problem:
        said = Token.read(token)
        if problem.key == "invalid_token" and said and said.expires_within(timedelta()):
            raise ServerProblem("token_expired") from problem
        raise


@asynccontextmanager
async def _connected(
    site: Site, token: str | None, server_id: str | None = None
) -> AsyncIterator[Client]:
    """Give a client that is connected and signed in for the time of a block."""
    client = Client(site, token, server_id)
    try:
        async with asyncio.timeout(CONNECT_LIMIT):
            await client.connect()
        yield client
    except Exception as err:
        raise server_problem(err, str(site), client.server_info) from err
    finally:
        await client.disconnect()


async def async_log_out(site: Site, token: str) -> bool:
    """End a session or revoke a long-lived token; tell whether that is certain.

    A token may end itself, whatever else its user may do. A server that can't be reached is
    left as it is.
    """
    try:
        async with site.post("auth/logout", token=token) as response:
            # who isn't let in with it any more is told so
            return response.status in (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED)
    except ServerProblem as problem:
        LOGGER.debug("Could not end a session on %s: %s", site, problem.key)
        return False


def clean_token(text: str) -> str:
    """Return a pasted token without what was copied along with it.

    Raises ServerProblem when it can't be a whole token.
    """
    token = "".join(text.split())
    if token.lower().startswith("bearer"):
        token = token[len("bearer") :]
    if not is_whole(token):
        raise ServerProblem("incomplete_token")
    return token
