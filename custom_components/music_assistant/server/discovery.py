"""What answers at an address, without a secret being sent there."""

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from aiohttp import ClientResponse
from music_assistant_models.api import ServerInfoMessage

from .client import check_server
from .endpoint import Site, async_json
from .errors import CertificateProblem, Redirected, ServerProblem, server_problem
from .tls import Certificate, trust_certificate

# An answer that isn't a server's says more than no answer at all.
_TELLING: Final = frozenset(
    {
        "certificate_changed",
        "certificate_untrusted",
        "not_music_assistant",
        "proxy_sign_in",
        "proxy_without_server",
        "server_too_new",
        "server_too_old",
        "web_page",
    }
)
# Who answers in a server's place, by the HTTP status of its answer.
STRANGERS: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "proxy_sign_in",
    HTTPStatus.FORBIDDEN: "proxy_sign_in",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "proxy_sign_in",
    HTTPStatus.BAD_GATEWAY: "proxy_without_server",
    HTTPStatus.SERVICE_UNAVAILABLE: "proxy_without_server",
    HTTPStatus.GATEWAY_TIMEOUT: "proxy_without_server",
}


async def async_find_server(
    sites: Iterable[Site], server_id: str | None = None
) -> tuple[Site, ServerInfoMessage]:
    """Return the first site at which a Music Assistant server answers, and its info.

    With a server id only that server will do. Where another certificate is shown than the one
    that is trusted, what Home Assistant trusts will do as well. A redirect is followed, except
    from https to http, and the site it ends at is returned: no secret is sent to where a redirect
    starts. Raises the ServerProblem that tells most.
    """
    problems: list[ServerProblem] = []
    for site in sites:
        try:
            return await _async_ask_trusted(site, server_id)
        except ServerProblem as problem:
            problems.append(problem)
    raise next((one for one in problems if one.key in _TELLING), problems[0])


async def async_find_again(site: Site, server_id: str | None) -> Site:
    """Return how a server is reached now that has been reached at a site before.

    With nobody there who sees the address, a redirect is followed on the same host only, and
    there from http to https only. Raises ServerProblem.
    """
    found, _ = await async_find_server([site], server_id)
    encrypted = found.url.scheme == "https" and found.url.host == site.url.host
    if not encrypted and found.url.origin() != site.url.origin():
        raise server_problem(Redirected(str(found)), str(site))
    return found


async def _async_ask_trusted(site: Site, server_id: str | None) -> tuple[Site, ServerInfoMessage]:
    try:
        return await _async_ask(site, server_id)
    except CertificateProblem as problem:
        if problem.shown is None:
            raise
        try:
            return await _async_ask(replace(site, trust=None), server_id)
        except CertificateProblem:
            raise problem from None


async def async_certificate(site: Site) -> Certificate | None:
    """Return the certificate that is shown at a site, None where nothing is encrypted.

    Redirects are followed to it; nothing is sent to whom it belongs. Raises ServerProblem.
    """
    try:
        async with replace(site, trust=trust_certificate("")).get("info"):
            return None
    except CertificateProblem as problem:
        return problem.shown


async def _async_ask(site: Site, server_id: str | None) -> tuple[Site, ServerInfoMessage]:
    async with site.get("info") as response:
        hops = [*response.history, response]
        if site.url.scheme == "https" and any(hop.url.scheme == "http" for hop in hops):
            raise ServerProblem("insecure_redirect", url=str(site))
        answer = await async_json(response)
        try:
            info = ServerInfoMessage.from_dict(answer)
        except LookupError as err:
            raise _stranger(response, str(site)) from err
    check_server(info, server_id)
    final = response.url.with_path(response.url.path.removesuffix("/info"))
    return replace(site, url=final), info


def _stranger(response: ClientResponse, url: str) -> ServerProblem:
    """Return who answers that isn't a server."""
    error = f"HTTP {response.status}"
    if key := STRANGERS.get(response.status):
        return ServerProblem(key, url=url, error=error)
    if response.content_type == "text/html":
        return ServerProblem("web_page", url=url, error=error)
    return ServerProblem("not_music_assistant", url=url, error=error)
