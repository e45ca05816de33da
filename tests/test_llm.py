"""Tools of language models, called by a scripted model.

That tests schemas, arguments, effects and results, not which tool a real model chooses.
"""

import json
from typing import Any, cast

import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.music_assistant.assist.players import find_group, find_player
from custom_components.music_assistant.assist.tools import TOOLS, describe_item
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.llm import async_get_tools
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import llm
from homeassistant.helpers.intent import MatchTargetsPreferences

from .action_helpers import get_sent_arguments, start_playback
from .assist_helpers import add_floor, set_up_assist
from .common import Harness
from .llm_requests import REQUESTS, Request
from .server import MassServer
from .test_docs import iterate_rows


class ScriptedModel:
    """Represent a model that makes given calls, as a conversation agent would pass them on."""

    def __init__(self, harness: Harness, device_id: str | None = None) -> None:
        """Start without a user."""
        self.harness = harness
        self.device_id = device_id
        self.context = Context()
        self.assistant = "conversation"

    async def get_api(self) -> llm.APIInstance:
        """Return Assist's tools for the user."""
        llm_context = llm.LLMContext("test", self.context, "en", self.assistant, self.device_id)
        return await llm.async_get_api(self.harness.hass, llm.LLM_API_ASSIST, llm_context)

    async def get_tools(self) -> dict[str, llm.Tool]:
        """Return our tools by name."""
        return {
            tool.name: tool for tool in (await self.get_api()).tools if tool.integration == DOMAIN
        }

    async def call(self, tool: str, /, **arguments: Any) -> llm.ToolResult:
        """Call a tool with arguments that its schema, as a model sees it, allows."""
        api = await self.get_api()
        name = f"{DOMAIN}__{tool}"
        schema = probatio.to_openapi(
            next(each for each in api.tools if each.name == name).parameters,
            custom_serializer=api.custom_serializer or llm.selector_serializer,
        )
        assert arguments.keys() <= schema["properties"].keys()
        assert set(schema.get("required", ())) <= arguments.keys()
        for key, value in arguments.items():
            assert value in schema["properties"][key].get("enum", [value])
        result = await api.async_call_tool(llm.ToolInput(name, arguments))
        json.dumps(result.data)
        await self.harness.wait_for_events()
        return result

    async def expect_error(self, text: str, tool: str, /, **arguments: Any) -> None:
        """Expect a call to fail with a text."""
        result = await self.call(tool, **arguments)
        assert result.error
        assert text in str(result.data["error"])


@pytest.fixture
async def model(hass: HomeAssistant, harness: Harness, server: MassServer) -> ScriptedModel:
    """Return a model whose user is in the kitchen, where the fourth track of an album plays."""
    return ScriptedModel(harness, await set_up_assist(hass, harness, server))


@pytest.fixture
def upstairs(hass: HomeAssistant, model: ScriptedModel) -> None:
    """Put the office and the living room on a floor."""
    add_floor(hass)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.text)
async def test_requests(model: ScriptedModel, server: MassServer, request_: Request) -> None:
    """The calls of a request have the effects and results that the table says."""
    server.commands.clear()
    for (tool, arguments), expected in zip(request_.calls, request_.results, strict=True):
        result = await model.call(tool, **arguments)
        assert not result.error, result.data
        assert result.data.items() >= expected.items()
    for command, fields in request_.commands:
        sent = get_sent_arguments(server, command)
        assert [each for each in sent if each.items() >= fields.items()]


def test_requests_are_documented() -> None:
    """The documentation has the same table."""
    rows = list(iterate_rows("voice", "| request | calls |"))
    assert rows == [
        [f'"{each.text}"', ", ".join(map(format_call, each.calls))] for each in REQUESTS
    ]


def format_call(call: tuple[str, dict[str, Any]]) -> str:
    """Format a call of a tool for the documentation."""
    tool, arguments = call
    given = ", ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items()
    )
    return f"`{tool}({given})`"


