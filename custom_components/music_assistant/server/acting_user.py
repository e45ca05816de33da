"""Rights of the signed-in Music Assistant user, and commands on behalf of another user."""

from collections.abc import Awaitable, Callable
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_client.helpers import LinkedUser
from music_assistant_models.auth import AuthProviderType, User, UserRole
from music_assistant_models.errors import (
    InsufficientPermissions,
    InvalidDataError,
    MusicAssistantError,
    UserNotFoundError,
)

from ..const import LOGGER
from .errors import COMMAND_OR_DECODE_ERRORS, build_validation_error

type ActingUser = str | LinkedUser | None

# Schema version since which a user can be addressed by the linked Home Assistant user.
SCHEMA_LINKED_USER: Final = 44
# Roles that may send commands on behalf of other users.
IMPERSONATING_ROLES: Final = frozenset({UserRole.ADMIN, UserRole.SERVICE})
# Fields of a user that decide what the user sees and may do.
RIGHTS_FIELDS: Final = ("role", "player_filter", "provider_filter")
# Any URI: a command with it shows whether the server knows a user.
PROBE_URI: Final = "library://track/1"
# Translation key suffix -> check whether a user lacks the right. The rights of custom roles
# aren't part of the user, so only filters and impersonation can be checked for them.
_MISSING_RIGHTS: Final[tuple[tuple[str, Callable[[User], bool]], ...]] = (
    ("players", lambda user: bool(user.player_filter)),
    ("providers", lambda user: bool(user.provider_filter)),
    ("settings", lambda user: user.role in (UserRole.USER, UserRole.GUEST)),
    ("on_behalf", lambda user: user.role not in IMPERSONATING_ROLES),
    ("library", lambda user: user.role == UserRole.GUEST),
    ("displays", lambda user: user.role == UserRole.GUEST),
)


def get_missing_rights(user: User) -> list[str]:
    """Return the translation keys (`right_*`, without the prefix) of the rights a user lacks."""
    return [key for key, is_missing in _MISSING_RIGHTS if is_missing(user)]


async def async_can_see_all_players(mass: MusicAssistantClient) -> bool:
    """Return whether the signed-in user sees all players; False if that can't be read."""
    try:
        return not (await mass.auth.get_current_user()).player_filter
    except COMMAND_OR_DECODE_ERRORS as err:
        LOGGER.debug("Could not read the signed-in user: %s", err)
        return False


async def async_have_rights_changed(mass: MusicAssistantClient, user: User | None) -> bool:
    """Return whether the signed-in user has other rights than `user` had at sign-in.

    False if that can't be read, or wasn't known.
    """
    if user is None or not mass.connection.connected:
        return False
    try:
        current_user = await mass.auth.get_current_user()
    except COMMAND_OR_DECODE_ERRORS as err:
        LOGGER.debug("Could not read the signed-in user: %s", err)
        return False
    return any(getattr(user, name) != getattr(current_user, name) for name in RIGHTS_FIELDS)


async def async_call_as_user[R](
    mass: MusicAssistantClient,
    call: Callable[[ActingUser], Awaitable[R]],
    username: str | None,
    home_assistant_user: str | None,
) -> R:
    """Call the server as a given user, else as the linked Home Assistant user, else as our own.

    Our own user is also used when the Home Assistant user isn't linked to one of the server, or
    when our token may not act for others. Raises ServiceValidationError if `username` doesn't
    exist.
    """
    info = mass.server_info
    supports_linked_users = info is not None and info.schema_version >= SCHEMA_LINKED_USER
    if username is not None:
        user_not_found = UserNotFoundError if supports_linked_users else InvalidDataError
        try:
            return await call(username)
        except user_not_found as err:
            raise build_validation_error("invalid_username", username=username) from err
    if home_assistant_user and supports_linked_users:
        linked = LinkedUser(
            provider=AuthProviderType.HOME_ASSISTANT, user_id=home_assistant_user, required=False
        )
        try:
            return await call(linked)
        except InsufficientPermissions as err:
            if (await mass.auth.get_current_user()).role in IMPERSONATING_ROLES:
                raise  # the linked user lacks the right, not our own
            LOGGER.debug("Could not act for the linked user: %s", err)
    return await call(None)


async def async_get_answering_user_name(mass: MusicAssistantClient, user: ActingUser) -> str | None:
    """Return the name of the signed-in user if the server answers for it instead of for `user`.

    Some commands ignore the user on whose behalf they are sent. None if `user` is the signed-in
    one, unset, a user name, or unknown to the server.
    """
    if user is None or isinstance(user, str):
        return None
    try:
        links = await mass.auth.get_user_providers()
        if any(link.provider_user_id == user["user_id"] for link in links):
            return None
        await mass.music.verify_item_uri(PROBE_URI, user=LinkedUser(**{**user, "required": True}))
        own_user = await mass.auth.get_current_user()
    except MusicAssistantError as err:  # for example an unknown user
        LOGGER.debug("Acting as the signed-in user: %s", err)
        return None
    return own_user.display_name or own_user.username
