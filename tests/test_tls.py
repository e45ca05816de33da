"""Certificates that a person trusts, over real sockets with certificates made for each test."""

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
    async_certificate,
    async_find_again,
    async_find_server,
)
from custom_components.music_assistant.server.endpoint import Site
from custom_components.music_assistant.server.errors import (
    CertificateProblem,
    Redirected,
    ServerProblem,
    server_problem,
)
from custom_components.music_assistant.server.tls import (
    NAME_LIMIT,
    Certificate,
    Trust,
    async_trust,
    fingerprint,
    read_authority,
    trust_certificate,
)
from homeassistant.core import HomeAssistant

from .answering import answering, redirecting
from .certificates import EXPIRED, FUTURE, LOOPBACK, Made, forgive_handshakes
from .server import MassServer

AUTHORITY = Made.make("Test authority", authority=True)
MADE = {
    "self-signed": Made.make(),
    "of an authority": Made.make(issuer=AUTHORITY),
    "expired": Made.make(issuer=AUTHORITY, days=EXPIRED),
    "not valid yet": Made.make(issuer=AUTHORITY, days=FUTURE),
    "of another host": Made.make("mass.example", issuer=AUTHORITY),
    "of another address": Made.make("127.0.0.2", issuer=AUTHORITY),
}
EACH = pytest.mark.parametrize("made", [pytest.param(made, id=name) for name, made in MADE.items()])


def _trusting(authority: Made | None) -> TCPConnector:
    """Return what a session needs that trusts an authority beside the system's."""
    return TCPConnector(ssl=authority.client if authority else True)


def pinning(made: Made) -> Trust:
    """Return trust in one certificate."""
    return trust_certificate(made.fingerprint)


async def refusal(site: Site) -> CertificateProblem:
    """Return the problem with a site's certificate."""
    with pytest.raises(CertificateProblem) as raised:
        await async_find_server([site])
    return raised.value


# ---------------------------------------------------------------------------- one certificate


@EACH
async def test_pinned(session: ClientSession, made: Made) -> None:
    """Exactly the certificate that is pinned is trusted, whatever else is wrong with it."""
    async with MassServer(ssl_context=made.server) as server:
        site, _ = await async_find_server([Site(session, URL(server.url), pinning(made))])
        client = Client(site, server.mint_token("demo"), server.server_id)
        await client.connect()
        assert str(client.connection.ws_server_url).startswith("wss:")
        assert [connection.ws.compress for connection in server.open_connections] == [15]
        await client.disconnect()


@asynccontextmanager
async def listening(context: ssl.SSLContext) -> AsyncIterator[tuple[URL, list[bytes]]]:
    """Listen with TLS; gives the address, and what was received by each who shook hands."""
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
async def test_nothing_is_sent(session: ClientSession, version: ssl.TLSVersion) -> None:
    """Who shows another certificate isn't sent a byte of a request, nor of a websocket's."""
    pinned, context = MADE["self-signed"], Made.make().server
    context.maximum_version = version
    async with listening(context) as (url, received):
        site = Site(session, url, pinning(pinned))
        problem = await refusal(site)
        with pytest.raises(Exception) as raised:
            await Client(site, "secret").connect()
        assert server_problem(raised.value, str(site)).key == problem.key == "certificate_changed"
        with pytest.raises(ServerProblem):
            async with site.post("auth/login", {"password": "secret"}):
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


async def test_led_to_another_host() -> None:
    """A token isn't sent where a redirect of the websocket leads, also if that is trusted."""
    made = MADE["self-signed"]
    async with (
        ClientSession(connector=TCPConnector(resolver=Resolver())) as session,
        MassServer(ssl_context=made.server) as server,
        answering(redirecting(f"https://mass.example:{server.port}"), made.server) as url,
    ):
        client = Client(Site(session, URL(url), pinning(made)), "secret")
        with pytest.raises(Redirected):
            await client.connect()
        assert server.connects == 0


async def test_moved_to_another_host() -> None:
    """Another host is a person's decision, also if its certificate is trusted."""
    made = Made.make("mass.example", issuer=AUTHORITY)
    connector = TCPConnector(resolver=Resolver(), ssl=AUTHORITY.client)
    async with (
        ClientSession(connector=connector) as session,
        MassServer(ssl_context=made.server) as server,
        answering(redirecting(f"https://mass.example:{server.port}")) as url,
    ):
        site = Site(session, URL(url))
        found, _ = await async_find_server([site])
        assert found.url.host == "mass.example"
        with pytest.raises(ServerProblem) as raised:
            await async_find_again(site, server.server_id)
    assert raised.value.key == "redirected"
    assert raised.value.placeholders == {"url": url, "error": str(found)}


async def test_changed(session: ClientSession) -> None:
    """Where another certificate is shown, both are told."""
    old, new = Made.make(), Made.make()
    async with MassServer(ssl_context=new.server) as server:
        problem = await refusal(Site(session, URL(server.url), pinning(old)))
        assert problem.key == problem.fault == "certificate_changed"
        assert problem.placeholders == {
            "url": server.url,
            "old": old.fingerprint,
            "new": new.fingerprint,
        }
        assert problem.shown
        assert problem.shown.fingerprint == new.fingerprint
        assert server.http_requests == []


