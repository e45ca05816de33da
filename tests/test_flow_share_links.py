"""Subentry flows: Odesli, MusicAPI accounts, and linked streaming accounts."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Coroutine
import json
from types import MappingProxyType
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.entry.accounts import (
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_KEY_ID,
    CONF_ORIGINAL_TOKENS,
    CONF_PRIVATE_KEY,
    CONF_RESOLVER,
    CONF_RESOLVES,
    CONF_STREAMING,
    RESOLVER_MUSICAPI,
    RESOLVER_ODESLI,
    SUBENTRY_SHARE_LINKS,
)
from custom_components.music_assistant.flows.oauth_return import LINK_TIMEOUT, SignInResult
from homeassistant.config_entries import ConfigSubentry, SubentryFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.helpers.config_entry_oauth2_flow import HEADER_FRONTEND_BASE
from homeassistant.setup import async_setup_component

from .common import LoopMonitor
from .fake_musicapi import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEY_ID,
    ORIGINAL_TOKEN,
    PRIVATE_KEY,
    USER_ID,
    FakeMusicApi,
)
from .translation_texts import render_flow_result

type MakeClient = Callable[[], Coroutine[Any, Any, TestClient[Any, Any]]]
type Step = dict[str, Any]

FLOW = "/api/config/config_entries/subentries/flow"
OURS = "http://home.example:8123"
SPOTIFY = {"uuid": USER_ID, "service": "spotify", "name": "Kim"}
BARE = {CONF_CLIENT_ID: CLIENT_ID, CONF_RESOLVES: True, CONF_ORIGINAL_TOKENS: False}
SECRET = BARE | {CONF_CLIENT_SECRET: CLIENT_SECRET}
SIGNING = BARE | {CONF_KEY_ID: KEY_ID, CONF_PRIVATE_KEY: PRIVATE_KEY}


class FakeFrontend:
    """Represent Home Assistant's frontend."""

    def __init__(
        self, entry_id: str, frontend: TestClient[Any, Any], anyone: TestClient[Any, Any]
    ) -> None:
        """Initialize for an entry, with a client that is signed in and one that isn't."""
        self._entry_id, self._frontend, self._anyone = entry_id, frontend, anyone

    async def start_flow(self, subentry_id: str | None = None) -> Step:
        """Start to add or change a subentry."""
        context = {"subentry_id": subentry_id} if subentry_id else {}
        return await self.post(FLOW, handler=[self._entry_id, SUBENTRY_SHARE_LINKS], **context)

    async def add(self, resolver: str) -> Step:
        """Start to add a service, and choose which."""
        step = await self.start_flow()
        assert step["menu_options"] == [RESOLVER_ODESLI, RESOLVER_MUSICAPI]
        return await self.submit(step, next_step_id=resolver)

    async def submit(self, step: Step, **values: Any) -> Step:
        """Submit a step."""
        return await self.post(f"{FLOW}/{step['flow_id']}", **values)

    async def post(self, path: str, **values: Any) -> Step:
        """Send a request and return the next step after checking its texts."""
        headers = {HEADER_FRONTEND_BASE: OURS}
        async with self._frontend.post(path, json=values, headers=headers) as response:
            step: Step = await response.json()
            assert response.status == 200, step
            return self._check_step(step)

    async def get_step(self, step: Step) -> Step:
        """Return the current step of a flow."""
        async with self._frontend.get(f"{FLOW}/{step['flow_id']}") as response:
            return self._check_step(await response.json())

    async def get_callback(self, path: str, answer: Any) -> int:
        """Open the callback; return the response."""
        data64 = b64encode(json.dumps(answer).encode()).decode()
        async with self._anyone.get(path, params={"data64": data64}) as response:
            return response.status

    @staticmethod
    def _check_step(step: Step) -> Step:
        said = json.dumps(step)
        for secret in (CLIENT_SECRET, ORIGINAL_TOKEN, "PRIVATE KEY"):
            assert secret not in said
        if "handler" in step:
            render_flow_result(step, ("config_subentries", step["handler"][1]))
        return step


@pytest.fixture
async def page(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: MakeClient,
    hass_client_no_auth: MakeClient,
) -> FakeFrontend:
    """Open the page of an entry that is set up."""
    for component in ("auth", "config", "media_player", DOMAIN):
        assert await async_setup_component(hass, component, {})
    await hass.async_block_till_done()  # our own set-up has set the entry up
    return FakeFrontend(entry.entry_id, await hass_client(), await hass_client_no_auth())


