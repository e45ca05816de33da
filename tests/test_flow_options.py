"""The token page: what is on the server, a new token, an end to others."""

from datetime import UTC, datetime
from typing import Any

from music_assistant_models.auth import AuthToken
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry.tokens import is_ours
from custom_components.music_assistant.flows.options import LISTED, table
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_TOKEN
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .common import House, Pulse, changed, until
from .texts import shown, text

OPTIONS = ("options",)
MINT, LIST, REVOKE = "auth/token/create", "auth/tokens", "auth/token/revoke"
CUT = text("common", "tokens_cut")


async def opened(house: House) -> ConfigFlowResult:
    """Open the page."""
    return await house.hass.config_entries.options.async_init(house.entry.entry_id)


async def enter(house: House, result: ConfigFlowResult, **values: Any) -> ConfigFlowResult:
    """Go on with it."""
    with Pulse.of().skipping():
        return await house.hass.config_entries.options.async_configure(result["flow_id"], values)


async def go_to(house: House, option: str) -> ConfigFlowResult:
    """Open the page and choose from it."""
    return await enter(house, await opened(house), next_step_id=option)


def rows(result: ConfigFlowResult) -> list[str]:
    """Return the rows of the table that is shown, without its head."""
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "init")
    lines = shown(result, OPTIONS).split("\n")
    return [line for line in lines if line.startswith("| ")][2:]


def choices(result: ConfigFlowResult) -> dict[str, str]:
    """Return the tokens that a form lets choose from, ids by labels."""
    schema = result["data_schema"]
    assert schema
    return {each["label"]: each["value"] for each in schema.schema["tokens"].config["options"]}


def today() -> str:
    """Return the day on which the tokens of these tests are made."""
    return dt_util.now().date().isoformat()


def in_table(date: str) -> str:
    """Return a date as it isn't broken into lines."""
    return date.replace("-", "\N{NON-BREAKING HYPHEN}")


# ------------------------------------------------------------------------------------ the list


def record(name: str, ends: datetime | None = None, used: datetime | None = None) -> AuthToken:
    """Return what a server lists."""
    made = datetime(2026, 1, 2, 12, tzinfo=UTC)
    return AuthToken("id", "user", "hash", name, made, ends, used)


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [
        ("Home Assistant (Küche)", r"Home Assistant \(Küche\)"),
        ("a|b\n**c** <b>d</b>", r"a\|b \*\*c\*\* \<b\>d\<\/b\>"),
        ("Safari – iPhone", "Safari – iPhone"),
        ("", "–"),
    ],
)
def test_table(name: str, shown_as: str) -> None:
    """A name is shown as it is, whatever is in it."""
    assert table([record(name)], None) == f"| {shown_as} | {in_table('2026-01-02')} | – | – |"
    used, ends = datetime(2026, 2, 3, 12, tzinfo=UTC), datetime(2027, 1, 2, 12, tzinfo=UTC)
    row = table([record(name, ends, used)], "id")
    assert row == f"| **{shown_as}** | {in_table('2026-01-02 | 2026-02-03 | 2027-01-02')} |"


async def test_list(house: House) -> None:
    """Our user's tokens are listed, ours in bold, and nobody else's."""
    house.server.mint_token("demo", "Phone")
    house.server.add_user("kim", "kims-password")
    house.server.mint_token("kim", "Not ours to see")
    result = await opened(house)
    ours, phone = rows(result)
    day = in_table(today())
    assert ours.startswith(f"| **Home Assistant** | {day} | {day} | ")
    assert phone.startswith(f"| Phone | {day} | – | ")
    assert result["menu_options"] == ["rotate", "revoke"]
    assert CUT not in shown(result, OPTIONS)


async def test_only_ours(house: House) -> None:
    """Where there are no others, none can be revoked."""
    assert (await opened(house))["menu_options"] == ["rotate"]


async def test_too_many(house: House) -> None:
    """A list that the server cut is said to be cut."""
    for number in range(LISTED):
        house.server.mint_token("demo", f"Phone {number}")
    result = await opened(house)
    assert len(rows(result)) == LISTED
    assert CUT in shown(result, OPTIONS)


async def _is_unloaded(house: House) -> str:
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    return "can't be reached"


async def _is_away(house: House) -> str:
    await house.server.faults.refuse()
    await house.server.faults.drop()
    await until(lambda: house.lost_at)
    return "can't be reached"


async def _refuses(house: House) -> str:
    house.server.faults.fail(LIST, 22, "not for you")
    return "not for you"


@pytest.mark.parametrize("fails", [_is_unloaded, _is_away, _refuses])
async def test_no_list(house: House, fails: Any) -> None:
    """Why there is nothing to show is said."""
    said = await fails(house)
    result = await opened(house)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "failed")
    assert said in shown(result, OPTIONS)


@pytest.mark.parametrize("odd", [None, {}, "tokens", 5, [None, 5, {}, {"token_id": "x"}]])
async def test_odd_list(house: House, odd: object) -> None:
    """What can't be read is left out."""
    house.server.faults.answer(LIST, odd)
    result = await opened(house)
    assert rows(result) == []
    assert result["menu_options"] == ["rotate"]


# --------------------------------------------------------------------------------- a new token


async def test_rotate(house: House) -> None:
    """A new token takes the place of ours, which the list then shows."""
    result = await go_to(house, "rotate")
    assert result["step_id"] == "rotate"
    assert shown(result, OPTIONS)
    pasted, ours = rows(await enter(house, result))
    assert pasted.startswith("| Home Assistant |")
    assert ours.startswith(r"| **Home Assistant \(test home\)** |")
    assert is_ours(house.entry.data)
    assert house.lost_at is None


