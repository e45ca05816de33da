"""MusicAPI: authorization, what it says, and what is odd in that."""

from dataclasses import replace
from typing import Any

from aiohttp import ClientSession
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from music_assistant_models.enums import MediaType
import pytest
from yarl import URL

from custom_components.music_assistant.share_links.errors import DEFAULT_RETRY_AFTER, ResolverError
from custom_components.music_assistant.share_links.musicapi import (
    Credentials,
    InvalidPrivateKeyError,
    MusicApiClient,
    check_private_key,
)
from custom_components.music_assistant.share_links.recording import Recording
from custom_components.music_assistant.share_links.services import find_service_by_source

from .fake_musicapi import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEY,
    KEY_ID,
    ORIGINAL_TOKEN,
    PRIVATE_KEY,
    USER_ID,
    FakeMusicApi,
    build_track,
)
from .http_servers import respond_with_json, run_http_server

BARE = Credentials(CLIENT_ID)
SECRET = Credentials(CLIENT_ID, client_secret=CLIENT_SECRET)
SIGNING = Credentials(CLIENT_ID, key_id=KEY_ID, private_key=PRIVATE_KEY)
LINK = "https://open.spotify.com/track/1"


def create_client(
    session: ClientSession, fake_musicapi: FakeMusicApi, credentials: Credentials
) -> MusicApiClient:
    """Return a client of the fake MusicAPI."""
    return MusicApiClient(session, credentials, URL(fake_musicapi.url))


async def get_error(asked: Any) -> ResolverError:
    """Return the error of a request."""
    with pytest.raises(ResolverError) as caught:
        await asked
    return caught.value


@pytest.mark.parametrize("credentials", [BARE, SECRET, SIGNING])
async def test_check_credentials(
    session: ClientSession, fake_musicapi: FakeMusicApi, credentials: Credentials
) -> None:
    """Each kind of credentials is checked by a request that needs it."""
    await create_client(session, fake_musicapi, credentials).async_check_credentials()


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials("another"),
        replace(SECRET, client_secret="wrong"),
        replace(SIGNING, key_id="another"),
        replace(SIGNING, client_id="another"),
    ],
)
async def test_check_invalid_credentials(
    session: ClientSession, fake_musicapi: FakeMusicApi, credentials: Credentials
) -> None:
    """Invalid credentials are refused."""
    problem = await get_error(
        create_client(session, fake_musicapi, credentials).async_check_credentials()
    )
    assert (problem.key, problem.error) == ("resolver_refused", "HTTP 401")


def test_no_secret_in_representation() -> None:
    """The representation of credentials has no secret."""
    shown = f"{SECRET!r} {SIGNING!r}"
    assert CLIENT_SECRET not in shown
    assert "PRIVATE KEY" not in shown


def build_pem(key: Any) -> str:
    """Return a private key in PEM format."""
    return str(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ).decode()
    )


LOCKED = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.BestAvailableEncryption(b"password"),
).decode()
PUBLIC = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


def test_valid_private_key() -> None:
    """A P-256 key is accepted in both formats, with surrounding whitespace."""
    check_private_key(PRIVATE_KEY)
    check_private_key(f"\n  {build_pem(KEY)}\n")


@pytest.mark.parametrize(
    ("key", "what"),
    [
        (PUBLIC, "public_key"),
        (LOCKED, "encrypted_key"),
        ("secret", "not_a_key"),
        (PRIVATE_KEY[:80], "not_a_key"),
        (build_pem(ec.generate_private_key(ec.SECP384R1())), "other_curve"),
        (build_pem(rsa.generate_private_key(65537, 2048)), "other_curve"),
    ],
    ids=["public", "locked", "no key", "cut off", "P-384", "RSA"],
)
def test_invalid_private_key(key: str, what: str) -> None:
    """Each kind of unusable key has its own error."""
    with pytest.raises(InvalidPrivateKeyError, match=what):
        check_private_key(key)


