"""As whom the server is asked: what our own user may do, and on whose behalf."""

from collections.abc import Awaitable, Callable
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_client.helpers import LinkedUser
from music_assistant_models.auth import AuthProviderType, User as Account, UserRole
from music_assistant_models.errors import (
    InsufficientPermissions,
    InvalidDataError,
    MusicAssistantError,
    UserNotFoundError,
)

from ..const import LOGGER
from .errors import FAILED_OR_UNREADABLE, invalid

type User = str | LinkedUser | None

# Since this schema a user can be named by the Home Assistant user that they are linked to.
SCHEMA_LINKED_USER: Final = 44
# The server's own roles that may ask on behalf of others. It grants that to no other.
MAY_IMPERSONATE: Final = frozenset({UserRole.ADMIN, UserRole.SERVICE})
# Any address: it is asked about for what the answer says of the user.
ANYTHING: Final = "library://track/1"
# What won't work, and for whom. Of a role that was made on the server nothing else is known.
_LACKING: Final[tuple[tuple[str, Callable[[Account], bool]], ...]] = (
    ("players", lambda user: bool(user.player_filter)),
    ("providers", lambda user: bool(user.provider_filter)),
    ("settings", lambda user: user.role in (UserRole.USER, UserRole.GUEST)),
    ("on_behalf", lambda user: user.role not in MAY_IMPERSONATE),
    ("library", lambda user: user.role == UserRole.GUEST),
    ("displays", lambda user: user.role == UserRole.GUEST),
)


def lacking(user: Account) -> list[str]:
    """Return what won't work for want of a right: keys of texts `right_*`."""
    return [key for key, lacks in _LACKING if lacks(user)]


async def async_sees_all(mass: MusicAssistantClient) -> bool:
    """Tell whether it is certain that no player is kept from our user."""
    try:
        return not (await mass.auth.get_current_user()).player_filter
    except FAILED_OR_UNREADABLE as err:
        LOGGER.debug("Our own user can't be read: %s", err)
        return False


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
    info = mass.server_info
    knows_links = info is not None and info.schema_version >= SCHEMA_LINKED_USER
    if username is not None:
        unknown = UserNotFoundError if knows_links else InvalidDataError
        try:
            return await call(username)
        except unknown as err:
            raise invalid("invalid_username", username=username) from err
    if home_assistant_user and knows_links:
        linked = LinkedUser(
            provider=AuthProviderType.HOME_ASSISTANT, user_id=home_assistant_user, required=False
        )
        try:
            return await call(linked)
        except InsufficientPermissions as err:
            if (await mass.auth.get_current_user()).role in MAY_IMPERSONATE:
                raise  # it is the caller who may not
            LOGGER.debug("Not asked on the caller's behalf: %s", err)
    return await call(None)


async def async_asked_as(mass: MusicAssistantClient, user: User) -> str | None:
    """Return the name of our own user if another one asks, for what the server tells of us only.

    None for whom the server doesn't know: they are asked for as ourselves, always.
    """
    if user is None or isinstance(user, str):
        return None
    try:
        links = await mass.auth.get_user_providers()
        if any(link.provider_user_id == user["user_id"] for link in links):
            return None
        await mass.music.verify_item_uri(ANYTHING, user=LinkedUser(**{**user, "required": True}))
        ours = await mass.auth.get_current_user()
    except MusicAssistantError as err:  # an unknown user, for one
        LOGGER.debug("Asked as ourselves: %s", err)
        return None
    return ours.display_name or ours.username
