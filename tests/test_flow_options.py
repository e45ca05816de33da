"""The token page: what is on the server, a new token, an end to others."""

from datetime import UTC, datetime
from typing import Any

from music_assistant_models.auth import AuthToken
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry.tokens import has_created_token
from custom_components.music_assistant.flows.options import MAX_LISTED_TOKENS, format_token_table
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_TOKEN
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .common import Harness, LoopMonitor, set_attributes, wait_until
from .translation_texts import get_text, render_flow_result

OPTIONS = ("options",)
MINT, LIST, REVOKE = "auth/token/create", "auth/tokens", "auth/token/revoke"
CUT = get_text("common", "tokens_cut")


async def opened(harness: Harness) -> ConfigFlowResult:
    """Open the page."""
    return await harness.hass.config_entries.options.async_init(harness.entry.entry_id)


async def enter(harness: Harness, result: ConfigFlowResult, **values: Any) -> ConfigFlowResult:
    """Go on with it."""
    with LoopMonitor.of_loop().skip_idle_time():
        return await harness.hass.config_entries.options.async_configure(result["flow_id"], values)


async def go_to(harness: Harness, option: str) -> ConfigFlowResult:
    """Open the page and choose from it."""
    return await enter(harness, await opened(harness), next_step_id=option)


def rows(result: ConfigFlowResult) -> list[str]:
    """Return the rows of the table that is shown, without its head."""
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "init")
    lines = render_flow_result(result, OPTIONS).split("\n")
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
    assert (
        format_token_table([record(name)], None)
        == f"| {shown_as} | {in_table('2026-01-02')} | – | – |"
    )
    used, ends = datetime(2026, 2, 3, 12, tzinfo=UTC), datetime(2027, 1, 2, 12, tzinfo=UTC)
    row = format_token_table([record(name, ends, used)], "id")
    assert row == f"| **{shown_as}** | {in_table('2026-01-02 | 2026-02-03 | 2027-01-02')} |"


async def test_list(harness: Harness) -> None:
    """Our user's tokens are listed, ours in bold, and nobody else's."""
    harness.server.create_token("demo", "Phone")
    harness.server.add_user("kim", "kims-password")
    harness.server.create_token("kim", "Not ours to see")
    result = await opened(harness)
    ours, phone = rows(result)
    day = in_table(today())
    assert ours.startswith(f"| **Home Assistant** | {day} | {day} | ")
    assert phone.startswith(f"| Phone | {day} | – | ")
    assert result["menu_options"] == ["rotate", "revoke"]
    assert CUT not in render_flow_result(result, OPTIONS)


async def test_only_ours(harness: Harness) -> None:
    """Where there are no others, none can be revoked."""
    assert (await opened(harness))["menu_options"] == ["rotate"]


async def test_too_many(harness: Harness) -> None:
    """A list that the server cut is said to be cut."""
    for number in range(MAX_LISTED_TOKENS):
        harness.server.create_token("demo", f"Phone {number}")
    result = await opened(harness)
    assert len(rows(result)) == MAX_LISTED_TOKENS
    assert CUT in render_flow_result(result, OPTIONS)


async def _is_unloaded(harness: Harness) -> str:
    assert await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    return "can't be reached"


async def _is_away(harness: Harness) -> str:
    await harness.server.faults.close_port()
    await harness.server.faults.disconnect_clients()
    await wait_until(lambda: harness.connection_lost_at)
    return "can't be reached"


async def _refuses(harness: Harness) -> str:
    harness.server.faults.fail_command(LIST, 22, "not for you")
    return "not for you"


@pytest.mark.parametrize("fails", [_is_unloaded, _is_away, _refuses])
async def test_no_list(harness: Harness, fails: Any) -> None:
    """Why there is nothing to show is said."""
    said = await fails(harness)
    result = await opened(harness)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "failed")
    assert said in render_flow_result(result, OPTIONS)


@pytest.mark.parametrize("odd", [None, {}, "tokens", 5, [None, 5, {}, {"token_id": "x"}]])
async def test_odd_list(harness: Harness, odd: object) -> None:
    """What can't be read is left out."""
    harness.server.faults.set_response(LIST, odd)
    result = await opened(harness)
    assert rows(result) == []
    assert result["menu_options"] == ["rotate"]


# --------------------------------------------------------------------------------- a new token


async def test_rotate(harness: Harness) -> None:
    """A new token takes the place of ours, which the list then shows."""
    result = await go_to(harness, "rotate")
    assert result["step_id"] == "rotate"
    assert render_flow_result(result, OPTIONS)
    pasted, ours = rows(await enter(harness, result))
    assert pasted.startswith("| Home Assistant |")
    assert ours.startswith(r"| **Home Assistant \(test home\)** |")
    assert has_created_token(harness.entry.data)
    assert harness.connection_lost_at is None


async def test_rotate_refused(harness: Harness) -> None:
    """A refusal is told, and can be tried again."""
    harness.server.faults.fail_command(MINT, 22, "no more tokens")
    result = await enter(harness, await go_to(harness, "rotate"))
    assert (result["step_id"], result["errors"]) == ("rotate", {"base": "failed"})
    assert "no more tokens" in render_flow_result(result, OPTIONS)
    harness.server.faults.clear()
    assert len(rows(await enter(harness, result))) == 2


