"""Refused commands and redacted responses."""

from typing import Any

import pytest

from custom_components.music_assistant.server.secrets import (
    REDACTED,
    async_redact,
    is_secret_command,
    redact,
)

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        ("auth", True),
        ("auth/me", True),
        ("auth/token/create", True),
        ("authors/list", False),
        ("config", True),
        ("config/core/get_value", True),
        ("config/dsp_presets/get", False),
        ("config/dsp_presets_of_others", True),
        ("config/flows/submit", True),
        ("config/players", True),
        ("config/players/dsp/get", False),
        ("config/players/get_value", True),
        ("config/providers", True),
        ("config/providers/reload", False),
        ("config/providers/setup", True),
        ("dashboard/dashboards", False),
        ("dashboard/get_url", True),
        ("logging/get", True),
        ("music/search", False),
        ("remote_access/info", True),
        ("tasks/list", False),
    ],
)
def test_refused_commands(command: str, refused: bool) -> None:
    """Commands that return or take secrets are refused, harmless ones aren't."""
    assert is_secret_command(command) is refused


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("password", "hunter2", REDACTED),
        ("access_token", "abc", REDACTED),
        ("accessToken", {"value": "abc"}, REDACTED),
        ("api_key", 12345, REDACTED),
        ("Authorization", ["Bearer abc"], REDACTED),
        ("remote_id", "ABC", REDACTED),
        ("password", None, None),
        ("token", "", ""),
        ("needs_token", True, True),
        ("key", "bass", "bass"),
        ("name", "Password", "Password"),
        ("name", 7, 7),
        ("uri", "library://track/1", "library://track/1"),
        ("log", f"signed in with {JWT} today", f"signed in with {REDACTED} today"),
        ("url", f"http://x/ws?access_token={JWT}", f"http://x/ws?access_token={REDACTED}"),
        ("url", "https://x/a?size=3&sig=ab%3D&v=1", f"https://x/a?size=3&sig={REDACTED}&v=1"),
        ("url", "https://x/?dashboard=ABC", f"https://x/?dashboard={REDACTED}"),
        ("url", "https://x/?key=a and ?code=b", f"https://x/?key={REDACTED} and ?code={REDACTED}"),
        ("url", "smb://kim:secret@nas/music", f"smb://{REDACTED}@nas/music"),
        ("url", "https://x/@kim", "https://x/@kim"),
    ],
)
async def test_redact(key: str, value: Any, expected: Any) -> None:
    """Secrets are redacted by key or by form, at any depth."""
    assert redact({key: value}) == {key: expected}
    deep, clean = [{"a": [{key: value}]}] * 3, [{"a": [{key: expected}]}] * 3
    assert await async_redact(deep) == clean
    assert await async_redact({"b": deep}) == {"b": clean}
