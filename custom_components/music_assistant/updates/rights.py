"""Regular comparison of the signed-in user's rights."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from ..server.acting_user import async_have_rights_changed
from ..server.connection import ServerConnection
from ..server.errors import ServerProblem

# How often the rights of the signed-in user are compared with those at sign-in.
RIGHTS_CHECK_INTERVAL: Final = timedelta(minutes=15)


@callback
def async_track_rights(hass: HomeAssistant, connection: ServerConnection) -> CALLBACK_TYPE:
    """Reconnect when the rights of the signed-in user change, for which the server has no event."""

    async def check_rights(_now: datetime) -> None:
        client = connection.client
        if await async_have_rights_changed(client, client.user):
            with suppress(ServerProblem):  # tried again at the next check
                await connection.async_update_address(connection.address)

    return async_track_time_interval(
        hass, check_rights, RIGHTS_CHECK_INTERVAL, cancel_on_shutdown=True
    )