def get_account(entry: MockConfigEntry) -> ConfigSubentry:
    """Return the only account of an entry."""
    subentry: ConfigSubentry
    (subentry,) = entry.subentries.values()
    return subentry


def add_account(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> ConfigSubentry:
    """Add an account without a flow."""
    subentry = ConfigSubentry(
        data=MappingProxyType({CONF_RESOLVER: RESOLVER_MUSICAPI, **data}),
        subentry_type=SUBENTRY_SHARE_LINKS,
        title="MusicAPI",
        unique_id=CLIENT_ID,
    )
    hass.config_entries.async_add_subentry(entry, subentry)
    return get_account(entry)


@pytest.fixture
def with_secret(hass: HomeAssistant, entry: MockConfigEntry, page: FakeFrontend) -> ConfigSubentry:
    """Return an account with a secret."""
    return add_account(hass, entry, **SECRET)


# -------------------------------------------------------------------------------- adding them


async def test_add_odesli(entry: MockConfigEntry, page: FakeFrontend) -> None:
    """Odesli can be added once, after a notice of what is sent; nothing of it can be changed."""
    step = await page.add(RESOLVER_ODESLI)
    assert (step["type"], step["step_id"]) == ("form", "odesli")
    assert (await page.submit(step))["type"] == "create_entry"
    odesli = get_account(entry)
    assert (odesli.subentry_type, odesli.title) == (SUBENTRY_SHARE_LINKS, "Odesli")
    assert odesli.data == {CONF_RESOLVER: RESOLVER_ODESLI}
    assert (await page.add(RESOLVER_ODESLI))["reason"] == "odesli_already_configured"
    assert (await page.start_flow(odesli.subentry_id))["reason"] == "nothing_to_change"


async def test_former_types_are_replaced(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Subentries of the two former types become services, with their ids and data."""
    former = [
        ConfigSubentry(
            data=MappingProxyType(data), subentry_type=kind, title=kind.title(), unique_id=unique_id
        )
        for kind, data, unique_id in (
            (RESOLVER_ODESLI, {}, None),
            (RESOLVER_MUSICAPI, SECRET, CLIENT_ID),
        )
    ]
    for subentry in former:
        hass.config_entries.async_add_subentry(entry, subentry)
    for _ in range(2):  # the second time there is nothing to do
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert len(entry.runtime_data.accounts.resolvers._resolvers) == 2
        assert [
            (subentry.subentry_id, subentry.subentry_type, subentry.title, subentry.unique_id)
            for subentry in entry.subentries.values()
        ] == [
            (subentry.subentry_id, SUBENTRY_SHARE_LINKS, subentry.title, subentry.unique_id)
            for subentry in former
        ]
        assert [subentry.data for subentry in entry.subentries.values()] == [
            {CONF_RESOLVER: RESOLVER_ODESLI},
            {CONF_RESOLVER: RESOLVER_MUSICAPI, **SECRET},
        ]
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("values", [BARE, SECRET, SIGNING])
async def test_add_account(
    entry: MockConfigEntry, page: FakeFrontend, fake_musicapi: FakeMusicApi, values: dict[str, Any]
) -> None:
    """Each kind of credentials is checked and stored."""
    assert (await page.submit(await page.add(RESOLVER_MUSICAPI), **values))[
        "type"
    ] == "create_entry"
    assert get_account(entry).data == values | {CONF_RESOLVER: RESOLVER_MUSICAPI}
    assert get_account(entry).unique_id == CLIENT_ID
    assert fake_musicapi.requested_paths == ["/search/introspection"]
    again = await page.submit(await page.add(RESOLVER_MUSICAPI), **values)
    assert again["reason"] == "already_configured"


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        (BARE | {CONF_CLIENT_ID: "another"}, {"base": "resolver_refused"}),
        (SECRET | {CONF_CLIENT_SECRET: "wrong"}, {"base": "resolver_refused"}),
        (BARE | {CONF_KEY_ID: KEY_ID}, {CONF_KEY_ID: "key_incomplete"}),
        (BARE | {CONF_PRIVATE_KEY: PRIVATE_KEY}, {CONF_KEY_ID: "key_incomplete"}),
        (SIGNING | {CONF_PRIVATE_KEY: "no key"}, {CONF_PRIVATE_KEY: "not_a_key"}),
    ],
)
async def test_add_account_errors(
    entry: MockConfigEntry,
    page: FakeFrontend,
    fake_musicapi: FakeMusicApi,
    values: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """An error is shown at its field and can be corrected; nothing is stored before."""
    step = await page.submit(await page.add(RESOLVER_MUSICAPI), **values)
    assert (step["step_id"], step["errors"]) == ("musicapi", errors)
    assert not entry.subentries
    assert (await page.submit(step, **SECRET))["type"] == "create_entry"


async def test_change_credentials(
    hass: HomeAssistant, entry: MockConfigEntry, page: FakeFrontend, fake_musicapi: FakeMusicApi
) -> None:
    """New credentials replace the old ones; empty fields and accounts are kept."""
    added = add_account(hass, entry, **SECRET, **{CONF_STREAMING: [SPOTIFY]})
    step = await page.start_flow(added.subentry_id)
    assert step["menu_options"] == ["credentials", "service", "linked_accounts"]
    step = await page.submit(step, next_step_id="credentials")
    wrong = await page.submit(step, **SIGNING | {CONF_PRIVATE_KEY: PRIVATE_KEY[:90]})
    assert wrong["errors"] == {CONF_PRIVATE_KEY: "not_a_key"}
    values = BARE | {CONF_RESOLVES: False}
    assert (await page.submit(wrong, **values))["reason"] == "reconfigure_successful"
    kept = SECRET | values | {CONF_STREAMING: [SPOTIFY], CONF_RESOLVER: RESOLVER_MUSICAPI}
    assert get_account(entry).data == kept


# -------------------------------------------------------------------- linking streaming accounts


async def start_linking(page: FakeFrontend, subentry: ConfigSubentry) -> Step:
    """Continue to the step that opens the service's sign-in."""
    step = await page.start_flow(subentry.subentry_id)
    step = await page.submit(step, next_step_id="service")
    step = await page.submit(step, slug="my-app", service="spotify")
    assert (step["type"], step["step_id"]) == ("external", "page")
    return step


def get_callback_path(step: Step) -> str:
    """Return the path of the callback after checking the address of the sign-in."""
    url = URL(step["url"])
    assert str(url.with_query(None)) == "https://app.musicapi.com/my-app/spotify/auth"
    assert url.query["requestOneTimeToken"] == "true"
    back = URL(url.query["returnUrl"])
    assert str(back.origin()) == OURS
    return back.path


def build_success(fake_musicapi: FakeMusicApi) -> dict[str, Any]:
    """Return the parameters of a successful sign-in."""
    return {
        "integration": {"type": "spotify", "returnUrl": ""},
        "authModel": {"uuid": "x", "status": "success", "error": None},
        "integrationUserUUID": USER_ID,
        "oneTimeToken": fake_musicapi.create_one_time_token(USER_ID),
    }


REFUSED = {"authModel": {"status": "error", "error": "denied"}}


@pytest.mark.parametrize("values", [BARE, SECRET, SIGNING])
async def test_link_account(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    page: FakeFrontend,
    fake_musicapi: FakeMusicApi,
    values: dict[str, Any],
) -> None:
    """An account is linked by a sign-in, and stored without its token."""
    added = add_account(hass, entry, **values)
    step = await start_linking(page, added)
    assert await page.get_callback(get_callback_path(step), build_success(fake_musicapi)) == 200
    assert (await page.get_step(step))["reason"] == "linked"
    assert get_account(entry).data[CONF_STREAMING] == [SPOTIFY]
    assert ORIGINAL_TOKEN not in json.dumps(entry.as_dict(), default=str)


async def test_relink_and_remove_account(
    hass: HomeAssistant, entry: MockConfigEntry, page: FakeFrontend, fake_musicapi: FakeMusicApi
) -> None:
    """An account can be linked again and removed."""
    fake_musicapi.user_ids.add("other")
    other = {"uuid": "other", "service": "tidal", "name": "Sam"}
    stored = {CONF_STREAMING: [other, SPOTIFY | {"name": "old"}], "slug": "my-app"}
    added = add_account(hass, entry, **SECRET, **stored)
    for way in ("relink", "unlink"):
        step = await page.start_flow(added.subentry_id)
        step = await page.submit(step, next_step_id="linked_accounts")
        step = await page.submit(step, account=USER_ID)
        step = await page.submit(step, next_step_id=way)
        if way == "relink":
            await page.get_callback(get_callback_path(step), build_success(fake_musicapi))
            assert (await page.get_step(step))["reason"] == "linked"
            assert get_account(entry).data[CONF_STREAMING] == [other, SPOTIFY]
        else:
            assert step["reason"] == "unlinked"
            assert get_account(entry).data[CONF_STREAMING] == [other]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (REFUSED, "link_refused"),
        ("nonsense", "link_refused"),
        (
            {"authModel": {"status": "success"}, "integrationUserUUID": "stranger"},
            "resolver_unknown_link",
        ),
    ],
)
async def test_link_errors(
    page: FakeFrontend,
    fake_musicapi: FakeMusicApi,
    with_secret: ConfigSubentry,
    answer: Any,
    error: str,
) -> None:
    """A refusal is an error and can be retried; a callback is valid once."""
    step = await start_linking(page, with_secret)
    back = get_callback_path(step)
    await page.get_callback(back, answer)
    step = await page.get_step(step)
    assert (step["step_id"], step["errors"]) == ("linked", {"base": error})
    assert await page.get_callback(back, build_success(fake_musicapi)) == 400
    step = await page.submit(step)
    assert step["step_id"] == "service"
    step = await page.submit(step, slug="my-app", service="spotify")
    await page.get_callback(get_callback_path(step), build_success(fake_musicapi))
    assert (await page.get_step(step))["reason"] == "linked"


