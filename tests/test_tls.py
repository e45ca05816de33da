"""Certificate policies, over real sockets with generated certificates."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import socket
import ssl

from aiohttp import ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest
from yarl import URL

from custom_components.music_assistant.server.client import Client
from custom_components.music_assistant.server.discovery import (
    async_fetch_certificate,
    async_find_moved_server,
    async_find_server,
)
from custom_components.music_assistant.server.endpoint import ServerEndpoint
from custom_components.music_assistant.server.errors import (
    CertificateProblem,
    Redirected,
    ServerProblem,
    to_server_problem,
)
from custom_components.music_assistant.server.tls import (
    MAX_NAME_LENGTH,
    CertificateInfo,
    CertificatePolicy,
    async_load_certificate_policy,
    compute_fingerprint,
    get_pinning_policy,
    read_authority_certificates,
)
from homeassistant.core import HomeAssistant

from .certificates import (
    EXPIRED_DAYS,
    FUTURE_DAYS,
    LOOPBACK,
    GeneratedCertificate,
    ignore_handshake_errors,
)
from .http_servers import redirect_to, run_http_server
from .server import MassServer

AUTHORITY = GeneratedCertificate.create("Test authority", authority=True)
MADE = {
    "self-signed": GeneratedCertificate.create(),
    "of an authority": GeneratedCertificate.create(issuer=AUTHORITY),
    "expired": GeneratedCertificate.create(issuer=AUTHORITY, days=EXPIRED_DAYS),
    "not valid yet": GeneratedCertificate.create(issuer=AUTHORITY, days=FUTURE_DAYS),
    "of another host": GeneratedCertificate.create("mass.example", issuer=AUTHORITY),
    "of another address": GeneratedCertificate.create("127.0.0.2", issuer=AUTHORITY),
}
EACH = pytest.mark.parametrize("made", [pytest.param(made, id=name) for name, made in MADE.items()])


def _create_connector(authority: GeneratedCertificate | None) -> TCPConnector:
    """Return a connector that also trusts an authority."""
    return TCPConnector(ssl=authority.client_context if authority else True)


def create_pinning_policy(made: GeneratedCertificate) -> CertificatePolicy:
    """Return the policy that accepts one certificate."""
    return get_pinning_policy(made.fingerprint)


async def get_certificate_problem(endpoint: ServerEndpoint) -> CertificateProblem:
    """Return the problem with the certificate of an endpoint."""
    with pytest.raises(CertificateProblem) as raised:
        await async_find_server([endpoint])
    return raised.value


# ---------------------------------------------------------------------------- one certificate


@EACH
async def test_pinned_certificate(session: ClientSession, made: GeneratedCertificate) -> None:
    """Only the pinned certificate is accepted, even if it has other faults."""
    async with MassServer(ssl_context=made.server_context) as server:
        endpoint, _ = await async_find_server(
            [ServerEndpoint(session, URL(server.url), create_pinning_policy(made))]
        )
        client = Client(endpoint, server.create_token("demo"), server.server_id)
        await client.connect()
        assert str(client.connection.ws_server_url).startswith("wss:")
        assert [connection.ws.compress for connection in server.open_connections] == [15]
        await client.disconnect()


@asynccontextmanager
async def run_tls_server(context: ssl.SSLContext) -> AsyncIterator[tuple[URL, list[bytes]]]:
    """Run a TLS server; yield its URL and what each client sent after the handshake."""
    received: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            received.append(await reader.read(1))
        except OSError:
            received.append(b"")
        writer.transport.abort()

    server = await asyncio.start_server(take, LOOPBACK, 0, ssl=context)
    async with server:
        yield URL(f"https://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"), received


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_other_certificate_gets_nothing(
    session: ClientSession, version: ssl.TLSVersion
) -> None:
    """A server with another certificate receives no byte of a request or websocket handshake."""
    pinned, context = MADE["self-signed"], GeneratedCertificate.create().server_context
    context.maximum_version = version
    async with run_tls_server(context) as (url, received):
        endpoint = ServerEndpoint(session, url, create_pinning_policy(pinned))
        problem = await get_certificate_problem(endpoint)
        with pytest.raises(Exception) as raised:
            await Client(endpoint, "secret").connect()
        assert "another certificate than the one that is trusted" in str(raised.value)
        assert (
            to_server_problem(raised.value, str(endpoint)).key
            == problem.key
            == "certificate_changed"
        )
        with pytest.raises(ServerProblem):
            async with endpoint.post("auth/login", {"password": "secret"}):
                pass
        assert set(received) <= {b""}


class Resolver(AbstractResolver):
    """Knows all hosts as this one."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return this host."""
        return [
            ResolveResult(hostname=host, host=LOOPBACK, port=port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """Do nothing."""


async def test_websocket_redirect_to_other_host() -> None:
    """A websocket redirect to another host gets no token, even with a trusted certificate."""
    made = MADE["self-signed"]
    async with (
        ClientSession(connector=TCPConnector(resolver=Resolver())) as session,
        MassServer(ssl_context=made.server_context) as server,
        run_http_server(
            redirect_to(f"https://mass.example:{server.port}"), made.server_context
        ) as url,
    ):
        client = Client(ServerEndpoint(session, URL(url), create_pinning_policy(made)), "secret")
        with pytest.raises(Redirected):
            await client.connect()
        assert server.connects == 0


async def test_server_on_other_host() -> None:
    """A move to another host needs the user's consent, even with a trusted certificate."""
    made = GeneratedCertificate.create("mass.example", issuer=AUTHORITY)
    connector = TCPConnector(resolver=Resolver(), ssl=AUTHORITY.client_context)
    async with (
        ClientSession(connector=connector) as session,
        MassServer(ssl_context=made.server_context) as server,
        run_http_server(redirect_to(f"https://mass.example:{server.port}")) as url,
    ):
        endpoint = ServerEndpoint(session, URL(url))
        found, _ = await async_find_server([endpoint])
        assert found.url.host == "mass.example"
        with pytest.raises(ServerProblem) as raised:
            await async_find_moved_server(endpoint, server.server_id)
    assert raised.value.key == "redirected"
    assert raised.value.placeholders == {"url": url, "error": str(found)}


async def test_changed_certificate(session: ClientSession) -> None:
    """The error of a changed certificate names the old and the new fingerprint."""
    old, new = GeneratedCertificate.create(), GeneratedCertificate.create()
    async with MassServer(ssl_context=new.server_context) as server:
        problem = await get_certificate_problem(
            ServerEndpoint(session, URL(server.url), create_pinning_policy(old))
        )
        assert problem.key == problem.fault == "certificate_changed"
        assert problem.placeholders == {
            "url": server.url,
            "old": old.fingerprint,
            "new": new.fingerprint,
        }
        assert problem.new_certificate
        assert problem.new_certificate.fingerprint == new.fingerprint
        assert server.http_requests == []


async def test_pin_outlives_public_certificate() -> None:
    """A pin stays until a user changes it, even if Home Assistant trusts the new certificate."""
    authority = GeneratedCertificate.create("Public", authority=True)
    made = GeneratedCertificate.create(issuer=authority)
    async with (
        MassServer(ssl_context=made.server_context) as server,
        ClientSession(connector=_create_connector(authority)) as session,
    ):
        pinned = ServerEndpoint(
            session, URL(server.url), create_pinning_policy(MADE["self-signed"])
        )
        with pytest.raises(CertificateProblem):
            await async_find_server([pinned])


# ------------------------------------------------------------------------------ what is shown


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("self-signed", "certificate_self_signed"),
        ("of an authority", "certificate_unknown_authority"),
        ("expired", "certificate_expired"),
        ("not valid yet", "certificate_expired"),
        ("of another host", "certificate_other_host"),
        ("of another address", "certificate_other_host"),
    ],
)
async def test_certificate_fault(name: str, fault: str) -> None:
    """The most serious fault of a certificate is reported."""
    known = None if name in ("self-signed", "of an authority") else AUTHORITY
    async with (
        MassServer(ssl_context=MADE[name].server_context) as server,
        ClientSession(connector=_create_connector(known)) as session,
    ):
        problem = await get_certificate_problem(ServerEndpoint(session, URL(server.url)))
        assert (problem.key, problem.fault) == ("certificate_untrusted", fault)
        reason = problem.placeholders["error"]
        assert reason and "_ssl.c" not in reason  # only what is wrong
        assert server.http_requests == []


