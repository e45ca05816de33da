"""Detection of a server at an address."""

from collections.abc import AsyncIterator
from contextlib import suppress
import ssl
from typing import Any

from aiohttp import ClientSession, TCPConnector, web
import pytest
from yarl import URL

from custom_components.music_assistant.server import endpoint as site_module
from custom_components.music_assistant.server.discovery import (
    async_find_moved_server,
    async_find_server,
)
from custom_components.music_assistant.server.endpoint import ServerEndpoint
from custom_components.music_assistant.server.errors import ServerProblem

from .certificates import GeneratedCertificate
from .http_servers import Handler, redirect_to, respond_with, respond_with_json, run_http_server
from .server import MassServer

JSON = "application/json"
HTML = respond_with(text="<!doctype html><title>Router</title>", content_type="text/html")
INFO = ("GET", "/info")


async def get_problem(session: ClientSession, *urls: str, server_id: str | None = None) -> Any:
    """Return the problem of a search."""
    with pytest.raises(ServerProblem) as raised:
        await async_find_server([ServerEndpoint(session, URL(url)) for url in urls], server_id)
    return raised.value


async def test_find_server(session: ClientSession, server: MassServer) -> None:
    """A server is found by requesting only its info."""
    endpoint, info = await async_find_server(
        [ServerEndpoint(session, URL(server.url))], server.server_id
    )
    assert str(endpoint) == server.url
    assert (info.server_id, info.schema_version) == (server.server_id, server.schema_version)
    assert server.http_requests == [INFO]


