"""Repairs: what a person can mend with a click."""

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
from .entry.endpoint import async_site, with_site
from .server.discovery import async_find_server
from .server.errors import CERTIFICATE_PROBLEMS, ServerProblem


class EntryFlow(RepairsFlow):
    """Mend something of an entry, which may have gone or been unloaded meanwhile."""

    def __init__(self, entry_id: str) -> None:
        """Keep which entry it is about."""
        self._entry_id = entry_id

    @property
    def _entry(self) -> MusicAssistantConfigEntry | None:
        return self.hass.config_entries.async_get_entry(self._entry_id)

    @property
    def _said(self) -> dict[str, str] | None:
        """The placeholders of the repair that it mends, whose texts are the flow's, too."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return issue.translation_placeholders if issue else None

    @property
    def _coordinator(self) -> MusicAssistantCoordinator | None:
        entry = self._entry
        return entry.runtime_data if entry and entry.state is ConfigEntryState.LOADED else None


class MovedFlow(EntryFlow):
    """Take another address for a server, after a look who answers there."""

    def __init__(self, entry_id: str, url: str) -> None:
        """Keep what is offered."""
        super().__init__(entry_id)
        self._url = url

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask, then check and change the address."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="entry_gone")
        placeholders = {"server": entry.title, "old": entry.data[CONF_URL], "new": self._url}
        if user_input is None:
            return self.async_show_form(step_id="confirm", description_placeholders=placeholders)
        try:
            site = await async_site(self.hass, entry, URL(self._url))
            site, _ = await async_find_server([site], entry.unique_id)
        except ServerProblem as problem:
            return self.async_abort(
                reason=problem.key, description_placeholders=dict(problem.placeholders)
            )
        self.hass.config_entries.async_update_entry(entry, data=with_site(entry.data, site))
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})


class FormerFlow(EntryFlow):
    """Ask whether a player is a former one, whose device then goes on as its own."""

    def __init__(self, entry_id: str, old: str, new: str) -> None:
        """Keep whom it is about."""
        super().__init__(entry_id)
        self._old = old
        self._new = new

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Ask."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["same", "another"],
            description_placeholders=self._said,
        )

    async def async_step_same(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Let the device go on, unless that has become impossible."""
        if (coordinator := self._coordinator) is None:
            return self.async_abort(reason="not_loaded")
        if not coordinator.succession.possible(self._old, self._new):
            return self.async_abort(reason="changed_meanwhile")
        coordinator.succession.succeed(self._old, self._new)
        return self.async_create_entry(data={})

    async def async_step_another(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remember that they are two devices."""
        if (coordinator := self._coordinator) is None:
            return self.async_abort(reason="not_loaded")
        coordinator.succession.decline(self._old, self._new)
        return self.async_create_entry(data={})


class TokenFlow(EntryFlow):
    """Make a token of our own, in the place of one that ends."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask, then do it."""
        if user_input is None:
            return self.async_show_form(step_id="confirm", description_placeholders=self._said)
        if (coordinator := self._coordinator) is None:
            return self.async_abort(reason="not_loaded")
        try:
            await coordinator.tokens.async_renew()
        except HomeAssistantError as err:
            return self.async_abort(reason="no_token", description_placeholders={"error": str(err)})
        return self.async_create_entry(data={})


class CertificateFlow(EntryFlow):
    """Lead to where a person decides about a certificate: the entry's reconfiguration.

    The issue goes when the connection is back.
    """

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Begin the reconfiguration, at the certificate."""
        if (entry := self._entry) is None:
            return self.async_abort(reason="entry_gone")
        flows = self.hass.config_entries.flow
        # one that was left open would keep Home Assistant from asking for a sign-in
        for left in entry.async_get_active_flows(self.hass, {SOURCE_RECONFIGURE}):
            flows.async_abort(left["flow_id"])
        context = ConfigFlowContext(source=SOURCE_RECONFIGURE, entry_id=self._entry_id)
        flow_id = (await flows.async_init(DOMAIN, context=context))["flow_id"]
        await flows.async_configure(flow_id, {"next_step_id": "certificate"})
        return self.async_abort(reason="decide", next_flow=(FlowType.CONFIG_FLOW, flow_id))


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that mends an issue; the data tells which kind it is."""
    assert data is not None
    entry_id = str(data["entry_id"])
    if CONF_URL in data:
        return MovedFlow(entry_id, str(data[CONF_URL]))
    if "old" in data:
        return FormerFlow(entry_id, str(data["old"]), str(data["new"]))
    if issue_id.startswith(tuple(CERTIFICATE_PROBLEMS)):
        return CertificateFlow(entry_id)
    return TokenFlow(entry_id)
