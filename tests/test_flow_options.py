"""The options flow: tokens (the list, rotation and revocation), and answers for mass_queue."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from music_assistant_models.auth import AuthToken
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.music_assistant.const import CONF_MASS_QUEUE, DOMAIN
from custom_components.music_assistant.entry.sentences import (
    FILE_NAME,
    _build_content,
    async_update_sentences,
)
from custom_components.music_assistant.entry.tokens import has_created_token
from custom_components.music_assistant.flows.options import MAX_LISTED_TOKENS, format_token_table
from homeassistant.config_entries import SOURCE_IGNORE, ConfigFlowResult
from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .common import Harness, LoopMonitor, set_attributes, wait_until
from .translation_texts import get_text, render_flow_result

OPTIONS = ("options",)
MINT, LIST, REVOKE = "auth/token/create", "auth/tokens", "auth/token/revoke"
CUT = get_text("common", "tokens_cut")


async def start_options_flow(harness: Harness) -> ConfigFlowResult:
    """Start the options flow."""
    return await harness.hass.config_entries.options.async_init(harness.entry.entry_id)


async def submit(harness: Harness, result: ConfigFlowResult, **values: Any) -> ConfigFlowResult:
    """Submit a step."""
    with LoopMonitor.of_loop().skip_idle_time():
        return await harness.hass.config_entries.options.async_configure(result["flow_id"], values)


async def select_option(harness: Harness, option: str) -> ConfigFlowResult:
    """Start the flow and select an option."""
    return await submit(harness, await start_options_flow(harness), next_step_id=option)


def get_table_rows(result: ConfigFlowResult) -> list[str]:
    """Return the rows of the shown table, without its header."""
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "init")
    lines = render_flow_result(result, OPTIONS).split("\n")
    return [line for line in lines if line.startswith("| ")][2:]


def get_choices(result: ConfigFlowResult) -> dict[str, str]:
    """Return the tokens that can be selected, ids by labels."""
    schema = result["data_schema"]
    assert schema
    return {each["label"]: each["value"] for each in schema.schema["tokens"].config["options"]}


def get_today() -> str:
    """Return the day on which the tokens of these tests are created."""
    return dt_util.now().date().isoformat()


def format_date(date: str) -> str:
    """Return a date without line breaks."""
    return date.replace("-", "\N{NON-BREAKING HYPHEN}")


# ------------------------------------------------------------------------------------ the list


def create_token(
    name: str, ends: datetime | None = None, used: datetime | None = None
) -> AuthToken:
    """Return a token of the server."""
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
def test_names_are_escaped(name: str, shown_as: str) -> None:
    """Any name is shown unchanged."""
    assert (
        format_token_table([create_token(name)], None)
        == f"| {shown_as} | {format_date('2026-01-02')} | – | – |"
    )
    used, ends = datetime(2026, 2, 3, 12, tzinfo=UTC), datetime(2027, 1, 2, 12, tzinfo=UTC)
    row = format_token_table([create_token(name, ends, used)], "id")
    assert row == f"| **{shown_as}** | {format_date('2026-01-02 | 2026-02-03 | 2027-01-02')} |"


async def test_list_tokens(harness: Harness) -> None:
    """The tokens of our user are listed, ours in bold."""
    harness.server.create_token("demo", "Phone")
    harness.server.add_user("kim", "kims-password")
    harness.server.create_token("kim", "Not ours to see")
    result = await start_options_flow(harness)
    ours, phone = get_table_rows(result)
    day = format_date(get_today())
    assert ours.startswith(f"| **Home Assistant** | {day} | {day} | ")
    assert phone.startswith(f"| Phone | {day} | – | ")
    assert result["menu_options"] == ["rotate", "revoke", "cards", "sentences", "go_back"]
    assert CUT not in render_flow_result(result, OPTIONS)


async def test_no_other_tokens(harness: Harness) -> None:
    """Without other tokens there is nothing to revoke."""
    assert (await start_options_flow(harness))["menu_options"] == [
        "rotate",
        "cards",
        "sentences",
        "go_back",
    ]


async def test_truncated_list(harness: Harness) -> None:
    """A truncated list is marked."""
    for number in range(MAX_LISTED_TOKENS):
        harness.server.create_token("demo", f"Phone {number}")
    result = await start_options_flow(harness)
    assert len(get_table_rows(result)) == MAX_LISTED_TOKENS
    assert CUT in render_flow_result(result, OPTIONS)


async def _unload(harness: Harness) -> str:
    assert await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    return "can't be reached"


async def _stop_server(harness: Harness) -> str:
    await harness.server.faults.close_port()
    await harness.server.faults.disconnect_clients()
    await wait_until(lambda: harness.connection_lost_at)
    return "can't be reached"


async def _refuse(harness: Harness) -> str:
    harness.server.faults.fail_command(LIST, 22, "not for you")
    return "Give that user the right"


@pytest.mark.parametrize("fails", [_unload, _stop_server, _refuse])
async def test_list_error(harness: Harness, fails: Any) -> None:
    """The reason for a missing list is shown."""
    said = await fails(harness)
    result = await start_options_flow(harness)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "failed")
    assert said in render_flow_result(result, OPTIONS)


@pytest.mark.parametrize("odd", [None, {}, "tokens", 5, [None, 5, {}, {"token_id": "x"}]])
async def test_invalid_tokens_are_omitted(harness: Harness, odd: object) -> None:
    """Invalid tokens of the list are omitted."""
    harness.server.faults.set_response(LIST, odd)
    result = await start_options_flow(harness)
    assert get_table_rows(result) == []
    assert result["menu_options"] == ["rotate", "cards", "sentences", "go_back"]


# --------------------------------------------------------------------------------- a new token


async def test_rotate_token(harness: Harness) -> None:
    """A new token replaces ours and is listed."""
    result = await select_option(harness, "rotate")
    assert result["step_id"] == "rotate"
    assert render_flow_result(result, OPTIONS)
    pasted, ours = get_table_rows(await submit(harness, result))
    assert pasted.startswith("| Home Assistant |")
    assert ours.startswith(r"| **Home Assistant \(test home\)** |")
    assert has_created_token(harness.entry.data)
    assert harness.connection_lost_at is None


async def test_rotate_error(harness: Harness) -> None:
    """A refusal is an error, and can be retried."""
    harness.server.faults.fail_command(MINT, 22, "no more tokens")
    result = await submit(harness, await select_option(harness, "rotate"))
    assert (result["step_id"], result["errors"]) == ("rotate", {"base": "failed"})
    assert "Give that user the right" in render_flow_result(result, OPTIONS)
    harness.server.faults.clear()
    assert len(get_table_rows(await submit(harness, result))) == 2


# ----------------------------------------------------------------------------- an end to others


async def test_revoke_tokens(harness: Harness) -> None:
    """Selected tokens and their connections end; ours can't be selected."""
    for name in ("Phone", "Tablet", "Browser"):
        harness.server.create_token("demo", name)
    result = await select_option(harness, "revoke")
    assert render_flow_result(result, OPTIONS)
    offered = get_choices(result)
    assert [label.split(" (")[0] for label in offered] == ["Phone", "Tablet", "Browser"]
    phone, tablet, _ = offered.values()
    assert len(get_table_rows(await submit(harness, result, tokens=[phone, tablet]))) == 2
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
async def test_token_labels(harness: Harness, language: str, label: str, *, used: bool) -> None:
    """The label has the dates of creation, last use and expiry, translated."""
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
    assert list(get_choices(await select_option(harness, "revoke"))) == [label.format(used=said)]