def test_all_tools_are_requested() -> None:
    """The table has 40 requests, and each tool is called in it."""
    assert len(REQUESTS) == 40
    called = {tool for request_ in REQUESTS for tool, _ in request_.calls}
    assert called == {tool.name for tool in TOOLS}


async def test_description_of_tools(model: ScriptedModel, caplog: pytest.LogCaptureFixture) -> None:
    """The tools and the prompt are as Home Assistant wants them."""
    tools = await model.get_tools()
    assert len(tools) == len(TOOLS)
    assert all(tool.title and tool.description for tool in tools.values())
    prompt = (await model.get_api()).api_prompt
    assert "- Kitchen: Küche\n- Living Room: Living Room\n- Office: Büro" in prompt
    assert "Crossfade" not in prompt.partition("Use the music_assistant tools")[2]
    assert "without an integration" not in caplog.text
    assert "not prefixed" not in caplog.text


@pytest.mark.parametrize("assistant", ["", "conversation"])
async def test_no_tools_without_exposed_players(
    hass: HomeAssistant, model: ScriptedModel, assistant: str
) -> None:
    """Without an exposed player or an assistant there are no tools."""
    for state in hass.states.async_all("media_player"):
        async_expose_entity(hass, "conversation", state.entity_id, False)
    model.assistant = assistant
    assert await model.get_tools() == {}
    llm_context = llm.LLMContext("test", None, None, assistant, None)
    assert async_get_tools(hass, llm_context, "other") is None


ERRORS: list[tuple[str, str, dict[str, Any]]] = [
    ("is called attic", "play", {"query": "Undertow Disco", "player": "attic"}),
    ("Xyzzy", "play", {"query": "Xyzzy"}),
    ("Several players are possible", "set_sleep_timer", {"player": "upstairs", "minutes": 5}),
    ("is called attic", "group_players", {"players": ["kitchen", "attic"]}),
    ("which item", "change_queue", {"command": "remove"}),
    ("not in the queue", "change_queue", {"command": "play", "item": "Xyzzy"}),
    ("not in the queue", "change_queue", {"command": "play", "item": "0"}),
    ("not in the queue", "change_queue", {"command": "remove", "item": "99"}),
    ("needs a name", "change_queue", {"command": "save"}),
    ("no other player", "group_players", {"players": ["kitchen"]}),
    ("Nothing from Music Assistant is playing", "play_similar", {"player": "office"}),
    ("No other player is playing", "transfer", {"to_player": "kitchen"}),
    ("not available", "now_playing", {"player": "Guest Room"}),
    ("no playlist called Xyzzy", "add_to_playlist", {"playlist": "Xyzzy"}),
    ("expected int", "set_sleep_timer", {"minutes": "soon"}),
    ("at most 100", "set_group_volume", {"volume_percent": 101}),
]


async def test_errors(model: ScriptedModel, upstairs: None, subtests: pytest.Subtests) -> None:
    """An error is a result that says what is wrong; nothing is played by a guess."""
    for text, tool, arguments in ERRORS:
        with subtests.test(text, tool=tool):
            await model.expect_error(text, tool, **arguments)


async def test_floor_is_grouped(model: ScriptedModel, upstairs: None) -> None:
    """An area or a floor stands for all of its players in a group."""
    result = await model.call("group_players", players=["upstairs", "kitchen", "office"])
    assert result.data == {"leader": "Küche", "members": ["Büro", "Living Room"]}


async def test_no_players(hass: HomeAssistant, model: ScriptedModel) -> None:
    """A player that isn't exposed any more isn't found."""
    with pytest.raises(ServiceValidationError):
        find_player(hass, [], "Kitchen", MatchTargetsPreferences())
    with pytest.raises(ServiceValidationError):
        find_group(hass, [], [], MatchTargetsPreferences())


