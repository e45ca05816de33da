"""Config flow steps that install, start and set up the Music Assistant app."""

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
from ..entry.app import APP_SLUG, get_app_manager
from ..server.errors import VERSION_PROBLEMS, ServerProblem
from .discovery import APP_FLOW_ID, DiscoverySteps, build_app_url
from .oauth_return import get_browser_base_url

# Seconds that are allowed for the app's installation, its start and its first set-up by the
# user, and between two polls.
INSTALL_TIMEOUT: Final = 1800.0
START_TIMEOUT: Final = 300.0
ONBOARDING_TIMEOUT: Final = 3600.0
POLL_INTERVAL: Final = 5.0
APP_PAGE_PATH: Final = f"/app/{APP_SLUG}"


class AppSteps(DiscoverySteps):
    """Handle the app on a system that has a Supervisor."""

    def __init__(self) -> None:
        """Initialize the flow."""
        super().__init__()
        self._task: asyncio.Task[None] | None = None

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the choice between app and address if there is a Supervisor, else ask for the address."""
        if user_input is None and is_hassio(self.hass):
            return await self.async_step_where()
        return await super().async_step_user(user_input)

    async def async_step_where(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the choice between the app and another server."""
        return self.async_show_menu(step_id="where", menu_options=["app", "address"])

    async def async_step_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Handle the address of a server that isn't the app's."""
        return await super().async_step_user()

    async def async_step_app(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Install and start the app if needed."""
        if self._task is None:
            await self.async_set_unique_id(APP_FLOW_ID, raise_on_progress=False)
            self._task = self.hass.async_create_task(self._ensure_app_running(), eager_start=False)
        if not self._task.done():
            return self.async_show_progress(
                step_id="app", progress_action="app", progress_task=self._task
            )
        return self.async_show_progress_done(next_step_id="app_ready")

    async def async_step_app_ready(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Create the entry of the app's server, or wait until the user has set the server up."""
        task, self._task = self._task, None
        try:
            assert task
            task.result()
            info = await self._handle_app_discovery(await self._get_discovery_info())
        except (AddonError, TimeoutError) as err:
            error = str(err) or "no answer"
            return self.async_abort(reason="app_failed", description_placeholders={"error": error})
        except ServerProblem as problem:
            return self._abort_with_problem(problem)
        if not info.onboard_done:
            return await self.async_step_app_set_up()
        return self.async_create_entry(title=self._title, data=self._build_app_data())

    async def async_step_app_set_up(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Open the app for its first set-up; the flow resumes when that is done."""
        if self._task is None:
            self._task = self.hass.async_create_task(self._wait_for_onboarding(), eager_start=False)
        if not self._task.done():
            # absolute, because companion apps open it outside of the page that shows the flow
            url = f"{get_browser_base_url() or ''}{APP_PAGE_PATH}"
            return self.async_external_step(step_id="app_set_up", url=url)
        return self.async_external_step_done(next_step_id="app_ready")

    @override
    @callback
    def async_remove(self) -> None:
        """Cancel the task that waits for the app."""
        super().async_remove()
        if self._task is not None:
            self._task.cancel()

    async def _ensure_app_running(self) -> None:
        """Install and start the app, and wait until its server answers.

        An installation or start continues when the flow is closed.
        Raises AddonError, ServerProblem, TimeoutError.
        """
        manager = get_app_manager(self.hass)
        state = (await manager.async_get_addon_info()).state
        async with asyncio.timeout(INSTALL_TIMEOUT):
            if state in (AddonState.NOT_INSTALLED, AddonState.INSTALLING):
                await asyncio.shield(manager.async_schedule_install_addon())
            if state is not AddonState.RUNNING:
                await asyncio.shield(manager.async_schedule_start_addon())
        await self._wait_for_server(START_TIMEOUT, lambda info: True)

    async def _wait_for_onboarding(self) -> None:
        """Wait until the user has set up the server, then resume the flow. Raises TimeoutError."""
        try:
            await self._wait_for_server(ONBOARDING_TIMEOUT, lambda info: info.onboard_done)
        finally:
            # in a separate task, because the resumed step checks that the current one is done
            self.hass.async_create_task(self._resume_flow(), eager_start=False)

    async def _wait_for_server(
        self, timeout: float, is_ready: Callable[[ServerInfoMessage], bool]
    ) -> None:
        """Wait until the app's server answers and is ready. Raises TimeoutError, ServerProblem."""
        async with asyncio.timeout(timeout):
            while True:
                try:
                    if is_ready(
                        await self._find_server([build_app_url(await self._get_discovery_info())])
                    ):
                        return
                except AddonError as err:
                    LOGGER.debug("The app hasn't announced itself yet: %s", err)
                except ServerProblem as problem:
                    if problem.key in VERSION_PROBLEMS:
                        raise
                    LOGGER.debug("The app doesn't answer yet: %s", problem.key)
                await asyncio.sleep(POLL_INTERVAL)

    async def _get_discovery_info(self) -> dict[str, Any]:
        """Return the app's discovery info from the Supervisor. Raises AddonError."""
        announced: dict[str, Any] = await get_app_manager(
            self.hass
        ).async_get_addon_discovery_info()
        return announced

    async def _resume_flow(self) -> None:
        with suppress(UnknownFlow):  # the flow was closed
            await self.hass.config_entries.flow.async_configure(self.flow_id)
