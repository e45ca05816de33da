"""Adding Odesli and accounts of MusicAPI, and linking streaming accounts through them."""

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
    CONF_RESOLVES,
    CONF_STREAMING,
    SUBENTRY_MUSICAPI,
    SUBENTRY_ODESLI,
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


class Page:
    """Home Assistant in a browser, signed in and as anyone."""

    def __init__(
        self, entry_id: str, frontend: TestClient[Any, Any], anyone: TestClient[Any, Any]
    ) -> None:
        """Open the page of an entry."""
        self._entry_id, self._frontend, self._anyone = entry_id, frontend, anyone

    async def begin(self, kind: str, subentry_id: str | None = None) -> Step:
        """Begin to add something beside the server, or to change it."""
        context = {"subentry_id": subentry_id} if subentry_id else {}
        return await self.step(FLOW, handler=[self._entry_id, kind], **context)

    async def enter(self, step: Step, **values: Any) -> Step:
        """Send a step's form."""
        return await self.step(f"{FLOW}/{step['flow_id']}", **values)

    async def step(self, path: str, **values: Any) -> Step:
        """Send something and return the next step, after a look at what it shows."""
        headers = {HEADER_FRONTEND_BASE: OURS}
        async with self._frontend.post(path, json=values, headers=headers) as response:
            step: Step = await response.json()
            assert response.status == 200, step
            return self._seen(step)

    async def look(self, step: Step) -> Step:
        """Return what a flow shows now."""
        async with self._frontend.get(f"{FLOW}/{step['flow_id']}") as response:
            return self._seen(await response.json())

    async def come_back(self, path: str, answer: Any) -> int:
        """Come back from a sign-in; return how that is received."""
        data64 = b64encode(json.dumps(answer).encode()).decode()
        async with self._anyone.get(path, params={"data64": data64}) as response:
            return response.status

    @staticmethod
    def _seen(step: Step) -> Step:
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
) -> Page:
    """Open the page of an entry that is set up."""
    for component in ("auth", "config", "media_player", DOMAIN):
        assert await async_setup_component(hass, component, {})
    await hass.async_block_till_done()  # our own set-up has set the entry up
    return Page(entry.entry_id, await hass_client(), await hass_client_no_auth())


def account(entry: MockConfigEntry) -> ConfigSubentry:
    """Return the one account of an entry."""
    subentry: ConfigSubentry
    (subentry,) = entry.subentries.values()
    return subentry


def add_account(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> ConfigSubentry:
    """Add an account without a flow."""
    subentry = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type=SUBENTRY_MUSICAPI,
        title="MusicAPI",
        unique_id=CLIENT_ID,
    )
    hass.config_entries.async_add_subentry(entry, subentry)
    return account(entry)


@pytest.fixture
def with_secret(hass: HomeAssistant, entry: MockConfigEntry, page: Page) -> ConfigSubentry:
    """Return an account with a secret."""
    return add_account(hass, entry, **SECRET)


# -------------------------------------------------------------------------------- adding them


async def test_odesli(entry: MockConfigEntry, page: Page) -> None:
    """Odesli is turned on once, after it was said what is sent."""
    step = await page.begin(SUBENTRY_ODESLI)
    assert (step["type"], step["step_id"]) == ("form", "user")
    assert (await page.enter(step))["type"] == "create_entry"
    assert account(entry).subentry_type == SUBENTRY_ODESLI
    assert (await page.begin(SUBENTRY_ODESLI))["reason"] == "already_configured"