async def test_player_that_goes_without_saying(
    hass: HomeAssistant, model: ScriptedModel, server: MassServer
) -> None:
    """Without an area it is the only one that plays; what to play on has to be said."""
    model.device_id = None
    assert (await model.call("set_sleep_timer", minutes=5)).data["player"] == "Küche"
    await model.expect_error("Several players", "play", query="Undertow Disco")
    start_playback(server, "living_room")
    await model.harness.wait_for_events()
    await model.expect_error("Several players", "set_sleep_timer", minutes=5)
    await model.expect_error("Several players", "transfer", to_player="office")
    for state in hass.states.async_all("media_player"):
        exposed = state.entity_id == model.harness.get_entity_id("kueche")
        async_expose_entity(hass, "conversation", state.entity_id, exposed)
    assert (await model.call("play", query="Undertow Disco")).data["player"] == "Küche"
    await model.expect_error("is called office", "transfer", to_player="office")


async def test_leader_goes_for_group(model: ScriptedModel) -> None:
    """What a group plays is moved from its leader; a paused or stopped one can be grouped."""
    await model.call("group_players", players=["kitchen", "living room"])
    model.device_id = None
    moved = await model.call("transfer", to_player="office")
    assert moved.data == {"from": "Küche", "to": "Büro"}


async def test_blank_arguments(model: ScriptedModel) -> None:
    """Models fill in fields that they don't need with blanks."""
    result = await model.call("now_playing", player=" ")
    assert [row["player"] for row in cast("list[dict[str, Any]]", result.data["players"])] == [
        "Küche"
    ]


def test_stream_is_told_by_its_address() -> None:
    """What the server has no item for is told by its address."""
    assert describe_item({"uri": "http://example.com/stream.mp3"}).endswith("/stream.mp3")


async def test_sleep_timer_is_told(model: ScriptedModel) -> None:
    """What is playing says when the music stops."""
    timer = await model.call("set_sleep_timer", minutes=5)
    (row,) = cast("list[dict[str, Any]]", (await model.call("now_playing")).data["players"])
    assert row["stops_at"] == timer.data["stops_at"]


async def test_permissions(hass: HomeAssistant, model: ScriptedModel, server: MassServer) -> None:
    """The tools may do what the user may do, and tell what the user may see."""
    model.context = Context(user_id=MockUser(groups=[]).add_to_hass(hass).id)
    server.commands.clear()
    for request_ in REQUESTS:
        for tool, arguments in request_.calls:
            if tool in ("now_playing", "get_recommendations", "create_playlist"):
                continue
            if "query" in arguments and tool == "add_to_playlist":
                continue  # as the action
            result = await model.call(tool, **arguments)
            assert result.error, tool
    assert {command for command, _ in server.commands} <= {"info"}
    assert (await model.call("now_playing")).data == {"players": []}


async def test_mcp_server(
    hass: HomeAssistant, model: ScriptedModel, hass_client: ClientSessionGenerator
) -> None:
    """Home Assistant's MCP server offers the tools, and calls them."""
    data = {"llm_hass_api": ["assist"], "all_llm_apis": False, "require_admin": False}
    entry = MockConfigEntry(domain="mcp_server", data=data, version=1, minor_version=3)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    client = await hass_client()

    async def request(method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return its result."""
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        response = await client.post(
            "/api/mcp", json=message, headers={"Accept": "application/json"}
        )
        assert response.status == 200, await response.text()
        result: dict[str, Any] = (await response.json())["result"]
        return result

    tools = {tool["name"]: tool for tool in (await request("tools/list", {}))["tools"]}
    ours = {name for name in tools if name.startswith(f"{DOMAIN}__")}
    assert ours == {f"{DOMAIN}__{tool.name}" for tool in TOOLS}
    assert tools[f"{DOMAIN}__play"]["inputSchema"]["required"] == ["query"]
    arguments = {"query": "Undertow Disco", "player": "office"}
    result = await request("tools/call", {"name": f"{DOMAIN}__play", "arguments": arguments})
    assert json.loads(result["content"][0]["text"])["player"] == "Büro"
    arguments = {"query": "Undertow Disco", "player": "attic"}
    result = await request("tools/call", {"name": f"{DOMAIN}__play", "arguments": arguments})
    assert result["isError"]
    assert "attic" in result["content"][0]["text"]
