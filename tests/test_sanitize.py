"""What others say, where Home Assistant shows it: text, and nothing but text."""

from collections.abc import Iterable
from dataclasses import replace

from music_assistant_models.errors import MusicAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry.issues import (
    async_update_rights_issue,
    async_update_sign_in_issues,
)
from custom_components.music_assistant.server.errors import ServerProblem, translate_errors
from custom_components.music_assistant.server.sanitize import MAX_TEXT_LENGTH, sanitize_text
from custom_components.music_assistant.server.status import ProviderProblem
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from .server import MassServer

EVIL = "[here](http://evil.example) ![x](http://evil.example/x.png)\r\n# <script>x</script> \x1b[2J\u202e"


def is_harmless(said: str) -> bool:
    """Tell whether a text is one line without a link, a picture or a tag."""
    return not any(each in said for each in ("](", "<s", "</", "\n", "\r", "\x1b", "\u202e"))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Küche (oben) #1 – 50 % * _x_", "Küche (oben) #1 – 50 % * _x_"),
        ("http://[::1]:8095/ma", "http://[::1]:8095/ma"),
        ("1 < 2 > 0, a<5", "1 < 2 > 0, a<5"),
        (" two\r\n\tlines ", "two lines"),
        ("\x1b[31mred\u202e\u0000", "[31mred"),
        ("[a](b)", "[a]\u2060(b)"),
        ("[a][b]", "[a]\u2060[b]"),
        ("<IMG src=x>", "<\u2060IMG src=x>"),
        ("<!-- -->", "<\u2060!-- -->"),
        ("", ""),
        (5, "5"),
    ],
)
def test_plain_text(said: object, shown: str) -> None:
    """Plain text isn't changed."""
    assert sanitize_text(said) == shown


def test_long_text() -> None:
    """A long text is cut."""
    assert len(sanitize_text("x" * 10_000_000)) == MAX_TEXT_LENGTH


def test_server_error_text() -> None:
    """Markup in an error text of the server is escaped, in flows and actions."""
    assert is_harmless(ServerProblem("server_refused", error=EVIL).placeholders["error"])
    with pytest.raises(HomeAssistantError) as raised, translate_errors("Home"):
        raise MusicAssistantError(EVIL)
    assert raised.value.translation_placeholders == {"server": "Home"}  # without the text


async def test_server_name(hass: HomeAssistant, server: MassServer) -> None:
    """Markup in a server's name is escaped in flows and in the title of the entry."""
    server.name = EVIL
    flows = hass.config_entries.flow
    result = await flows.async_init(DOMAIN, context={"source": "user"}, data={"url": server.url})
    result = await flows.async_configure(result["flow_id"], {"next_step_id": "password"})
    login = {"username": "demo", "password": "demo-password"}
    result = await flows.async_configure(result["flow_id"], login)
    assert result["title"].startswith("[here]")
    assert is_harmless(result["title"])


def get_placeholders(issues: Iterable[ir.IssueEntry], *names: str) -> list[str]:
    """Return the values of placeholders of issues."""
    return [(issue.translation_placeholders or {})[name] for issue in issues for name in names]


async def test_issue_placeholders(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry
) -> None:
    """Markup in names of users and providers is escaped in issues."""
    guest = replace(server.add_user("guest", "guests-password", "guest"), username=EVIL)
    async_update_rights_issue(hass, entry, guest)
    async_update_sign_in_issues(hass, entry, [ProviderProblem("instance", EVIL, sign_in=True)])
    users, providers = ir.async_get(hass).issues.values()
    shown = [*get_placeholders([users], "username"), *get_placeholders([providers], "provider")]
    assert [is_harmless(said) for said in shown] == [True, True]