@pytest.mark.parametrize(
    ("link", "said", "recording"),
    [
        (
            LINK,
            build_track(
                "So What", ["Miles Davis"], 545000, isrc="USSM15900113", album="Kind of Blue"
            ),
            Recording(
                "So What",
                ("Miles Davis",),
                "Kind of Blue",
                545.0,
                "USSM15900113",
                ids={"spotify": "ext-1"},
            ),
        ),
        (
            "https://music.amazon.com/tracks/1",  # seconds, and no provider of the server's
            build_track("So What", ["Miles Davis"], 545),
            Recording("So What", ("Miles Davis",), None, 545.0),
        ),
        (
            "https://youtu.be/x",  # nobody's name
            build_track("So What", None, 545000),
            Recording("So What", (), None, 545.0, ids={"ytmusic": "ext-1"}),
        ),
    ],
)
async def test_resolve_link(
    session: ClientSession,
    fake_musicapi: FakeMusicApi,
    link: str,
    said: dict[str, Any],
    recording: Recording,
) -> None:
    """The recording of a link is the same for each form of the service's answer."""
    fake_musicapi.links[link] = {"status": "success", "data": said, "type": "track"}
    assert await create_client(session, fake_musicapi, BARE).async_resolve_link(link) == recording


async def test_resolve_unknown_link(session: ClientSession, fake_musicapi: FakeMusicApi) -> None:
    """An unknown link resolves to nothing."""
    assert await create_client(session, fake_musicapi, BARE).async_resolve_link(LINK) is None
    fake_musicapi.links[LINK] = {"status": "success", "data": build_track("", [], 0)}
    assert await create_client(session, fake_musicapi, BARE).async_resolve_link(LINK) is None


def create_hit(source: str, said: dict[str, Any] | None, kind: str = "track") -> dict[str, Any]:
    """Return a search result of a source."""
    status = "success" if said else "error"
    return {"source": source, "status": status, "type": kind, "data": said}


async def test_add_service_ids(session: ClientSession, fake_musicapi: FakeMusicApi) -> None:
    """Certain hits of other services add ids and the ISRC, uncertain ones don't."""
    said = build_track("So What", ["Miles Davis"], 545000)
    fake_musicapi.hits = [
        create_hit("apple-music", {**said, "externalId": "far", "duration": 549000}),
        create_hit("appleMusic", {**said, "externalId": "near"}),
        create_hit("spotify", {**said, "externalId": "another"}),
        create_hit("deezer", build_track("So What (Live)", ["Miles Davis"], 545000)),
        create_hit("youtubeMusic", build_track("So What", None, 545000)),
        create_hit("tidal", None),
        create_hit("amazonMusic", {**said, "duration": 545, "isrc": "USSM15900113"}),
        create_hit("qobuz", {**said, "externalId": "longer", "duration": 549500}),
        create_hit("napster", {**said, "duration": "long"}),
        "nothing",  # type: ignore[list-item] # what nobody promised
    ]
    wanted = Recording("So What", ("Miles Davis",), duration=545.0, ids={"spotify": "own"})
    found = await create_client(session, fake_musicapi, BARE).async_add_service_ids(wanted)
    assert found.ids == {"spotify": "own", "apple_music": "near", "qobuz": "longer"}
    assert found.isrc == "USSM15900113"
    assert (
        found.id_certainties["spotify"]
        == 1.0
        > found.id_certainties["apple_music"]
        > found.id_certainties["qobuz"]
        > 0.8
    )
    (asked,) = fake_musicapi.searched
    assert asked["artist"] == "Miles Davis"
    assert {"appleMusic", "tidal"} <= set(asked["sources"])


async def test_add_service_ids_of_album(
    session: ClientSession, fake_musicapi: FakeMusicApi
) -> None:
    """An album that is listed under `tracks` is found; the link's own ISRC stays."""
    fake_musicapi.hits = [
        create_hit("tidal", build_track("Kind of Blue", ["Miles Davis"], 0, isrc="other"), "album")
    ]
    wanted = Recording(
        "Kind of Blue", ("Miles Davis",), isrc="own", media_type=MediaType.ALBUM, ids={}
    )
    found = await create_client(session, fake_musicapi, BARE).async_add_service_ids(wanted)
    assert (found.ids, found.isrc) == ({"tidal": "ext-1"}, "own")
    unknown = Recording("Kind of Blue", media_type=MediaType.ALBUM)
    assert (
        await create_client(session, fake_musicapi, BARE).async_add_service_ids(unknown)
    ).ids == {}
    assert [asked.get("artist") for asked in fake_musicapi.searched] == ["Miles Davis", None]


@pytest.mark.parametrize("credentials", [SECRET, SIGNING])
async def test_get_account(
    session: ClientSession, fake_musicapi: FakeMusicApi, credentials: Credentials
) -> None:
    """An account is read with credentials that permit it."""
    person = await create_client(session, fake_musicapi, credentials).async_get_integration_user(
        USER_ID
    )
    assert (person.name, person.token) == ("Kim", ORIGINAL_TOKEN)
    assert person.expires is not None
    assert ORIGINAL_TOKEN not in repr(person)


