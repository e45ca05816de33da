"""Certificates in Home Assistant: asked about in the flows, held to while it runs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.music_assistant.const import CONF_ORIGIN, CONF_TRUST, DOMAIN, ORIGIN_USER
from custom_components.music_assistant.diagnostics import get_connection_details
from custom_components.music_assistant.entry.tokens import CONF_CREATED_TOKEN_ID
from custom_components.music_assistant.flows import trust as flow_trust
from custom_components.music_assistant.flows.trust import CertificateSteps
from custom_components.music_assistant.repairs import CertificateRepairFlow, async_create_fix_flow
from homeassistant.components.repairs import FlowType
from homeassistant.config_entries import (
    SOURCE_USER,
    SOURCE_ZEROCONF,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from homeassistant.setup import async_setup_component
from homeassistant.util import ssl as ssl_util

from .certificates import EXPIRED_DAYS, GeneratedCertificate, ignore_handshake_errors
from .common import Harness, LoopMonitor, wait_until
from .http_servers import redirect_to, run_http_server
from .server import MassServer
from .translation_texts import get_text, render_flow_result

CREDENTIALS = {CONF_USERNAME: "demo", CONF_PASSWORD: "demo-password"}
AUTHORITY = GeneratedCertificate.create("At home", authority=True)
PUBLIC = GeneratedCertificate.create("Public", authority=True)
SELF_SIGNED = GeneratedCertificate.create()
RENEWED = GeneratedCertificate.create()


@pytest.fixture(autouse=True)
async def _trusted_by_home_assistant(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Home Assistant trust an authority."""
    ignore_handshake_errors()
    context = ssl_util.create_client_context(alpn_protocols=ssl_util.SSL_ALPN_HTTP11)
    context.load_verify_locations(cadata=PUBLIC.pem)
    monkeypatch.setattr(ssl_util, "client_context", lambda *_: context)


@pytest.fixture
def certificate() -> GeneratedCertificate:
    """Return the server's certificate; tests that need another one parametrise it."""
    return SELF_SIGNED


@pytest.fixture
async def server(certificate: GeneratedCertificate) -> AsyncIterator[MassServer]:
    """Run a server with TLS."""
    async with MassServer(ssl_context=certificate.server_context) as running:
        yield running


@pytest.fixture
def entry(
    hass: HomeAssistant, server: MassServer, certificate: GeneratedCertificate
) -> MockConfigEntry:
    """Return an entry that trusts the server's certificate, not yet set up."""
    data = {
        CONF_URL: server.url,
        CONF_TOKEN: server.create_token("demo", "Home Assistant"),
        CONF_TRUST: create_pin_data(certificate),
    }
    made = MockConfigEntry(
        domain=DOMAIN, title="Music Assistant", unique_id=server.server_id, data=data
    )
    made.add_to_hass(hass)
    return made


@pytest.fixture
async def harness(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> Harness:
    """Return Home Assistant with an entry that is set up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    return Harness(hass, server, entry)


def create_pin_data(made: GeneratedCertificate) -> dict[str, str]:
    """Return the entry data that pins a certificate."""
    return {"certificate": made.fingerprint}


async def start_flow(
    hass: HomeAssistant, source: str = SOURCE_USER, data: Any = None
) -> ConfigFlowResult:
    """Start a flow."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": source}, data=data
    )
    render_flow_result(result)
    return result


