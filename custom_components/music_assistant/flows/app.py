"""Music Assistant as a Home Assistant app: installed, started and set up where it is wanted."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, override

from music_assistant_models.api import ServerInfoMessage

from homeassistant.components.hassio import AddonError, AddonState
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import callback
from homeassistant.data_entry_flow import UnknownFlow
from homeassistant.helpers.hassio import is_hassio

from ..const import LOGGER
from ..entry.app import APP_SLUG, app_manager
from ..server.errors import VERSION_PROBLEMS, ServerProblem
from .discovery import DiscoverySteps, app_url

# Seconds that the app may take to be installed, to answer once it is started, and that a
# person may take for its first set-up; and between two looks.
INSTALL_LIMIT: Final = 1800.0
START_LIMIT: Final = 300.0
SET_UP_LIMIT: Final = 3600.0
PAUSE: Final = 5.0
APP_PAGE: Final = f"/app/{APP_SLUG}"


class AppSteps(DiscoverySteps):
    """Offer the app on a system that has a Supervisor."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        super().__init__()
        self._task: asyncio.Task[None] | None = None

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which server, where there may be an app; else for its address."""
        if user_input is None and is_hassio(self.hass):
            return await self.async_step_where()
        return await super().async_step_user(user_input)

    async def async_step_where(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose between the app and another server."""
        return self.async_show_menu(step_id="where", menu_options=["app", "address"])

    async def async_step_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address of a server that isn't the app's."""
        return await super().async_step_user()

    async def async_step_app(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Install and start the app, as far as that is needed."""
        if self._task is None:
            self._task = self.hass.async_create_task(self._make_ready(), eager_start=False)
        if not self._task.done():
            return self.async_show_progress(
                step_id="app", progress_action="app", progress_task=self._task
            )
        return self.async_show_progress_done(next_step_id="app_ready")

    async def async_step_app_ready(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take the app's server, once a person has set it up."""
        task, self._task = self._task, None
        try:
            assert task
            task.result()
            info = await self._found_app(await self._announced())
        except (AddonError, TimeoutError) as err:
            error = str(err) or "no answer"
            return self.async_abort(reason="app_failed", description_placeholders={"error": error})
        except ServerProblem as problem:
            return self._abort(problem)
        if not info.onboard_done:
            return await self.async_step_app_set_up()
        return self.async_create_entry(title=self._title, data=self._app_data())

    async def async_step_app_set_up(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Open the app for its first set-up, and go on by itself when that is done."""
        if self._task is None:
            self._task = self.hass.async_create_task(self._wait_for_set_up(), eager_start=False)
        if not self._task.done():
            return self.async_external_step(step_id="app_set_up", url=APP_PAGE)
        return self.async_external_step_done(next_step_id="app_ready")

    @override
    @callback
    def async_remove(self) -> None:
        """Stop waiting."""
        super().async_remove()
        if self._task is not None:
            self._task.cancel()

    async def _make_ready(self) -> None:
        """Install and start the app, and wait until it answers.

        What its manager has begun goes on when the flow is closed.
        Raises AddonError, ServerProblem, TimeoutError.
        """
        manager = app_manager(self.hass)
        state = (await manager.async_get_addon_info()).state
        async with asyncio.timeout(INSTALL_LIMIT):
            if state in (AddonState.NOT_INSTALLED, AddonState.INSTALLING):
                await asyncio.shield(manager.async_schedule_install_addon())
            if state is not AddonState.RUNNING:
                await asyncio.shield(manager.async_schedule_start_addon())
        await self._wait(START_LIMIT, lambda info: True)

    async def _wait_for_set_up(self) -> None:
        """Wait until the server is set up, and resume the flow. Raises TimeoutError."""
        try:
            await self._wait(SET_UP_LIMIT, lambda info: info.onboard_done)
        finally:
            # in a task of its own: the step looks whether this one is done
            self.hass.async_create_task(self._resume(), eager_start=False)

    async def _wait(self, limit: float, ready: Callable[[ServerInfoMessage], bool]) -> None:
        async with asyncio.timeout(limit):
            while True:
                try:
                    if ready(await self._find([app_url(await self._announced())])):
                        return
                except AddonError as err:
                    LOGGER.debug("The app hasn't announced itself yet: %s", err)
                except ServerProblem as problem:
                    if problem.key in VERSION_PROBLEMS:
                        raise
                    LOGGER.debug("The app doesn't answer yet: %s", problem.key)
                await asyncio.sleep(PAUSE)

    async def _announced(self) -> dict[str, Any]:
        """Return what the app says of itself to the Supervisor. Raises AddonError."""
        announced: dict[str, Any] = await app_manager(self.hass).async_get_addon_discovery_info()
        return announced

    async def _resume(self) -> None:
        with suppress(UnknownFlow):  # closed meanwhile
            await self.hass.config_entries.flow.async_configure(self.flow_id)
