"""On whose behalf the server is asked."""

from collections.abc import Awaitable, Callable
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_client.helpers import LinkedUser
from music_assistant_models.auth import AuthProviderType
from music_assistant_models.errors import (
    InsufficientPermissions,
    InvalidDataError,
    UserNotFoundError,
)

from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN, LOGGER

type User = str | LinkedUser | None

# Since this schema a user can be named by the Home Assistant user that they are linked to.
SCHEMA_LINKED_USER: Final = 44


async def async_as_user[R](
    mass: MusicAssistantClient,
    call: Callable[[User], Awaitable[R]],
    username: str | None,
    home_assistant_user: str | None,
) -> R:
    """Ask the server as a user: the one who is named, else the one who called, else ours.

    A caller whom the server doesn't know, or on whose behalf our token may not ask, is
    asked for as ourselves. A name that was given has to exist.
    """
    if username is not None:
        try:
            return await call(username)
        except (UserNotFoundError, InvalidDataError) as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="invalid_username",
                translation_placeholders={"username": username},
            ) from err
    info = mass.server_info
    if home_assistant_user and info and info.schema_version >= SCHEMA_LINKED_USER:
        linked = LinkedUser(
            provider=AuthProviderType.HOME_ASSISTANT, user_id=home_assistant_user, required=False
        )
        try:
            return await call(linked)
        except InsufficientPermissions as err:
            LOGGER.debug("Not asked on the caller's behalf: %s", err)
    return await call(None)