@EACH
async def test_fetch_certificate(session: ClientSession, made: GeneratedCertificate) -> None:
    """The certificate of a server is fetched, also after a redirect, without sending a request."""
    async with (
        MassServer(ssl_context=made.server_context) as server,
        run_http_server(redirect_to(server.url)) as plain,
    ):
        for url in (server.url, plain):
            shown = await async_fetch_certificate(ServerEndpoint(session, URL(url)))
            assert shown
            assert shown.fingerprint == made.fingerprint
            assert shown.subject == made.certificate.subject.rfc4514_string()
            assert shown.issuer == made.certificate.issuer.rfc4514_string()
            assert shown.valid_from < shown.valid_until
        assert server.http_requests == []


async def test_fetch_no_certificate(session: ClientSession) -> None:
    """An unencrypted server has no certificate; an unreachable one is an error."""
    async with MassServer() as server:
        endpoint = ServerEndpoint(session, URL(server.url))
        assert await async_fetch_certificate(endpoint) is None
    with pytest.raises(ServerProblem):
        await async_fetch_certificate(endpoint)


def test_describe_certificate() -> None:
    """The description of a certificate lists its names, or none."""
    for made, names in ((MADE["of another host"], "mass.example"), (AUTHORITY, "-")):
        assert CertificateInfo.from_der(ssl.PEM_cert_to_DER_cert(made.pem)).names == names