# ----------------------------------------------------------------------------- an end to others


async def test_revoke(harness: Harness) -> None:
    """Those that were chosen end, and with them the connections that use them; ours can't be."""
    for name in ("Phone", "Tablet", "Browser"):
        harness.server.create_token("demo", name)
    result = await go_to(harness, "revoke")
    assert render_flow_result(result, OPTIONS)
    offered = choices(result)
    assert [label.split(" (")[0] for label in offered] == ["Phone", "Tablet", "Browser"]
    phone, tablet, _ = offered.values()
    assert len(rows(await enter(harness, result, tokens=[phone, tablet]))) == 2
    assert harness.server.token_names == ["Home Assistant", "Browser"]
    assert harness.connection_lost_at is None


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en", "A B (created 2026-01-02, last used {used}, expires 2027-01-02)"),
        ("de", "A B (erstellt 2026-01-02, zuletzt verwendet {used}, läuft ab 2027-01-02)"),
    ],
)
@pytest.mark.parametrize("used", [True, False])
async def test_which_is_which(harness: Harness, language: str, label: str, *, used: bool) -> None:
    """When a token was made, last used, and ends, tells which one it is, in one's language."""
    harness.hass.config.language = language
    await async_get_translations(harness.hass, language, "common", [DOMAIN])
    with set_attributes(
        harness.server, clock=lambda: datetime(2026, 1, 2, 12, tzinfo=UTC).timestamp()
    ):
        token = harness.server.create_token("demo", "A\nB")
    if used:
        with set_attributes(
            harness.server, clock=lambda: datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()
        ):
            assert harness.server.accounts.resolve_token(token)
    said = "2026-03-04" if used else {"en": "never", "de": "nie"}[language]
    assert list(choices(await go_to(harness, "revoke"))) == [label.format(used=said)]


async def test_not_the_one_in_use(harness: Harness) -> None:
    """The token that we use isn't taken, also from who makes up a form."""
    harness.server.create_token("demo", "Phone")
    current = harness.coordinator.tokens.token
    assert current
    result = await go_to(harness, "revoke")
    with pytest.raises(InvalidData):
        await enter(harness, result, tokens=[current.token_id])
    assert len(harness.server.token_names) == 2


async def test_none_chosen(harness: Harness) -> None:
    """Nothing is chosen before a person does it, and nothing is revoked for that."""
    harness.server.create_token("demo", "Phone")
    result = await go_to(harness, "revoke")
    schema = result["data_schema"]
    assert schema
    assert schema({}) == {"tokens": []}
    assert len(rows(await enter(harness, result))) == 2


async def test_in_use_by_now(harness: Harness) -> None:
    """A token that has come into use since the form was opened isn't revoked."""
    other = harness.server.create_token("demo", "Other")
    result = await go_to(harness, "revoke")
    data = {**harness.entry.data, CONF_TOKEN: other}
    harness.hass.config_entries.async_update_entry(harness.entry, data=data)
    result = await enter(harness, result, tokens=list(choices(result).values()))
    assert result["errors"] == {"base": "failed"}
    assert get_text("exceptions", "token_in_use", "message") in render_flow_result(result, OPTIONS)
    assert harness.server.token_names == ["Home Assistant", "Other"]


async def test_gone_by_now(harness: Harness) -> None:
    """A token that someone else has revoked meanwhile is gone as it should be."""
    phone = harness.server.create_token("demo", "Phone")
    result = await go_to(harness, "revoke")
    harness.server.revoke_token(phone)
    assert len(rows(await enter(harness, result, tokens=list(choices(result).values())))) == 1


async def test_revoke_refused(harness: Harness) -> None:
    """A refusal is told, and what is left can be tried again."""
    harness.server.create_token("demo", "Phone")
    result = await go_to(harness, "revoke")
    harness.server.faults.fail_command(REVOKE, 22, "not yours")
    chosen = list(choices(result).values())
    result = await enter(harness, result, tokens=chosen)
    assert (result["step_id"], result["errors"]) == ("revoke", {"base": "failed"})
    assert "not yours" in render_flow_result(result, OPTIONS)
    harness.server.faults.clear()
    await enter(harness, result, tokens=chosen)
    assert harness.server.token_names == ["Home Assistant"]


@pytest.mark.parametrize("option", ["rotate", "revoke"])
async def test_unloaded_by_now(harness: Harness, option: str) -> None:
    """An entry that was unloaded since the form was opened can't be asked."""
    harness.server.create_token("demo", "Phone")
    result = await go_to(harness, option)
    said = await _is_unloaded(harness)
    values = {"tokens": list(choices(result).values())} if option == "revoke" else {}
    assert said in render_flow_result(await enter(harness, result, **values), OPTIONS)
    assert harness.server.token_names == ["Home Assistant", "Phone"]


async def test_in_home_assistants_language(harness: Harness) -> None:
    """What is said inside of another text is said in Home Assistant's language."""
    harness.hass.config.language = "de"
    await async_get_translations(harness.hass, "de", "exceptions", [DOMAIN])
    await _refuses(harness)
    result = await opened(harness)
    assert "darf das" in (result["description_placeholders"] or {})["error"]