@pytest.mark.parametrize("values", [BARE, SECRET, SIGNING])
async def test_account(
    entry: MockConfigEntry, page: Page, fake_musicapi: FakeMusicApi, values: dict[str, Any]
) -> None:
    """Each kind of credentials is tried, then kept."""
    assert (await page.enter(await page.begin(SUBENTRY_MUSICAPI), **values))[
        "type"
    ] == "create_entry"
    assert account(entry).data == values
    assert account(entry).unique_id == CLIENT_ID
    assert fake_musicapi.requested_paths == ["/search/introspection"]
    again = await page.enter(await page.begin(SUBENTRY_MUSICAPI), **values)
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
async def test_account_in_vain(
    entry: MockConfigEntry,
    page: Page,
    fake_musicapi: FakeMusicApi,
    values: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """What is wrong is told where it is, and can be corrected; nothing is kept before."""
    step = await page.enter(await page.begin(SUBENTRY_MUSICAPI), **values)
    assert (step["step_id"], step["errors"]) == ("user", errors)
    assert not entry.subentries
    assert (await page.enter(step, **SECRET))["type"] == "create_entry"


async def test_credentials(
    hass: HomeAssistant, entry: MockConfigEntry, page: Page, fake_musicapi: FakeMusicApi
) -> None:
    """Other credentials take the place of the old ones; what is left empty stays, as do accounts."""
    added = add_account(hass, entry, **SECRET, **{CONF_STREAMING: [SPOTIFY]})
    step = await page.begin(SUBENTRY_MUSICAPI, added.subentry_id)
    assert step["menu_options"] == ["credentials", "service", "linked_accounts"]
    step = await page.enter(step, next_step_id="credentials")
    wrong = await page.enter(step, **SIGNING | {CONF_PRIVATE_KEY: PRIVATE_KEY[:90]})
    assert wrong["errors"] == {CONF_PRIVATE_KEY: "not_a_key"}
    values = BARE | {CONF_RESOLVES: False}
    assert (await page.enter(wrong, **values))["reason"] == "reconfigure_successful"
    kept = SECRET | values | {CONF_STREAMING: [SPOTIFY]}
    assert account(entry).data == kept


# -------------------------------------------------------------------- linking streaming accounts


async def to_page(page: Page, subentry: ConfigSubentry) -> Step:
    """Walk to the step that opens the service's sign-in."""
    step = await page.begin(SUBENTRY_MUSICAPI, subentry.subentry_id)
    step = await page.enter(step, next_step_id="service")
    step = await page.enter(step, slug="my-app", service="spotify")
    assert (step["type"], step["step_id"]) == ("external", "page")
    return step


def back_from(step: Step) -> str:
    """Return the path that the sign-in leads back to, after a look at its address."""
    url = URL(step["url"])
    assert str(url.with_query(None)) == "https://app.musicapi.com/my-app/spotify/auth"
    assert url.query["requestOneTimeToken"] == "true"
    back = URL(url.query["returnUrl"])
    assert str(back.origin()) == OURS
    return back.path


def success(fake_musicapi: FakeMusicApi) -> dict[str, Any]:
    """Return what a sign-in comes back with."""
    return {
        "integration": {"type": "spotify", "returnUrl": ""},
        "authModel": {"uuid": "x", "status": "success", "error": None},
        "integrationUserUUID": USER_ID,
        "oneTimeToken": fake_musicapi.create_one_time_token(USER_ID),
    }


REFUSED = {"authModel": {"status": "error", "error": "denied"}}


@pytest.mark.parametrize("values", [BARE, SECRET, SIGNING])
async def test_link(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    page: Page,
    fake_musicapi: FakeMusicApi,
    values: dict[str, Any],
) -> None:
    """An account is linked by its owner's sign-in, and kept without its token."""
    added = add_account(hass, entry, **values)
    step = await to_page(page, added)
    assert await page.come_back(back_from(step), success(fake_musicapi)) == 200
    assert (await page.look(step))["reason"] == "linked"
    assert account(entry).data[CONF_STREAMING] == [SPOTIFY]
    assert ORIGINAL_TOKEN not in json.dumps(entry.as_dict(), default=str)


async def test_link_again(
    hass: HomeAssistant, entry: MockConfigEntry, page: Page, fake_musicapi: FakeMusicApi
) -> None:
    """An account can be linked again, and be removed."""
    fake_musicapi.user_ids.add("other")
    other = {"uuid": "other", "service": "tidal", "name": "Sam"}
    stored = {CONF_STREAMING: [other, SPOTIFY | {"name": "old"}], "slug": "my-app"}
    added = add_account(hass, entry, **SECRET, **stored)
    for way in ("relink", "unlink"):
        step = await page.begin(SUBENTRY_MUSICAPI, added.subentry_id)
        step = await page.enter(step, next_step_id="linked_accounts")
        step = await page.enter(step, account=USER_ID)
        step = await page.enter(step, next_step_id=way)
        if way == "relink":
            await page.come_back(back_from(step), success(fake_musicapi))
            assert (await page.look(step))["reason"] == "linked"
            assert account(entry).data[CONF_STREAMING] == [other, SPOTIFY]
        else:
            assert step["reason"] == "unlinked"
            assert account(entry).data[CONF_STREAMING] == [other]


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
async def test_link_in_vain(
    page: Page, fake_musicapi: FakeMusicApi, with_secret: ConfigSubentry, answer: Any, error: str
) -> None:
    """A refusal is told, and can be tried again; a way back is good once."""
    step = await to_page(page, with_secret)
    back = back_from(step)
    await page.come_back(back, answer)
    step = await page.look(step)
    assert (step["step_id"], step["errors"]) == ("linked", {"base": error})
    assert await page.come_back(back, success(fake_musicapi)) == 400
    step = await page.enter(step)
    assert step["step_id"] == "service"
    step = await page.enter(step, slug="my-app", service="spotify")
    await page.come_back(back_from(step), success(fake_musicapi))
    assert (await page.look(step))["reason"] == "linked"


async def test_way_back(
    hass: HomeAssistant, entry: MockConfigEntry, page: Page, fake_musicapi: FakeMusicApi
) -> None:
    """A way back that nobody was sent is none; it ends with time, and with the flow."""
    added = add_account(hass, entry, **SECRET)
    assert await page.come_back("/api/music_assistant/linked/guess", success(fake_musicapi)) == 400
    await to_page(page, added)  # and never back
    step = await to_page(page, added)
    assert (await page.look(step))["url"] == step["url"]
    with LoopMonitor.of_loop().skip_idle_time() as loop_monitor, pytest.raises(TimeoutError):
        await loop_monitor.wait_until(lambda: False, limit=LINK_TIMEOUT + 1)
    assert await page.come_back(back_from(step), success(fake_musicapi)) == 400
    step = await to_page(page, added)
    hass.config_entries.subentries.async_abort(step["flow_id"])
    assert await page.come_back(back_from(step), success(fake_musicapi)) == 200
    assert CONF_STREAMING not in account(entry).data


async def test_no_address(
    hass: HomeAssistant, entry: MockConfigEntry, coordinator: MusicAssistantCoordinator
) -> None:
    """Without an address of Home Assistant's nobody could come back."""
    added = add_account(hass, entry, **SECRET, slug="my-app")
    flow = hass.config_entries.subentries
    context = SubentryFlowContext(source="reconfigure", subentry_id=added.subentry_id)
    step = await flow.async_init((entry.entry_id, SUBENTRY_MUSICAPI), context=context)
    step = await flow.async_configure(step["flow_id"], {"next_step_id": "service"})
    hass.config.internal_url = hass.config.external_url = None
    hass.config.api = None
    step = await flow.async_configure(step["flow_id"], {"slug": "my-app", "service": "spotify"})
    assert step["reason"] == "no_url"


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_answers(encode: Callable[[bytes], bytes], cut: int) -> None:
    """An answer is read in either alphabet, and without its end as well."""
    raw = json.dumps({"authModel": {"status": "success"}, "integrationUserUUID": "ü-" + "x" * cut})
    data64 = encode(raw.encode()).decode()
    for text in (data64, data64.rstrip("="), data64.replace("+", " ")):
        assert SignInResult.parse(text).uuid == "ü-" + "x" * cut


@pytest.mark.parametrize("data64", ["", "%%%", "bnVsbA==", "W10=", "eyJhdXRoTW9kZWwiOm51bGx9"])
def test_unreadable_answers(data64: str) -> None:
    """What can't be read is a refusal."""
    assert SignInResult.parse(data64) == SignInResult(error="unreadable answer")


@pytest.mark.parametrize("uuid", ["../users", "a/b", "", "a?b", None, 7])
def test_odd_ids(uuid: Any) -> None:
    """An id that would change an address is none."""
    answer = {"authModel": {"status": "success"}, "integrationUserUUID": uuid}
    data64 = b64encode(json.dumps(answer).encode()).decode()
    assert SignInResult.parse(data64) == SignInResult(error="unreadable answer")
