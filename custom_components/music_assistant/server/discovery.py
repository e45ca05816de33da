"""Discovery of a server and its certificate at an address, without sending a secret."""

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from aiohttp import ClientResponse
from music_assistant_models.api import ServerInfoMessage

from .client import check_server
from .endpoint import ServerEndpoint, async_read_json
from .errors import CertificateProblem, Redirected, ServerProblem, to_server_problem
from .tls import CertificateInfo, get_pinning_policy

# Problems that are more specific than that nothing answers.
_SPECIFIC_PROBLEMS: Final = frozenset(
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
# HTTP status -> problem of a proxy that answers instead of the server.
PROXY_PROBLEMS: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "proxy_sign_in",
    HTTPStatus.FORBIDDEN: "proxy_sign_in",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "proxy_sign_in",
    HTTPStatus.BAD_GATEWAY: "proxy_without_server",
    HTTPStatus.SERVICE_UNAVAILABLE: "proxy_without_server",
    HTTPStatus.GATEWAY_TIMEOUT: "proxy_without_server",
}


async def async_find_server(
    endpoints: Iterable[ServerEndpoint],
    server_id: str | None = None,
    *,
    may_replace_pin: bool = False,
) -> tuple[ServerEndpoint, ServerInfoMessage]:
    """Return the first endpoint at which a Music Assistant server answers, and the server's info.

    With a server id only that server is accepted. `may_replace_pin` is for addresses that a person
    has chosen: if the server has a certificate that Home Assistant trusts there instead of the
    pinned one, the returned endpoint has no certificate policy. Redirects are
    followed, except from https to http, and the final endpoint is returned, so that later no secret
    is sent to a redirecting address. Raises the most specific ServerProblem.
    """
    problems: list[ServerProblem] = []
    for endpoint in endpoints:
        try:
            return await (
                _async_fetch_info_with_fallback(endpoint, server_id)
                if may_replace_pin
                else _async_fetch_info(endpoint, server_id)
            )
        except ServerProblem as problem:
            problems.append(problem)
    raise next((problem for problem in problems if problem.key in _SPECIFIC_PROBLEMS), problems[0])


async def async_find_moved_server(
    endpoint: ServerEndpoint, server_id: str | None
) -> ServerEndpoint:
    """Return the current endpoint of a server, given the last one.

    No user confirms the new address, so it may differ in origin only by https instead of http on
    the same host, and a pinned certificate stays the only one. Raises ServerProblem.
    """
    new_endpoint, _ = await async_find_server([endpoint], server_id)
    is_secure = new_endpoint.url.scheme == "https" and new_endpoint.url.host == endpoint.url.host
    if not is_secure and new_endpoint.url.origin() != endpoint.url.origin():
        raise to_server_problem(Redirected(str(new_endpoint)), str(endpoint))
    return new_endpoint


async def _async_fetch_info_with_fallback(
    endpoint: ServerEndpoint, server_id: str | None
) -> tuple[ServerEndpoint, ServerInfoMessage]:
    """Fetch the server's info, without the certificate policy if the pinned certificate changed."""
    try:
        return await _async_fetch_info(endpoint, server_id)
    except CertificateProblem as problem:
        if problem.new_certificate is None:
            raise
        try:
            return await _async_fetch_info(replace(endpoint, certificate_policy=None), server_id)
        except CertificateProblem:
            raise problem from None


async def async_fetch_certificate(endpoint: ServerEndpoint) -> CertificateInfo | None:
    """Return the certificate of an endpoint, None without TLS.

    Redirects are followed. No request is sent to the host with the certificate. Raises
    ServerProblem.
    """
    try:
        # no certificate matches the empty fingerprint, so the handshake always fails
        async with replace(endpoint, certificate_policy=get_pinning_policy("")).get("info"):
            return None
    except CertificateProblem as problem:
        return problem.new_certificate


async def _async_fetch_info(
    endpoint: ServerEndpoint, server_id: str | None
) -> tuple[ServerEndpoint, ServerInfoMessage]:
    """Return the final endpoint after redirects, and the server's info. Raises ServerProblem."""
    async with endpoint.get("info") as response:
        hops = [*response.history, response]
        if endpoint.url.scheme == "https" and any(hop.url.scheme == "http" for hop in hops):
            raise ServerProblem("insecure_redirect", url=str(endpoint))
        answer = await async_read_json(response)
        try:
            info = ServerInfoMessage.from_dict(answer)
        except LookupError as err:
            raise _build_response_problem(response, str(endpoint)) from err
    check_server(info, server_id)
    final_url = response.url.with_path(response.url.path.removesuffix("/info"))
    return replace(endpoint, url=final_url), info


def _build_response_problem(response: ClientResponse, url: str) -> ServerProblem:
    """Return the problem for an answer that isn't a server's info."""
    error = f"HTTP {response.status}"
    if key := PROXY_PROBLEMS.get(response.status):
        return ServerProblem(key, url=url, error=error)
    if response.content_type == "text/html":
        return ServerProblem("web_page", url=url, error=error)
    return ServerProblem("not_music_assistant", url=url, error=error)
