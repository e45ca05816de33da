"""Repair flows."""

from typing import Any

from yarl import URL

from homeassistant.components.repairs import FlowType, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState, ConfigFlowContext
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entry.endpoint import async_get_endpoint, merge_endpoint
from .server.discovery import async_find_server
from .server.errors import CERTIFICATE_PROBLEMS, ServerProblem


class EntryRepairFlow(RepairsFlow):
    """Represent a repair flow of an entry, which may be removed or unloaded meanwhile."""

    def __init__(self, entry_id: str) -> None:
        """Initialize the flow."""
        self._entry_id = entry_id

    @property
    def _entry(self) -> MusicAssistantConfigEntry | None:
        return self.hass.config_entries.async_get_entry(self._entry_id)

    @property
    def _placeholders(self) -> dict[str, str] | None:
        """Return the placeholders of the issue; the flow's texts use them, too."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return issue.translation_placeholders if issue else None

    @property
    def _coordinator(self) -> MusicAssistantCoordinator | None:
        entry = self._entry
        return entry.runtime_data if entry and entry.state is ConfigEntryState.LOADED else None


class ServerMovedFlow(EntryRepairFlow):
    """Change the address of a server that was found at another one."""

    def __init__(self, entry_id: str, url: str) -> None:
        """Initialize the flow with the new URL."""
        super().__init__(entry_id)
        self._url = url

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Handle the first step."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Confirm the new address, then verify the server and save it."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="entry_gone")
        placeholders = {"server": entry.title, "old": entry.data[CONF_URL], "new": self._url}
        if user_input is None and self._is_unproven(entry):
            return self.async_show_form(
                step_id="confirm_token", description_placeholders=placeholders
            )
        if user_input is None:
            return self.async_show_form(step_id="confirm", description_placeholders=placeholders)
        try:
            endpoint = await async_get_endpoint(self.hass, entry, URL(self._url))
            endpoint, _ = await async_find_server([endpoint], entry.unique_id, may_replace_pin=True)
        except ServerProblem as problem:
            return self.async_abort(
                reason=problem.key, description_placeholders=dict(problem.placeholders)
            )
        self.hass.config_entries.async_update_entry(
            entry, data=merge_endpoint(entry.data, endpoint)
        )
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})

    async def async_step_confirm_token(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Confirm an unencrypted address of another host, which nothing proves to be the server."""
        return await self.async_step_confirm(user_input)

    def _is_unproven(self, entry: MusicAssistantConfigEntry) -> bool:
        """Return if nothing proves that the server is at the new address; ids can be copied."""
        old, new = URL(entry.data[CONF_URL]), URL(self._url)
        return new.scheme == "http" and new.host != old.host


class PlayerMigrationFlow(EntryRepairFlow):
    """Ask whether a new player is a former one, whose device it then takes over."""

    def __init__(self, entry_id: str, old_player_id: str, new_player_id: str) -> None:
        """Initialize the flow with both player ids."""
        super().__init__(entry_id)
        self._old_player_id = old_player_id
        self._new_player_id = new_player_id

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Show the choice."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["same", "another"],
            description_placeholders=self._placeholders,
        )

    async def async_step_same(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Migrate the former player's device, if that is still possible."""
        if (coordinator := self._coordinator) is None:
            return self.async_abort(reason="not_loaded")
        if not coordinator.store.migration.can_migrate(self._old_player_id, self._new_player_id):
            return self.async_abort(reason="changed_meanwhile")
        coordinator.store.migration.migrate(self._old_player_id, self._new_player_id)
        return self.async_create_entry(data={})

    async def async_step_another(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Store that they are two devices."""
        if (coordinator := self._coordinator) is None:
            return self.async_abort(reason="not_loaded")
        coordinator.store.migration.decline(self._old_player_id, self._new_player_id)
        return self.async_create_entry(data={})


class TokenRenewalFlow(EntryRepairFlow):
    """Replace a token that expires."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Handle the first step."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Confirm, then renew the token."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", description_placeholders=self._placeholders
            )
        if (coordinator := self._coordinator) is None:
            return self.async_abort(reason="not_loaded")
        try:
            await coordinator.tokens.async_renew()
        except HomeAssistantError as err:
            return self.async_abort(reason="no_token", description_placeholders={"error": str(err)})
        return self.async_create_entry(data={})


class CertificateRepairFlow(EntryRepairFlow):
    """Open the step of the entry's reconfiguration in which the user decides about a certificate.

    The issue is deleted when the connection is back.
    """

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Start the reconfiguration with its certificate step."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="entry_gone")
        flows = self.hass.config_entries.flow
        # Home Assistant starts no reauthentication while a reconfiguration is in progress
        for abandoned_flow in entry.async_get_active_flows(self.hass, {SOURCE_RECONFIGURE}):
            flows.async_abort(abandoned_flow["flow_id"])
        context = ConfigFlowContext(source=SOURCE_RECONFIGURE, entry_id=self._entry_id)
        flow_id = (await flows.async_init(DOMAIN, context=context))["flow_id"]
        await flows.async_configure(flow_id, {"next_step_id": "certificate"})
        return self.async_abort(reason="decide", next_flow=(FlowType.CONFIG_FLOW, flow_id))


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Create the repair flow of an issue, chosen by the keys of its data."""
    assert data is not None
    entry_id = str(data["entry_id"])
    if CONF_URL in data:
        return ServerMovedFlow(entry_id, str(data[CONF_URL]))
    if "old" in data:
        return PlayerMigrationFlow(entry_id, str(data["old"]), str(data["new"]))
    if issue_id.startswith(tuple(CERTIFICATE_PROBLEMS)):
        return CertificateRepairFlow(entry_id)
    return TokenRenewalFlow(entry_id)