async def test_token_in_use_cannot_be_revoked(harness: Harness) -> None:
    """Our token can't be revoked, not even by a forged form."""
    harness.server.create_token("demo", "Phone")
    current = harness.coordinator.tokens.token
    assert current
    result = await select_option(harness, "revoke")
    with pytest.raises(InvalidData):
        await submit(harness, result, tokens=[current.token_id])
    assert len(harness.server.token_names) == 2


async def test_revoke_without_selection(harness: Harness) -> None:
    """Nothing is selected by default, and nothing is revoked."""
    harness.server.create_token("demo", "Phone")
    result = await select_option(harness, "revoke")
    schema = result["data_schema"]
    assert schema
    assert schema({}) == {"tokens": []}
    assert len(get_table_rows(await submit(harness, result))) == 2


async def test_token_that_came_into_use(harness: Harness) -> None:
    """A token that came into use meanwhile isn't revoked."""
    other = harness.server.create_token("demo", "Other")
    result = await select_option(harness, "revoke")
    data = {**harness.entry.data, CONF_TOKEN: other}
    harness.hass.config_entries.async_update_entry(harness.entry, data=data)
    result = await submit(harness, result, tokens=list(get_choices(result).values()))
    assert result["errors"] == {"base": "failed"}
    assert get_text("exceptions", "token_in_use", "message") in render_flow_result(result, OPTIONS)
    assert harness.server.token_names == ["Home Assistant", "Other"]