async def test_endless_response(session: ClientSession) -> None:
    """A response that is too large is cut off."""
    sent = 0

    async def handle_request(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": JSON})
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(bytes(65536))
                sent += 65536
        return response

    async with run_http_server(handle_request) as url:
        assert (await get_problem(session, url)).key == "not_music_assistant"
    assert sent < 64 * 1024 * 1024


async def test_first_server_is_used(session: ClientSession, server: MassServer) -> None:
    """Other services don't end the search; addresses after the server aren't requested."""
    async with MassServer() as gone, MassServer() as later, run_http_server(HTML) as page:
        await gone.faults.close_port()
        urls = (gone.url, page, server.url, later.url)
        endpoint, _ = await async_find_server(ServerEndpoint(session, URL(url)) for url in urls)
        assert str(endpoint) == server.url
        assert later.http_requests == []


@pytest.mark.parametrize(
    ("handler", "key", "error"),
    [
        (HTML, "web_page", "HTTP 200"),
        (
            respond_with(status=404, text="<h1>404</h1>", content_type="text/html"),
            "web_page",
            "HTTP 404",
        ),
        (respond_with(status=404, text="Not found"), "not_music_assistant", "HTTP 404"),
        (respond_with(status=520, text="Odd"), "not_music_assistant", "HTTP 520"),
        (respond_with(status=401, text="Who?"), "proxy_sign_in", "HTTP 401"),
        (respond_with(status=403, text="No."), "proxy_sign_in", "HTTP 403"),
        (respond_with(status=502, text="<h1>Bad Gateway</h1>"), "proxy_without_server", "HTTP 502"),
        (respond_with(status=503, text=""), "proxy_without_server", "HTTP 503"),
        (respond_with(status=504, text=""), "proxy_without_server", "HTTP 504"),
        (respond_with(text=""), "not_music_assistant", "HTTP 200"),
        (respond_with(text="{", content_type=JSON), "not_music_assistant", "HTTP 200"),
        (respond_with(body=b"\xff\xfe", content_type=JSON), "not_music_assistant", "HTTP 200"),
        (respond_with_json({"message": "API running."}), "not_music_assistant", "HTTP 200"),
        (respond_with_json(["server_id"]), "not_music_assistant", "HTTP 200"),
        (
            respond_with_json({"server_id": "x", "schema_version": "many"}),
            "not_music_assistant",
            "HTTP 200",
        ),
    ],
)
async def test_other_services(
    session: ClientSession, handler: Handler, key: str, error: str
) -> None:
    """Other services are distinguished from a server and from each other."""
    async with run_http_server(handler) as url:
        problem = await get_problem(session, url)
    assert problem.key == key
    assert problem.placeholders == {"url": url, "error": error}


async def test_invalid_info(session: ClientSession, server: MassServer) -> None:
    """An info with an invalid field isn't a server's."""
    async with run_http_server(
        respond_with_json(server.get_info() | {"schema_version": "many"})
    ) as url:
        assert (await get_problem(session, url)).key == "not_music_assistant"


@pytest.mark.parametrize(
    ("schema", "minimum", "key"),
    [(26, 24, "server_too_old"), (200, 199, "server_too_new")],
)
async def test_unsupported_version(
    session: ClientSession, server: MassServer, schema: int, minimum: int, key: str
) -> None:
    """A server with an unsupported version has its own error."""
    server.schema_version, server.min_supported_schema_version = schema, minimum
    problem = await get_problem(session, server.url)
    assert (problem.key, problem.placeholders) == (key, {"version": server.server_version})


async def test_other_server(session: ClientSession, server: MassServer) -> None:
    """Another server than the expected one is an error."""
    assert (await get_problem(session, server.url, server_id="mine")).key == "other_server"


async def test_closed_port(session: ClientSession, server: MassServer) -> None:
    """The error of a closed port has the address."""
    await server.faults.close_port()
    problem = await get_problem(session, server.url)
    assert problem.key == "connection_refused"
    assert problem.placeholders["url"] == server.url
    assert str(server.port) in problem.placeholders["error"]


async def test_timeout(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that doesn't answer is an error after the timeout."""
    monkeypatch.setattr(site_module, "HTTP_TIMEOUT", 0.05)
    server.faults.pause_server()
    problem = await get_problem(session, server.url)
    assert problem.key == "timeout_connect"
    assert server.http_requests == [INFO]


async def test_most_useful_problem(session: ClientSession, server: MassServer) -> None:
    """Of several problems the most useful one is raised, else the first."""
    async with MassServer() as gone, run_http_server(HTML) as page:
        await gone.faults.close_port()
        await server.faults.close_port()
        assert (await get_problem(session, gone.url, page)).key == "web_page"
        problem = await get_problem(session, gone.url, server.url)
        assert problem.placeholders["url"] == gone.url


# --------------------------------------------------------------- redirects and certificates


async def test_redirect(session: ClientSession, server: MassServer) -> None:
    """The address at the end of a redirect is the server's."""
    async with (
        run_http_server(redirect_to(server.url)) as first,
        run_http_server(redirect_to(first)) as url,
    ):
        found, _ = await async_find_server([ServerEndpoint(session, URL(url))])
    assert str(found) == server.url


async def test_redirect_keeps_path_prefix(session: ClientSession, server: MassServer) -> None:
    """The path before the server's own is kept, nothing else."""
    async with (
        run_http_server(respond_with_json(server.get_info())) as proxy,
        run_http_server(redirect_to(f"{proxy}/ma")) as url,
    ):
        found, _ = await async_find_server([ServerEndpoint(session, URL(url))])
    assert str(found) == f"{proxy}/ma"


async def test_redirect_without_user(session: ClientSession, server: MassServer) -> None:
    """Without a user, no redirect to http is followed except to the known address."""
    endpoint = ServerEndpoint(session, URL(server.url))
    assert await async_find_moved_server(endpoint, server.server_id) == endpoint
    async with run_http_server(redirect_to(server.url)) as url:
        with pytest.raises(ServerProblem) as raised:
            await async_find_moved_server(ServerEndpoint(session, URL(url)), server.server_id)
    assert raised.value.key == "redirected"
    assert raised.value.placeholders == {"url": url, "error": server.url}


async def test_endless_redirect(session: ClientSession) -> None:
    """A redirect loop is an error."""
    async with run_http_server(respond_with(status=302, headers={"Location": "/info"})) as url:
        assert (await get_problem(session, url)).key == "cannot_connect"


@pytest.fixture
def certificate() -> GeneratedCertificate:
    """Return a self-signed certificate."""
    return GeneratedCertificate.create()


@pytest.fixture
def tls(certificate: GeneratedCertificate) -> ssl.SSLContext:
    """Return the server's TLS context."""
    return certificate.server_context


@pytest.fixture
async def trusting(certificate: GeneratedCertificate) -> AsyncIterator[ClientSession]:
    """Return a session that trusts the certificate."""
    async with ClientSession(connector=TCPConnector(ssl=certificate.client_context)) as opened:
        yield opened


async def test_untrusted_certificate(session: ClientSession, tls: ssl.SSLContext) -> None:
    """An untrusted certificate has its own error, and nothing is sent."""
    async with MassServer(ssl_context=tls) as server:
        problem = await get_problem(session, server.url)
        assert problem.key == "certificate_untrusted"
        assert problem.placeholders["url"] == server.url
        assert server.http_requests == []


async def test_https_to_http_port(session: ClientSession, server: MassServer) -> None:
    """TLS to an http port isn't a certificate error."""
    url = server.url.replace("http:", "https:")
    assert (await get_problem(session, url)).key == "cannot_connect"


async def test_redirect_to_https(trusting: ClientSession, tls: ssl.SSLContext) -> None:
    """A redirect from http to https is followed."""
    async with (
        MassServer(ssl_context=tls) as server,
        run_http_server(redirect_to(server.url)) as url,
    ):
        found, _ = await async_find_server([ServerEndpoint(trusting, URL(url))])
        assert str(found) == server.url


@pytest.mark.parametrize("hops", [1, 2])
async def test_redirect_to_http(
    trusting: ClientSession, server: MassServer, tls: ssl.SSLContext, hops: int
) -> None:
    """A redirect from https to http isn't followed, also not in between."""
    async with (
        MassServer(ssl_context=tls) as safe,
        run_http_server(redirect_to(safe.url)) as plain,
        run_http_server(redirect_to(server.url if hops == 1 else plain), tls) as url,
    ):
        problem = await get_problem(trusting, url)
    assert (problem.key, problem.placeholders) == ("insecure_redirect", {"url": url})