async def test_publicly_trusted_meanwhile() -> None:
    """A pin isn't needed where Home Assistant trusts what is shown."""
    authority = Made.make("Public", authority=True)
    made = Made.make(issuer=authority)
    async with (
        MassServer(ssl_context=made.server) as server,
        ClientSession(connector=_trusting(authority)) as session,
    ):
        pinned = Site(session, URL(server.url), pinning(MADE["self-signed"]))
        site, _ = await async_find_server([pinned])
        assert site == Site(session, URL(server.url))


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
async def test_fault(name: str, fault: str) -> None:
    """What is wrong with a certificate is told, from the worst on."""
    known = None if name in ("self-signed", "of an authority") else AUTHORITY
    async with (
        MassServer(ssl_context=MADE[name].server) as server,
        ClientSession(connector=_trusting(known)) as session,
    ):
        problem = await refusal(Site(session, URL(server.url)))
        assert (problem.key, problem.fault) == ("certificate_untrusted", fault)
        assert problem.placeholders["error"]
        assert server.http_requests == []


@EACH
async def test_shown(session: ClientSession, made: Made) -> None:
    """The certificate is shown that a server has, also behind a redirect; it is sent nothing."""
    async with (
        MassServer(ssl_context=made.server) as server,
        answering(redirecting(server.url)) as plain,
    ):
        for url in (server.url, plain):
            shown = await async_certificate(Site(session, URL(url)))
            assert shown
            assert shown.fingerprint == made.fingerprint
            assert shown.subject == made.certificate.subject.rfc4514_string()
            assert shown.issuer == made.certificate.issuer.rfc4514_string()
            assert shown.valid_from < shown.valid_until
        assert server.http_requests == []


async def test_nothing_to_show(session: ClientSession) -> None:
    """Where nothing is encrypted there is no certificate; where nothing answers, it is told."""
    async with MassServer() as server:
        site = Site(session, URL(server.url))
        assert await async_certificate(site) is None
    with pytest.raises(ServerProblem):
        await async_certificate(site)


def test_description() -> None:
    """A certificate says for which names it is; one without any is for none."""
    for made, names in ((MADE["of another host"], "mass.example"), (AUTHORITY, "-")):
        assert Certificate.of(ssl.PEM_cert_to_DER_cert(made.pem)).names == names


def test_odd_names() -> None:
    """A certificate can't put marks or another line into the text that shows it."""
    made = Made.make("x`\n# Trusted `" + "y" * 30)
    subject = Certificate.of(ssl.PEM_cert_to_DER_cert(made.pem)).subject
    assert not {"`", "\n"} & set(subject)
    assert len(subject) <= NAME_LIMIT


def test_unreadable() -> None:
    """A certificate that can't be read still has a fingerprint."""
    certificate = Certificate.of(b"nothing")
    assert (certificate.subject, certificate.fingerprint) == ("?", fingerprint(b"nothing"))


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
async def test_authority(
    hass: HomeAssistant, session: ClientSession, made: Made, trusted: bool
) -> None:
    """An authority vouches for what it issued, for its host, in its time."""
    forgive_handshakes()
    trust = await async_trust(hass, {"authority": AUTHORITY.pem})
    async with MassServer(ssl_context=made.server) as server:
        site = Site(session, URL(server.url), trust)
        if trusted:
            assert await async_find_server([site])
        else:
            assert (await refusal(site)).key == "certificate_untrusted"


async def test_authority_not_to_the_letter(hass: HomeAssistant, session: ClientSession) -> None:
    """A homemade authority needn't say for what it may be used."""
    sloppy = Made.make("At home", authority=True, strict=False)
    trust = await async_trust(hass, {"authority": sloppy.pem})
    made = Made.make(issuer=sloppy)
    async with MassServer(ssl_context=made.server) as server:
        assert await async_find_server([Site(session, URL(server.url), trust)])


async def test_kept(hass: HomeAssistant) -> None:
    """What an entry keeps is trusted again, with one context for all who trust the same."""
    for kept in ({"certificate": "AA:BB"}, {"authority": AUTHORITY.pem}):
        trust = await async_trust(hass, kept)
        assert trust
        assert trust.as_dict() == kept
        assert trust is await async_trust(hass, {**kept})
    assert await async_trust(hass, None) is None


def test_read_authority(tmp_path: Path) -> None:
    """An authority's certificates are read from a text or a file, and nothing beside them."""
    other = Made.make("Other", authority=True)
    text = f"Copied:\n{AUTHORITY.key_pem}{AUTHORITY.pem}\n{other.pem}"
    (tmp_path / "ca.pem").write_text(text)
    for given in (text, str(tmp_path / "ca.pem"), " ca.pem\n"):
        path = lambda name: str(tmp_path / name)  # noqa: E731 - as `hass.config.path`
        assert read_authority(given, path) == AUTHORITY.pem + other.pem


@pytest.mark.parametrize("text", ["", "none.pem", ".", "key.pem", "-----BEGIN CERTIFICATE-----"])
def test_no_authority(tmp_path: Path, text: str) -> None:
    """What holds no certificate isn't one."""
    (tmp_path / "key.pem").write_text(AUTHORITY.key_pem)
    with pytest.raises((OSError, ValueError)):
        read_authority(text, lambda name: str(tmp_path / name))