async def test_callback_validity(
    hass: HomeAssistant, entry: MockConfigEntry, page: FakeFrontend, fake_musicapi: FakeMusicApi
) -> None:
    """An unknown callback is refused; it expires with time and with the flow."""
    added = add_account(hass, entry, **SECRET)
    assert (
        await page.get_callback("/api/music_assistant/linked/guess", build_success(fake_musicapi))
        == 400
    )
    await start_linking(page, added)  # and never back
    step = await start_linking(page, added)
    assert (await page.get_step(step))["url"] == step["url"]
    with LoopMonitor.of_loop().skip_idle_time() as loop_monitor, pytest.raises(TimeoutError):
        await loop_monitor.wait_until(lambda: False, limit=LINK_TIMEOUT + 1)
    assert await page.get_callback(get_callback_path(step), build_success(fake_musicapi)) == 400
    step = await start_linking(page, added)
    hass.config_entries.subentries.async_abort(step["flow_id"])
    assert await page.get_callback(get_callback_path(step), build_success(fake_musicapi)) == 200
    assert CONF_STREAMING not in get_account(entry).data


async def test_link_without_external_url(
    hass: HomeAssistant, entry: MockConfigEntry, coordinator: MusicAssistantCoordinator
) -> None:
    """Without an address of Home Assistant an account can't be linked."""
    added = add_account(hass, entry, **SECRET, slug="my-app")
    flow = hass.config_entries.subentries
    context = SubentryFlowContext(source="reconfigure", subentry_id=added.subentry_id)
    step = await flow.async_init((entry.entry_id, SUBENTRY_SHARE_LINKS), context=context)
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "service"})
    hass.config.internal_url = hass.config.external_url = None
    hass.config.api = None
    step = await flow.async_configure(step["flow_id"], {"slug": "my-app", "service": "spotify"})
    assert step["reason"] == "no_url"


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_callback_data_encodings(encode: Callable[[bytes], bytes], cut: int) -> None:
    """The data is decoded in both base64 alphabets, with and without padding."""
    raw = json.dumps({"authModel": {"status": "success"}, "integrationUserUUID": "ü-" + "x" * cut})
    data64 = encode(raw.encode()).decode()
    for text in (data64, data64.rstrip("="), data64.replace("+", " ")):
        assert SignInResult.parse(text).uuid == "ü-" + "x" * cut


@pytest.mark.parametrize("data64", ["", "%%%", "bnVsbA==", "W10=", "eyJhdXRoTW9kZWwiOm51bGx9"])
def test_invalid_callback_data(data64: str) -> None:
    """Invalid data is a refusal."""
    assert SignInResult.parse(data64) == SignInResult(error="unreadable answer")


@pytest.mark.parametrize("uuid", ["../users", "a/b", "", "a?b", None, 7])
def test_invalid_user_ids(uuid: Any) -> None:
    """An id that would change the address is refused."""
    answer = {"authModel": {"status": "success"}, "integrationUserUUID": uuid}
    data64 = b64encode(json.dumps(answer).encode()).decode()
    assert SignInResult.parse(data64) == SignInResult(error="unreadable answer")