async def test_rotate_refused(house: House) -> None:
    """A refusal is told, and can be tried again."""
    house.server.faults.fail(MINT, 22, "no more tokens")
    result = await enter(house, await go_to(house, "rotate"))
    assert (result["step_id"], result["errors"]) == ("rotate", {"base": "failed"})
    assert "no more tokens" in shown(result, OPTIONS)
    house.server.faults.clear()
    assert len(rows(await enter(house, result))) == 2


# ----------------------------------------------------------------------------- an end to others


async def test_revoke(house: House) -> None:
    """Those that were chosen end, and with them the connections that use them; ours can't be."""
    for name in ("Phone", "Tablet", "Browser"):
        house.server.mint_token("demo", name)
    result = await go_to(house, "revoke")
    assert shown(result, OPTIONS)
    offered = choices(result)
    assert [label.split(" (")[0] for label in offered] == ["Phone", "Tablet", "Browser"]
    phone, tablet, _ = offered.values()
    assert len(rows(await enter(house, result, tokens=[phone, tablet]))) == 2
    assert house.server.token_names == ["Home Assistant", "Browser"]
    assert house.lost_at is None


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "A B (created 2026-01-02, last used {used}, expires 2027-01-02)"),
        ("de", "A B (erstellt 2026-01-02, zuletzt verwendet {used}, läuft ab 2027-01-02)"),
    ],
)
@pytest.mark.parametrize("used", [True, False])
async def test_which_is_which(house: House, language: str, label: str, *, used: bool) -> None:
    """When a token was made, last used, and ends, tells which one it is, in one's language."""
    house.hass.config.language = language
    await async_get_translations(house.hass, language, "common", [DOMAIN])
    with changed(house.server, clock=lambda: datetime(2026, 1, 2, 12, tzinfo=UTC).timestamp()):
        token = house.server.mint_token("demo", "A\nB")
    if used:
        with changed(house.server, clock=lambda: datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()):
            assert house.server.accounts.authenticate(token)
    said = "2026-03-04" if used else {"en": "never", "de": "nie"}[language]
    assert list(choices(await go_to(house, "revoke"))) == [label.format(used=said)]


async def test_not_the_one_in_use(house: House) -> None:
    """The token that we use isn't taken, also from who makes up a form."""
    house.server.mint_token("demo", "Phone")
    current = house.coordinator.tokens.token
    assert current
    result = await go_to(house, "revoke")
    with pytest.raises(InvalidData):
        await enter(house, result, tokens=[current.token_id])
    assert len(house.server.token_names) == 2


async def test_none_chosen(house: House) -> None:
    """Nothing is chosen before a person does it, and nothing is revoked for that."""
    house.server.mint_token("demo", "Phone")
    result = await go_to(house, "revoke")
    schema = result["data_schema"]
    assert schema
    assert schema({}) == {"tokens": []}
    assert len(rows(await enter(house, result))) == 2


async def test_in_use_by_now(house: House) -> None:
    """A token that has come into use since the form was opened isn't revoked."""
    other = house.server.mint_token("demo", "Other")
    result = await go_to(house, "revoke")
    data = {**house.entry.data, CONF_TOKEN: other}
    house.hass.config_entries.async_update_entry(house.entry, data=data)
    result = await enter(house, result, tokens=list(choices(result).values()))
    assert result["errors"] == {"base": "failed"}
    assert text("exceptions", "token_in_use", "message") in shown(result, OPTIONS)
    assert house.server.token_names == ["Home Assistant", "Other"]


async def test_gone_by_now(house: House) -> None:
    """A token that someone else has revoked meanwhile is gone as it should be."""
    phone = house.server.mint_token("demo", "Phone")
    result = await go_to(house, "revoke")
    house.server.revoke_token(phone)
    assert len(rows(await enter(house, result, tokens=list(choices(result).values())))) == 1


async def test_revoke_refused(house: House) -> None:
    """A refusal is told, and what is left can be tried again."""
    house.server.mint_token("demo", "Phone")
    result = await go_to(house, "revoke")
    house.server.faults.fail(REVOKE, 22, "not yours")
    chosen = list(choices(result).values())
    result = await enter(house, result, tokens=chosen)
    assert (result["step_id"], result["errors"]) == ("revoke", {"base": "failed"})
    assert "not yours" in shown(result, OPTIONS)
    house.server.faults.clear()
    await enter(house, result, tokens=chosen)
    assert house.server.token_names == ["Home Assistant"]


@pytest.mark.parametrize("option", ["rotate", "revoke"])
async def test_unloaded_by_now(house: House, option: str) -> None:
    """An entry that was unloaded since the form was opened can't be asked."""
    house.server.mint_token("demo", "Phone")
    result = await go_to(house, option)
    said = await _is_unloaded(house)
    values = {"tokens": list(choices(result).values())} if option == "revoke" else {}
    assert said in shown(await enter(house, result, **values), OPTIONS)
    assert house.server.token_names == ["Home Assistant", "Phone"]


async def test_in_home_assistants_language(house: House) -> None:
    """What is said inside of another text is said in Home Assistant's language."""
    house.hass.config.language = "de"
    await async_get_translations(house.hass, "de", "exceptions", [DOMAIN])
    await _refuses(house)
    result = await opened(house)
    assert "darf das" in (result["description_placeholders"] or {})["error"]