async def test_token_that_was_revoked_meanwhile(harness: Harness) -> None:
    """A token that was revoked meanwhile is no error."""
    phone = harness.server.create_token("demo", "Phone")
    result = await select_option(harness, "revoke")
    harness.server.revoke_token(phone)
    assert (
        len(
            get_table_rows(await submit(harness, result, tokens=list(get_choices(result).values())))
        )
        == 1
    )


async def test_revoke_error(harness: Harness) -> None:
    """A refusal is an error, and the rest can be retried."""
    harness.server.create_token("demo", "Phone")
    result = await select_option(harness, "revoke")
    harness.server.faults.fail_command(REVOKE, 22, "not yours")
    chosen = list(get_choices(result).values())
    result = await submit(harness, result, tokens=chosen)
    assert (result["step_id"], result["errors"]) == ("revoke", {"base": "failed"})
    assert "Give that user the right" in render_flow_result(result, OPTIONS)
    harness.server.faults.clear()
    await submit(harness, result, tokens=chosen)
    assert harness.server.token_names == ["Home Assistant"]


@pytest.mark.parametrize("option", ["rotate", "revoke"])
async def test_entry_unloaded_meanwhile(harness: Harness, option: str) -> None:
    """An entry that was unloaded meanwhile is an error."""
    harness.server.create_token("demo", "Phone")
    result = await select_option(harness, option)
    said = await _unload(harness)
    values = {"tokens": list(get_choices(result).values())} if option == "revoke" else {}
    assert said in render_flow_result(await submit(harness, result, **values), OPTIONS)
    assert harness.server.token_names == ["Home Assistant", "Phone"]


async def test_placeholders_are_translated(harness: Harness) -> None:
    """Texts in placeholders are in Home Assistant's language."""
    harness.hass.config.language = "de"
    await async_get_translations(harness.hass, "de", "exceptions", [DOMAIN])
    await _refuse(harness)
    result = await start_options_flow(harness)
    assert "darf das" in (result["description_placeholders"] or {})["error"]


# ------------------------------------------------------------------------- answers for mass_queue


async def test_answer_for_mass_queue(harness: Harness, entry: MockConfigEntry) -> None:
    """The switch is on at first, keeps what is chosen, and leaves other options alone."""
    hass = harness.hass
    hass.config_entries.async_update_entry(entry, options={"other": 1})
    for enabled, default in ((False, True), (True, False)):
        form = await select_option(harness, "cards")
        assert render_flow_result(form, OPTIONS)
        schema = form["data_schema"]
        assert schema
        assert schema({}) == {CONF_MASS_QUEUE: default}
        result = await submit(harness, form, **{CONF_MASS_QUEUE: enabled})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert entry.options == {"other": 1, CONF_MASS_QUEUE: enabled}


# --------------------------------------------------------------------------- sentences for Assist


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the folder of custom sentences of an own configuration."""
    (tmp_path / "configuration.yaml").touch()
    hass.config.config_dir = str(tmp_path)
    return tmp_path / "custom_sentences"


def get_suggestion(result: ConfigFlowResult) -> list[str]:
    """Return the languages that are selected at first."""
    schema = result["data_schema"]
    assert schema
    (key,) = schema.schema
    suggestion: list[str] = key.description["suggested_value"]
    assert schema({}) == {}
    return suggestion


def get_files(folder: Path) -> set[str]:
    """Return the files of a folder and of those in it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


async def select_languages(harness: Harness, *languages: str) -> ConfigFlowResult:
    """Select languages in the options."""
    result = await select_option(harness, "sentences")
    return await submit(harness, result, languages=list(languages))


# Language and country of Home Assistant, and what Assist speaks there.
SUGGESTIONS: Final[tuple[tuple[str, str | None, list[str]], ...]] = (
    ("de", "AT", ["de"]),
    ("de", "CH", ["de-CH"]),
    ("pt", "PT", ["pt"]),
    ("pt", "BR", ["pt-BR"]),
    ("zh-Hans", None, ["zh-CN"]),
    ("zh-Hant", "TW", ["zh-TW"]),
    ("zh-Hant", None, ["zh-HK"]),
    ("nb", "NO", ["nb"]),
    ("eo", None, []),
)