async def submit_form(
    hass: HomeAssistant, result: ConfigFlowResult, **values: str
) -> ConfigFlowResult:
    """Submit the form of a step."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], values)
    render_flow_result(result)
    await hass.async_block_till_done()
    return result


def get_form_error(result: ConfigFlowResult, step_id: str = "trust") -> str | None:
    """Return the error that a form shows."""
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, step_id)
    return (result["errors"] or {}).get("base")


async def start_certificate_step(hass: HomeAssistant, entry: MockConfigEntry) -> ConfigFlowResult:
    """Start the reconfiguration of an entry at its certificate."""
    result = await entry.start_reconfigure_flow(hass)
    return await submit_form(hass, result, next_step_id="certificate")


async def restart_with_certificate(server: MassServer, made: GeneratedCertificate) -> None:
    """Restart a server with another certificate."""
    server.ssl_context = made.server_context
    server.commands.clear()
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    assert server._runner
    assert server._runner.server
    for kept in server._runner.server.connections:
        kept.force_close()
    await server.faults.open_port()


def get_certificate_issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    """Return the issue about a certificate."""
    issues = ir.async_get(hass).issues.values()
    return next((one for one in issues if one.issue_id.startswith("certificate_")), None)


def get_requests(server: MassServer) -> list[Any]:
    """Return all requests and commands that a server received."""
    return [*server.http_requests, *server.commands]


# ------------------------------------------------------------------------------- in the flows


@pytest.mark.parametrize(
    ("certificate", "key"),
    [
        (SELF_SIGNED, "certificate_self_signed"),
        (GeneratedCertificate.create(issuer=AUTHORITY), "certificate_unknown_authority"),
        (GeneratedCertificate.create(issuer=PUBLIC, days=EXPIRED_DAYS), "certificate_expired"),
        (GeneratedCertificate.create("mass.example", issuer=PUBLIC), "certificate_other_host"),
    ],
)
async def test_pin_certificate(
    hass: HomeAssistant, server: MassServer, certificate: GeneratedCertificate, key: str
) -> None:
    """The form shows a certificate with its fault, and the user can pin it."""
    result = await submit_form(hass, await start_flow(hass), url=server.url)
    assert get_form_error(result) == key
    for part in (
        certificate.fingerprint,
        certificate.certificate.subject.rfc4514_string(),
        certificate.certificate.issuer.rfc4514_string(),
        certificate.certificate.not_valid_after_utc.date().isoformat()[:7],
        get_text("config", "error", key),
    ):
        assert part in render_flow_result(result)
    assert get_requests(server) == []
    result = await submit_form(hass, result, trust="certificate")
    assert result["step_id"] == "sign_in"
    result = await submit_form(hass, result, next_step_id="password")
    result = await submit_form(hass, result, **CREDENTIALS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.data == {
        CONF_URL: server.url,
        CONF_TOKEN: entry.data[CONF_TOKEN],
        CONF_ORIGIN: ORIGIN_USER,
        CONF_CREATED_TOKEN_ID: entry.data[CONF_CREATED_TOKEN_ID],
        CONF_TRUST: create_pin_data(certificate),
    }
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.async_all("media_player")


@pytest.mark.parametrize("certificate", [GeneratedCertificate.create(issuer=PUBLIC)])
async def test_publicly_trusted_certificate(hass: HomeAssistant, server: MassServer) -> None:
    """A certificate that Home Assistant trusts needs no consent."""
    result = await submit_form(hass, await start_flow(hass), url=URL(server.url).authority)
    result = await submit_form(hass, result, next_step_id="token")
    result = await submit_form(hass, result, token=server.create_token("demo"))
    assert CONF_TRUST not in result["result"].data


@pytest.mark.parametrize("way", ["password", "token"])
async def test_change_before_sign_in(hass: HomeAssistant, server: MassServer, way: str) -> None:
    """A certificate that changed before the sign-in gets no secret until the user trusts it."""
    values = CREDENTIALS if way == "password" else {CONF_TOKEN: server.create_token("demo")}
    result = await submit_form(hass, await start_flow(hass), url=server.url)
    result = await submit_form(hass, result, trust="certificate")
    result = await submit_form(hass, result, next_step_id=way)
    await restart_with_certificate(server, RENEWED)
    requests = len(server.http_requests)
    result = await submit_form(hass, result, **values)
    assert get_form_error(result) == "certificate_changed"
    assert SELF_SIGNED.fingerprint in render_flow_result(result)
    assert RENEWED.fingerprint in render_flow_result(result)
    assert (server.http_requests[requests:], server.commands) == ([], [])
    [flow] = hass.config_entries.flow._progress.values()
    assert isinstance(flow, CertificateSteps)
    assert not [secret for secret in values.values() if secret in repr(flow._decision)]
    result = await submit_form(hass, result, trust="certificate")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].data[CONF_TRUST] == create_pin_data(RENEWED)


async def test_decline_certificate(hass: HomeAssistant, server: MassServer) -> None:
    """Declining a certificate returns to the address form, and nothing is sent."""
    result = await submit_form(hass, await start_flow(hass), url=server.url)
    result = await submit_form(hass, result, trust="back")
    assert get_form_error(result, "user") is None
    assert result["data_schema"]
    [field] = result["data_schema"].schema
    assert field.description == {"suggested_value": server.url}
    assert (
        get_form_error(await submit_form(hass, result, url=server.url)) == "certificate_self_signed"
    )
    assert get_requests(server) == []


@pytest.mark.parametrize("as_path", [False, True])
@pytest.mark.parametrize("certificate", [GeneratedCertificate.create(issuer=AUTHORITY)])
async def test_trust_authority(
    hass: HomeAssistant, server: MassServer, tmp_path: Path, as_path: bool
) -> None:
    """An authority that issued the server's certificate is accepted; only it is stored."""
    result = await submit_form(hass, await start_flow(hass), url=server.url)
    result = await submit_form(hass, result, trust="authority")
    assert get_form_error(result, "authority") is None
    for given, key in (
        ("nowhere.pem", "invalid_authority"),
        (AUTHORITY.key_pem, "invalid_authority"),
        (SELF_SIGNED.pem, "not_of_authority"),
    ):
        result = await submit_form(hass, result, authority=given)
        assert get_form_error(result, "authority") == key
    assert get_requests(server) == []
    file = tmp_path / "ca.pem"
    file.write_text(AUTHORITY.pem + AUTHORITY.key_pem)
    result = await submit_form(hass, result, authority=str(file) if as_path else file.read_text())
    result = await submit_form(hass, result, next_step_id="password")
    entry = (await submit_form(hass, result, **CREDENTIALS))["result"]
    assert entry.data[CONF_TRUST] == {"authority": AUTHORITY.pem}
    assert entry.state is ConfigEntryState.LOADED