async def test_account_needs_secret(session: ClientSession, fake_musicapi: FakeMusicApi) -> None:
    """A client id alone can't read accounts, which is an error without a request."""
    bare = create_client(session, fake_musicapi, BARE)
    for asked in (bare.async_get_integration_user(USER_ID), bare.async_get_playlists(USER_ID)):
        assert (await get_error(asked)).key == "resolver_needs_secret"
    assert fake_musicapi.requested_paths == []


@pytest.mark.parametrize(
    "answer",
    [{}, {"integrationUser": None}, {"integrationUser": "Kim"}, {"integrationUser": []}]
    + [{"integrationUser": {"authDataExpiresAt": odd}} for odd in ("soon", 1e300, [1])]
    + [{"integrationUser": {"authData": "token"}}],
)
async def test_invalid_account(session: ClientSession, answer: Any) -> None:
    """An answer without account data is an error."""
    async with run_http_server(respond_with_json(answer)) as url:
        odd = MusicApiClient(session, SECRET, URL(url))
        assert (await get_error(odd.async_get_integration_user(USER_ID))).key == "resolver_failed"


async def test_one_time_token(session: ClientSession, fake_musicapi: FakeMusicApi) -> None:
    """A one-time token is used once, within a minute."""
    bare = create_client(session, fake_musicapi, BARE)
    token = fake_musicapi.create_one_time_token(USER_ID)
    assert (await bare.async_get_integration_user(USER_ID, token)).name == "Kim"
    assert (
        await get_error(bare.async_get_integration_user(USER_ID, token))
    ).key == "resolver_refused"
    late = fake_musicapi.create_one_time_token(USER_ID)
    fake_musicapi.clock = lambda made=fake_musicapi.clock(): made + 61  # type: ignore[misc] # bound now
    assert (
        await get_error(bare.async_get_integration_user(USER_ID, late))
    ).key == "resolver_refused"


async def test_get_playlists(session: ClientSession, fake_musicapi: FakeMusicApi) -> None:
    """All pages are fetched, and entries without a title are omitted."""
    tracks = [build_track(f"Track {n}", ["A"], 1000 * n) for n in range(1, 6)]
    fake_musicapi.playlists = {
        "mine": [*tracks, build_track("", None, 0)],
        "other": [],
        "third": [],
    }
    signing = create_client(session, fake_musicapi, SIGNING)
    assert [one.name for one in await signing.async_get_playlists(USER_ID)] == [
        "mine",
        "other",
        "third",
    ]
    items = await signing.async_get_playlist_recordings(
        USER_ID, "mine", find_service_by_source("deezer")
    )
    assert [(one.title, one.duration) for one in items] == [
        (f"Track {n}", float(n)) for n in range(1, 6)
    ]


@pytest.mark.parametrize(
    ("says", "key", "pause"),
    [
        ((401, None), "resolver_refused", 0),
        ((403, None), "resolver_refused", 0),
        ((404, None), "resolver_unknown_link", 0),
        ((429, "7"), "resolver_busy", 7),
        ((429, None), "resolver_busy", DEFAULT_RETRY_AFTER),
        ((429, "tomorrow"), "resolver_busy", DEFAULT_RETRY_AFTER),
        ((500, None), "resolver_failed", 0),
        ((302, None), "resolver_failed", 0),
    ],
)
async def test_error_status(
    session: ClientSession,
    fake_musicapi: FakeMusicApi,
    says: tuple[int, str | None],
    key: str,
    pause: float,
) -> None:
    """The error depends on the status only."""
    fake_musicapi.status, fake_musicapi.retry_after = says
    problem = await get_error(create_client(session, fake_musicapi, BARE).async_resolve_link(LINK))
    assert (problem.key, problem.retry_after, problem.error) == (key, pause, f"HTTP {says[0]}")


async def test_unreachable(session: ClientSession) -> None:
    """An unreachable service is an error that doesn't contain the request."""
    nowhere = MusicApiClient(session, SECRET, URL("http://127.0.0.1:1"))
    problem = await get_error(nowhere.async_resolve_link(LINK))
    assert problem.key == "resolver_unreachable"
    assert LINK not in problem.error