async def test_sentences(harness: Harness, entry: MockConfigEntry, folder: Path) -> None:
    """Sentences are installed and removed as selected; other files and options stay."""
    hass = harness.hass
    hass.config_entries.async_update_entry(entry, options={"other": 1})
    for language, country, expected in SUGGESTIONS:
        hass.config.language, hass.config.country = language, country
        form = await select_option(harness, "sentences")
        assert get_suggestion(form) == expected
    assert FILE_NAME in render_flow_result(form, OPTIONS)
    reloads = async_mock_service(hass, "conversation", "reload")
    result = await submit(harness, form, languages=["de", "fr"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"other": 1}
    assert get_files(folder) == {f"de/{FILE_NAME}", f"fr/{FILE_NAME}"}
    assert "MusicAssistantPlay" in (folder / "de" / FILE_NAME).read_text()
    assert len(reloads) == 1
    (folder / "fr" / "mine.yaml").touch()
    await select_languages(harness, "de", "fr")
    assert len(reloads) == 1
    form = await select_option(harness, "sentences")
    assert get_suggestion(form) == ["de", "fr"]
    assert (await submit(harness, form))["type"] is FlowResultType.CREATE_ENTRY
    assert get_files(folder) == {"fr/mine.yaml"}
    assert not (folder / "de").exists()
    assert len(reloads) == 2


async def test_changed_sentences(harness: Harness, folder: Path) -> None:
    """A file that somebody changed or made is left alone; the others are changed."""
    await select_languages(harness, "de", "en")
    path = folder / "de" / FILE_NAME
    changed = path.read_text().replace("Papaya", "") + "# mine\n"
    path.write_text(changed)
    own = folder / "fr" / FILE_NAME
    own.parent.mkdir()
    own.write_bytes(b"\xff")
    for languages in ((), ("de", "fr"), ("it",)):
        result = await select_languages(harness, *languages)
        assert result["errors"] == {"base": "failed"}
        assert str(path) in render_flow_result(result, OPTIONS)
        assert path.read_text() == changed
        assert own.read_bytes() == b"\xff"
    assert get_files(folder) == {f"{language}/{FILE_NAME}" for language in ("de", "fr", "it")}


async def test_sentences_that_cannot_be_written(harness: Harness, folder: Path) -> None:
    """What the file system refuses is said, and can be retried."""
    folder.touch()
    result = await select_languages(harness, "en")
    text = render_flow_result(result, OPTIONS)
    assert str(folder / "en" / FILE_NAME) in text
    assert "may write" in text
    folder.unlink()
    result = await submit(harness, result, languages=["en"])
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_sentences_that_cannot_be_reloaded(harness: Harness, folder: Path) -> None:
    """An error while reloading, as by a wrong configuration.yaml, is said."""

    async def fail(_call: ServiceCall) -> None:
        raise HomeAssistantError("configuration.yaml is wrong")

    harness.hass.services.async_register("conversation", "reload", fail)
    result = await select_languages(harness, "en")
    assert "configuration.yaml is wrong" in render_flow_result(result, OPTIONS)
    assert get_files(folder) == {f"en/{FILE_NAME}"}


async def test_sentences_follow_the_integration(
    harness: Harness, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Files of another version are updated, and removed with the last entry, unless changed."""
    hass = harness.hass
    await select_languages(harness, "de", "en", "fr")
    english, german, french = (folder / name / FILE_NAME for name in ("en", "de", "fr"))
    newest = english.read_text()
    english.write_text(_build_content("language: en\n"))
    german.write_text(f"# mine\n{german.read_text()}")
    french.unlink()
    await async_update_sentences(hass)
    assert english.read_text() == newest
    assert german.read_text().startswith("# mine")
    assert not french.exists()
    assert "left alone" in caplog.text
    # the discovery of another server that was ignored
    MockConfigEntry(domain=DOMAIN, unique_id="other", source=SOURCE_IGNORE).add_to_hass(hass)
    await hass.config_entries.async_remove(harness.entry.entry_id)
    assert get_files(folder) == {f"de/{FILE_NAME}"}


async def test_sentences_are_removed_before_going_back(harness: Harness, folder: Path) -> None:
    """The built-in integration wouldn't know what they mean."""
    await select_languages(harness, "en")
    await submit(harness, await select_option(harness, "go_back"))
    assert not folder.exists()
