"""Diagnostics: useful details without private data."""

import json
from typing import Any

from music_assistant_models.dashboard import DashboardDevice, DashboardSession
from music_assistant_models.enums import DashboardType, QueueOption
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.music_assistant.const import CONF_ORIGIN, ORIGIN_USER
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
    get_connection_details,
)
from custom_components.music_assistant.server.connection import ServerAddress
from custom_components.music_assistant.server.endpoint import ServerEndpoint
from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .common import wait_until
from .server import MassServer


async def get_entry_diagnostics(
    hass: HomeAssistant, client: ClientSessionGenerator, entry: MockConfigEntry
) -> dict[str, Any]:
    """Return an entry's diagnostics as they are downloaded."""
    found: dict[str, Any] = await get_diagnostics_for_config_entry(hass, client, entry)
    return found


@pytest.fixture
async def media(
    hass: HomeAssistant, server: MassServer, coordinator: MusicAssistantCoordinator
) -> list[str]:
    """Play media, and return all words that would reveal it."""
    server.playback.add_items(
        server.queues["kueche"],
        server.library.get_playable_items("library://album/1"),
        QueueOption.REPLACE,
    )
    await wait_until(lambda: coordinator.data["kueche"].media.title)
    played = coordinator.data["kueche"].media
    return [
        word
        for word in (played.title, played.artist, played.album, played.content_id, played.image)
        if word
    ]


async def test_no_private_data(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    entry: MockConfigEntry,
    media: list[str],
) -> None:
    """Diagnostics have neither the token nor the titles that are played."""
    assert len(media) == 5
    hass.config_entries.async_update_entry(entry, data={**entry.data, "password": "demo-password"})
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("music_assistant", "kueche"), entry.entry_id
    )
    assert device
    for found in (
        await get_entry_diagnostics(hass, hass_client, entry),
        await get_diagnostics_for_device(hass, hass_client, entry, device),
    ):
        told = json.dumps(found, ensure_ascii=False)
        assert "Küche" in told
        secrets = [entry.data[CONF_TOKEN], "demo-password", *media]
        assert [secret for secret in secrets if secret in told] == []


@pytest.mark.parametrize(
    ("data", "origin"), [({}, None), ({CONF_ORIGIN: ORIGIN_USER}, ORIGIN_USER)]
)
async def test_connection_diagnostics(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    server: MassServer,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
    *,
    data: dict[str, str],
    origin: str | None,
) -> None:
    """Diagnostics have address, versions and history of the connection."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, **data})
    server.update_player("kueche", name="Cuisine")
    await server.faults.send_bytes(b"bad frame")
    await wait_until(lambda: coordinator.connection.client.connection.skipped_frames)
    found = await get_entry_diagnostics(hass, hass_client, entry)
    token = found["entry"].pop("token")
    assert found["entry"] == {"title": "Music Assistant", "origin": origin}
    assert token["made_by_us"] is False
    assert token["made"] < token["expires"]
    connection = found["connection"]
    expected = {
        "address": server.url,
        "trusted": None,
        "server_version": "2.10.0",
        "schema_version": 46,
        "connected": True,
        "connects": 1,
        "attempts": 1,
        "lost_at": None,
        "lost_because": None,
        "last_problem": None,
        "bad_frames": 1,
        "events": 1,
    }
    assert {key: connection[key] for key in expected} == expected
    assert connection["connected_since"]
    assert connection["events_per_minute"] > 0


async def test_diagnostics_without_connection(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    server: MassServer,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
) -> None:
    """Without a connection, diagnostics have the time and reason of the loss."""
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    await wait_until(lambda: coordinator.connection.history.last_problem)
    connection = (await get_entry_diagnostics(hass, hass_client, entry))["connection"]
    assert connection["connected"] is False
    assert connection["connected_since"] is None
    assert connection["lost_at"]
    assert connection["lost_because"]
    assert connection["last_problem"] == "connection_refused"
    assert connection["attempts"] > 1
    assert connection["events_per_minute"] == 0


async def test_diagnostics_before_first_connection(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """Before the first connection there is no version, and a password is redacted."""
    url = URL("http://someone:secret@192.168.1.5:8095")
    address = ServerAddress(ServerEndpoint(async_get_clientsession(hass), url), "token", None)
    details = get_connection_details(MusicAssistantCoordinator(hass, entry, address))
    assert details["server_version"] is None
    assert details["schema_version"] is None
    assert details["connected"] is False
    assert details["events_per_minute"] == 0
    assert details["address"] == "http://192.168.1.5:8095"


async def test_player_diagnostics(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
) -> None:
    """Each player is described, and a device has its own diagnostics."""
    players = {
        player["player_id"]: player
        for player in (await get_entry_diagnostics(hass, hass_client, entry))["players"]
    }
    assert set(players) == set(coordinator.data)
    assert "tablet" not in players  # hidden at the server
    garden = players["garden"]
    assert garden["state"] == "idle"
    assert garden["built_from"] == ["garden", "patio"]
    assert garden["device"]["model"] == "Demo One"
    for identifier, expected in (("garden", [garden]), ("gone", [])):
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={("music_assistant", identifier)}
        )
        found = await get_diagnostics_for_device(hass, hass_client, entry, device)
        assert found == {"players": expected, "displays": []}


async def test_diagnostics_of_disabled_entry(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Diagnostics of a disabled entry have how it was created."""
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("music_assistant", "kueche")}
    )
    found = await async_get_config_entry_diagnostics(hass, entry)
    assert found["entry"].pop("token")
    assert found == {"entry": {"title": "Music Assistant", "origin": None}}
    nothing: dict[str, Any] = {"players": [], "displays": []}
    assert await async_get_device_diagnostics(hass, entry, device) == nothing


async def test_display_diagnostics(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    server: MassServer,
    entry: MockConfigEntry,
    coordinator: MusicAssistantCoordinator,
) -> None:
    """A display has what it can show and shows."""
    server.dashboards.add_device(DashboardDevice("wall", "Wall", {DashboardType.PARTY}))
    await wait_until(lambda: coordinator.store.displays)
    server.dashboards.add_session(DashboardSession("wall", "Wall", DashboardType.PARTY))
    await wait_until(lambda: coordinator.store.displays["dashboard:wall"].dashboard)
    await hass.async_block_till_done()
    expected = {
        "dashboard_id": "wall",
        "available": True,
        "types": ["party"],
        "shown": "party",
        "player_id": None,
    }
    assert (await get_entry_diagnostics(hass, hass_client, entry))["displays"] == [expected]
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("music_assistant", "dashboard:wall"), entry.entry_id
    )
    assert device
    found = await get_diagnostics_for_device(hass, hass_client, entry, device)
    assert found == {"players": [], "displays": [expected]}