async def test_server_gone_before_fetch(
    hass: HomeAssistant, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may disappear before its certificate is fetched."""
    look = flow_trust.async_fetch_certificate

    async def too_late(endpoint: Any) -> Any:
        await server.faults.close_port()
        return await look(endpoint)

    monkeypatch.setattr(flow_trust, "async_fetch_certificate", too_late)
    result = await submit_form(hass, await start_flow(hass), url=server.url)
    assert get_form_error(result, "user") == "connection_refused"


async def test_discovered_server(hass: HomeAssistant, server: MassServer) -> None:
    """The certificate of a discovered server is shown when the user adds it."""
    announcement = ZeroconfServiceInfo(
        ip_address=ip_address("127.0.0.1"),
        ip_addresses=[ip_address("127.0.0.1")],
        port=server.port,
        hostname="mass.local.",
        type="_mass._tcp.local.",
        name="demo-server._mass._tcp.local.",
        properties={"server_id": server.server_id, "base_url": server.url},
    )
    result = await start_flow(hass, SOURCE_ZEROCONF, announcement)
    assert get_form_error(result, "discovery_confirm") is None
    result = await submit_form(hass, result)
    assert get_form_error(result) == "certificate_self_signed"
    assert get_requests(server) == []
    result = await submit_form(hass, result, trust="certificate")
    assert result["step_id"] == "sign_in"


async def test_change_during_sign_in(hass: HomeAssistant, server: MassServer) -> None:
    """A certificate that changes before the password is sent is shown first."""
    result = await submit_form(hass, await start_flow(hass), url=server.url)
    result = await submit_form(hass, result, trust="certificate")
    result = await submit_form(hass, result, next_step_id="password")
    server.http_requests.clear()
    await restart_with_certificate(server, RENEWED)
    result = await submit_form(hass, result, **CREDENTIALS)
    assert get_form_error(result) == "certificate_changed"
    for made in (SELF_SIGNED, RENEWED):
        assert made.fingerprint in render_flow_result(result)
    assert get_requests(server) == []
    result = await submit_form(hass, result, trust="certificate")
    assert result["result"].data[CONF_TRUST] == create_pin_data(RENEWED)
    assert CREDENTIALS[CONF_PASSWORD] not in repr(result)


async def test_reauth_with_changed_certificate(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A reauthentication begins with the certificate if it has changed."""
    await restart_with_certificate(server, RENEWED)
    result = await entry.start_reauth_flow(hass)
    result = await submit_form(hass, result)
    assert get_form_error(result) == "certificate_changed"
    result = await submit_form(
        hass, await submit_form(hass, result, trust="certificate"), next_step_id="token"
    )
    token = server.create_token("demo", "New")
    result = await submit_form(hass, result, token=token)
    assert result["reason"] == "reauth_successful"
    assert entry.data == {
        CONF_URL: server.url,
        CONF_TOKEN: token,
        CONF_ORIGIN: ORIGIN_USER,
        CONF_TRUST: create_pin_data(RENEWED),
    }
    assert entry.state is ConfigEntryState.LOADED


async def test_new_address_with_other_certificate(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, stack: AsyncExitStack
) -> None:
    """The same server may have another certificate at another address."""
    for server_id in ("other", server.server_id):
        moved = await stack.enter_async_context(
            MassServer(ssl_context=RENEWED.server_context, server_id=server_id)
        )
        result = await entry.start_reconfigure_flow(hass)
        result = await submit_form(hass, result, next_step_id="new_address")
        result = await submit_form(hass, result, url=moved.url)
        assert get_form_error(result) == "certificate_changed"
        result = await submit_form(hass, result, trust="certificate")
        if server_id == "other":
            assert get_form_error(result, "new_address") == "other_server"
            assert moved.commands == []
    assert result["reason"] == "reconfigure_successful"
    assert entry.data[CONF_URL] == moved.url
    assert entry.data[CONF_TRUST] == create_pin_data(RENEWED)


# ------------------------------------------------------------------- the certificate of an entry


async def test_reconfigure_trust(
    hass: HomeAssistant, harness: Harness, entry: MockConfigEntry
) -> None:
    """The policy can be reconfigured, but only to one that works."""
    assert get_connection_details(harness.coordinator)["trusted"] == "certificate"
    result = await start_certificate_step(hass, entry)
    assert get_form_error(result) is None
    assert SELF_SIGNED.fingerprint in render_flow_result(result)
    result = await submit_form(hass, result, trust="home_assistant")
    assert get_form_error(result) == "certificate_self_signed"
    assert (await submit_form(hass, result, trust="back"))["step_id"] == "reconfigure"
    assert entry.data[CONF_TRUST] == create_pin_data(SELF_SIGNED)
    result = await submit_form(hass, await start_certificate_step(hass, entry), trust="authority")
    result = await submit_form(hass, result, authority=SELF_SIGNED.pem)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data[CONF_TRUST] == {"authority": SELF_SIGNED.pem}
    assert harness.is_set_up


@pytest.mark.parametrize("certificate", [GeneratedCertificate.create(issuer=PUBLIC)])
async def test_remove_pin(hass: HomeAssistant, harness: Harness, entry: MockConfigEntry) -> None:
    """A pin can be removed if Home Assistant trusts the certificate."""
    result = await submit_form(
        hass, await start_certificate_step(hass, entry), trust="home_assistant"
    )
    assert result["reason"] == "reconfigure_successful"
    assert CONF_TRUST not in entry.data
    assert harness.is_set_up


async def test_reconfigure_without_certificate(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, stack: AsyncExitStack
) -> None:
    """Without a certificate, or with another server, the form shows an error and can be retried."""
    plain = await stack.enter_async_context(MassServer())
    data = {**entry.data, CONF_URL: plain.url}
    hass.config_entries.async_update_entry(entry, data=data)
    assert (
        get_form_error(await start_certificate_step(hass, entry), "certificate") == "no_certificate"
    )
    plain.server_id = "other"
    result = await start_certificate_step(hass, entry)
    assert get_form_error(result, "certificate") == "other_server"
    plain.server_id = server.server_id
    assert get_form_error(await submit_form(hass, result), "certificate") == "no_certificate"
    assert entry.data == data


# ---------------------------------------------------------------------------- while it runs


async def start_repair(hass: HomeAssistant, result: Any = None) -> ConfigFlowResult:
    """Start the repair, which leads to the reconfiguration of the entry, and return its step."""
    assert await async_setup_component(hass, "repairs", {})
    found = get_certificate_issue(hass)
    assert found
    assert found.is_fixable
    manager = hass.data["repairs"]["flow_manager"]
    ended = await manager.async_init(DOMAIN, data={"issue_id": found.issue_id})
    key = found.translation_key
    assert key
    assert render_flow_result(ended, ("issues", key, "fix_flow"))
    kind, flow_id = ended["next_flow"]
    assert kind is FlowType.CONFIG_FLOW
    assert get_certificate_issue(hass)  # it isn't mended yet
    return await hass.config_entries.flow.async_configure(flow_id)


async def test_reopened_repair(
    hass: HomeAssistant, harness: Harness, loop_monitor: LoopMonitor
) -> None:
    """Reopening a repair aborts its earlier flow."""
    with loop_monitor.skip_idle_time():
        await restart_with_certificate(harness.server, RENEWED)
        await wait_until(lambda: get_certificate_issue(hass), 30)
    await start_repair(hass)
    result = await start_repair(hass)
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert [flow["flow_id"] for flow in flows] == [result["flow_id"]]


async def test_changed_certificate(
    hass: HomeAssistant, harness: Harness, loop_monitor: LoopMonitor
) -> None:
    """A changed certificate gets no request; the repair shows both and lets the user decide."""
    coordinator = harness.coordinator
    with loop_monitor.skip_idle_time():
        await restart_with_certificate(harness.server, RENEWED)
        await wait_until(lambda: get_certificate_issue(hass), 30)
    assert harness.server.commands == []
    result = await start_repair(hass)
    assert get_form_error(result) == "certificate_changed"
    for made in (SELF_SIGNED, RENEWED):
        assert made.fingerprint in render_flow_result(result)
    assert harness.coordinator is coordinator  # nothing was reloaded
    result = await submit_form(hass, result, trust="certificate")
    assert result["reason"] == "reconfigure_successful"
    assert harness.is_set_up
    assert harness.is_connected
    assert get_certificate_issue(hass) is None
    assert harness.entry.data[CONF_TRUST] == create_pin_data(RENEWED)


async def test_certificate_changed_back(
    hass: HomeAssistant, harness: Harness, loop_monitor: LoopMonitor
) -> None:
    """A server with its old certificate again is connected automatically."""
    coordinator = harness.coordinator
    with loop_monitor.skip_idle_time():
        await restart_with_certificate(harness.server, RENEWED)
        await wait_until(lambda: get_certificate_issue(hass), 30)
        await restart_with_certificate(harness.server, SELF_SIGNED)
        await harness.wait_for_reconnect(60)
    assert harness.coordinator is coordinator
    assert get_certificate_issue(hass) is None
    assert harness.entry.data[CONF_TRUST] == create_pin_data(SELF_SIGNED)


async def test_changed_to_public_certificate(
    hass: HomeAssistant, harness: Harness, loop_monitor: LoopMonitor
) -> None:
    """A publicly trusted certificate doesn't replace a pin automatically."""
    made = GeneratedCertificate.create(issuer=PUBLIC)
    with loop_monitor.skip_idle_time():
        await restart_with_certificate(harness.server, made)
        await wait_until(lambda: get_certificate_issue(hass), 30)
    assert harness.server.commands == []
    assert harness.entry.data[CONF_TRUST] == create_pin_data(SELF_SIGNED)
    result = await start_repair(hass)
    assert made.fingerprint in render_flow_result(result)


async def test_entry_without_verification(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """An entry whose certificate was never verified asks once and then continues."""
    before = {key: entry.data[key] for key in (CONF_URL, CONF_TOKEN)}
    hass.config_entries.async_update_entry(entry, data=before)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert get_requests(server) == []
    result = await start_repair(hass)
    assert get_form_error(result) == "certificate_self_signed"
    await submit_form(hass, result, trust="certificate")
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data == {**before, CONF_TRUST: create_pin_data(SELF_SIGNED)}
    assert get_certificate_issue(hass) is None


async def test_changed_back_before_setup(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, loop_monitor: LoopMonitor
) -> None:
    """An entry that waits because of its certificate is set up when the old one is back."""
    await restart_with_certificate(server, RENEWED)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert get_certificate_issue(hass)
    await restart_with_certificate(server, SELF_SIGNED)
    with loop_monitor.skip_idle_time():
        await wait_until(lambda: hass.config_entries.async_loaded_entries(DOMAIN), 60)
        await hass.async_block_till_done()
    assert get_certificate_issue(hass) is None


async def test_repair_of_removed_entry(hass: HomeAssistant) -> None:
    """The repair of a removed entry aborts."""
    flow = await async_create_fix_flow(hass, "certificate_changed_gone", {"entry_id": "gone"})
    assert isinstance(flow, CertificateRepairFlow)
    flow.hass = hass
    assert (await flow.async_step_init())["reason"] == "entry_gone"


# ------------------------------------------------------------------------------ redirects


@pytest.mark.parametrize("certificate", [SELF_SIGNED])
async def test_redirect_to_https(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A redirect from http to https is followed before the token is sent, and stored."""
    async with run_http_server(redirect_to(server.url)) as url:
        data = {**entry.data, CONF_URL: url}
        hass.config_entries.async_update_entry(entry, data=data)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    assert entry.data == {**data, CONF_URL: server.url}
    assert entry.runtime_data.mass.connection.connected


async def test_redirect_to_http(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A redirect to another address without TLS needs the user's consent, and gets no token."""
    async with MassServer() as plain, run_http_server(redirect_to(plain.url)) as url:
        data = {**entry.data, CONF_URL: url}
        hass.config_entries.async_update_entry(entry, data=data)
        assert not await hass.config_entries.async_setup(entry.entry_id)
        assert plain.connects == 0
        assert get_requests(plain) == [("GET", "/info")]
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.reason
    assert plain.url in entry.reason
    assert entry.data == data
    (offer,) = ir.async_get(hass).issues.values()
    assert offer.translation_key == "server_moved"
    assert offer.data == {"entry_id": entry.entry_id, CONF_URL: plain.url}


async def test_redirect_to_untrusted_certificate(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """A redirect to an untrusted certificate gets no token."""
    async with run_http_server(redirect_to(server.url)) as url:
        data = {CONF_URL: url, CONF_TOKEN: entry.data[CONF_TOKEN]}
        hass.config_entries.async_update_entry(entry, data=data)
        assert not await hass.config_entries.async_setup(entry.entry_id)
        assert get_certificate_issue(hass)
        assert get_requests(server) == []
        result = await start_repair(hass)
        assert get_form_error(result) == "certificate_self_signed"
        await submit_form(hass, result, trust="certificate")
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data == {**data, CONF_URL: server.url, CONF_TRUST: create_pin_data(SELF_SIGNED)}


async def test_redirect_from_https_to_http(
    hass: HomeAssistant, entry: MockConfigEntry, stack: AsyncExitStack
) -> None:
    """A redirect from https to http gets no token."""
    plain = await stack.enter_async_context(MassServer())
    leading = await stack.enter_async_context(
        run_http_server(redirect_to(plain.url), SELF_SIGNED.server_context)
    )
    data = {**entry.data, CONF_URL: leading}
    hass.config_entries.async_update_entry(entry, data=data)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert plain.connects == 0
    assert entry.reason
    assert leading in entry.reason
    assert entry.data == data