def test_describe_malicious_names() -> None:
    """Names in a certificate can't add markup or lines to the description."""
    made = GeneratedCertificate.create("x`\n# Trusted `" + "y" * 30)
    subject = CertificateInfo.from_der(ssl.PEM_cert_to_DER_cert(made.pem)).subject
    assert not {"`", "\n"} & set(subject)
    assert len(subject) <= MAX_NAME_LENGTH


def test_describe_unreadable_certificate() -> None:
    """A certificate that can't be parsed still has a fingerprint."""
    certificate = CertificateInfo.from_der(b"nothing")
    assert (certificate.subject, certificate.fingerprint) == ("?", compute_fingerprint(b"nothing"))


# ------------------------------------------------------------------------------- an authority


@pytest.mark.parametrize(
    ("made", "trusted"),
    [
        (MADE["of an authority"], True),
        (MADE["self-signed"], False),
        (MADE["expired"], False),
        (MADE["of another host"], False),
    ],
)
async def test_trusted_authority(
    hass: HomeAssistant, session: ClientSession, made: GeneratedCertificate, trusted: bool
) -> None:
    """An authority's certificates are accepted for their host and period of validity."""
    ignore_handshake_errors()
    trust = await async_load_certificate_policy(hass, {"authority": AUTHORITY.pem})
    async with MassServer(ssl_context=made.server_context) as server:
        endpoint = ServerEndpoint(session, URL(server.url), trust)
        if trusted:
            assert await async_find_server([endpoint])
        else:
            assert (await get_certificate_problem(endpoint)).key == "certificate_untrusted"


async def test_authority_without_extensions(hass: HomeAssistant, session: ClientSession) -> None:
    """A self-made authority without usage extensions is accepted."""
    sloppy = GeneratedCertificate.create("At home", authority=True, strict=False)
    trust = await async_load_certificate_policy(hass, {"authority": sloppy.pem})
    made = GeneratedCertificate.create(issuer=sloppy)
    async with MassServer(ssl_context=made.server_context) as server:
        assert await async_find_server([ServerEndpoint(session, URL(server.url), trust)])


async def test_policy_from_entry_data(hass: HomeAssistant) -> None:
    """A stored policy is loaded, and equal policies share one SSL context."""
    for kept in ({"certificate": "AA:BB"}, {"authority": AUTHORITY.pem}):
        trust = await async_load_certificate_policy(hass, kept)
        assert trust
        assert trust.as_dict() == kept
        assert trust is await async_load_certificate_policy(hass, {**kept})
    assert await async_load_certificate_policy(hass, None) is None


def test_load_authority(tmp_path: Path) -> None:
    """The certificates of an authority are read from a PEM text or file, without private keys."""
    other = GeneratedCertificate.create("Other", authority=True)
    text = f"Copied:\n{AUTHORITY.key_pem}{AUTHORITY.pem}\n{other.pem}"
    (tmp_path / "ca.pem").write_text(text)
    for given in (text, str(tmp_path / "ca.pem"), " ca.pem\n"):
        path = lambda name: str(tmp_path / name)  # noqa: E731 - as `hass.config.path`
        assert read_authority_certificates(given, path) == AUTHORITY.pem + other.pem


@pytest.mark.parametrize("text", ["", "none.pem", ".", "key.pem", "-----BEGIN CERTIFICATE-----"])
def test_load_invalid_authority(tmp_path: Path, text: str) -> None:
    """A text without a certificate is refused."""
    (tmp_path / "key.pem").write_text(AUTHORITY.key_pem)
    with pytest.raises((OSError, ValueError)):
        read_authority_certificates(text, lambda name: str(tmp_path / name))
