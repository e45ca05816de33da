"""Tools for language models."""

from homeassistant.components.llm import LLMTools
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext

from .assist.players import get_exposed_players
from .assist.tools import TOOLS, MusicAssistantTool, build_prompt


@callback
def async_get_tools(hass: HomeAssistant, llm_context: LLMContext, api_id: str) -> LLMTools | None:
    """Return the tools for Assist, None unless a player is exposed to the assistant."""
    if api_id != LLM_API_ASSIST or not llm_context.assistant:
        return None
    players = get_exposed_players(hass, llm_context.assistant)
    if not players:
        return None
    return LLMTools(
        tools=[MusicAssistantTool(description) for description in TOOLS],
        prompt=build_prompt(players),
    )
