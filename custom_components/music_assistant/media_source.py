"""What there is to play, among Home Assistant's media sources."""

from dataclasses import replace
from typing import Final, override

from music_assistant_models.enums import ContentType, MediaType
from music_assistant_models.media_items import ItemMapping

from homeassistant.components.media_player import (
    BrowseError,
    BrowseMedia,
    MediaClass,
    SearchError,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.core import HomeAssistant

from .const import DEFAULT_TITLE, DOMAIN
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entities.browsing import async_for_caller
from .media.browse import raised_as
from .media.browse_id import item_of, nothing_there, source_identifier
from .media.library_lists import Item
from .media.search import async_search

# What a stream is; most are MP3, also of those that don't say.
MP3: Final = "audio/mpeg"
MIME_TYPES: Final = {
    ContentType.AAC: "audio/aac",
    ContentType.FLAC: "audio/flac",
    ContentType.OGG: "audio/ogg",
    ContentType.OPUS: "audio/ogg",
}


async def async_get_media_source(hass: HomeAssistant) -> MusicAssistantSource:
    """Return the source of all servers."""
    return MusicAssistantSource(hass)


class MusicAssistantSource(MediaSource):
    """The trees of the servers.

    Music Assistant plays on its players; only they can play what is found here. What has an
    address of its own, as many radio stations, plays anywhere.
    """

    name = DEFAULT_TITLE

    def __init__(self, hass: HomeAssistant) -> None:
        """Be called as the integration is."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        entries = self._entries()
        if not item.identifier and len(entries) != 1:
            return _servers(entries)
        coordinator, content_id = self._place(item.identifier)
        with raised_as(BrowseError, coordinator.name):
            opened = await async_for_caller(coordinator, lambda browser: browser.open(content_id))
        return _as_source(coordinator, opened)

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        coordinator, content_id = self._place(item.identifier)
        asked = replace(query, media_content_id=content_id)
        with raised_as(SearchError, coordinator.name):
            found = await async_for_caller(
                coordinator, lambda browser: async_search(browser, asked)
            )
        return SearchMedia(result=[_as_source(coordinator, hit) for hit in found.result])

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        with raised_as(Unresolvable, DEFAULT_TITLE):
            coordinator, content_id = self._place(item.identifier)
            uri = item_of(coordinator.config_entry.entry_id, content_id)
            found = await coordinator.mass.music.get_item_by_uri(uri)
        if stream := stream_of(found):
            return stream
        raise Unresolvable(
            translation_domain=DOMAIN,
            translation_key="only_on_our_players",
            translation_placeholders={"name": found.name, "server": coordinator.name},
        )

    def _entries(self) -> list[MusicAssistantConfigEntry]:
        return self.hass.config_entries.async_loaded_entries(DOMAIN)

    def _place(self, identifier: str | None) -> tuple[MusicAssistantCoordinator, str]:
        """Return whose tree an id is of, and the place in it; BrowseError if there is none."""
        entry_id, _, content_id = (identifier or "").partition("/")
        for entry in self._entries():
            if entry.entry_id == entry_id or not entry_id:
                return entry.runtime_data, content_id
        raise nothing_there(identifier)


def stream_of(item: Item) -> PlayMedia | None:
    """Return where an item can be heard without Music Assistant, if it has such an address."""
    if item.media_type is not MediaType.RADIO or isinstance(item, ItemMapping):
        return None
    for mapping in item.provider_mappings:
        if mapping.item_id.startswith(("http://", "https://")):
            return PlayMedia(
                mapping.item_id, MIME_TYPES.get(mapping.audio_format.content_type, MP3)
            )
    return None


def _servers(entries: list[MusicAssistantConfigEntry]) -> BrowseMediaSource:
    """Return the servers, to choose one of."""
    return _directory(
        None, DEFAULT_TITLE, [_directory(entry.entry_id, entry.title) for entry in entries]
    )


def _directory(
    identifier: str | None, title: str, children: list[BrowseMediaSource] | None = None
) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.APP,
        media_content_type=DOMAIN,
        title=title,
        can_play=False,
        can_expand=True,
        children=children,
        children_media_class=MediaClass.DIRECTORY,
    )


def _as_source(coordinator: MusicAssistantCoordinator, node: BrowseMedia) -> BrowseMediaSource:
    """Return a node of the tree as one of Home Assistant's media sources."""
    children = [_as_source(coordinator, child) for child in node.children or ()]
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=source_identifier(coordinator.config_entry.entry_id, node.media_content_id),
        media_class=node.media_class,
        media_content_type=node.media_content_type,
        title=node.title,
        can_play=node.can_play,
        can_expand=node.can_expand,
        can_search=node.can_search,
        children=None if node.children is None else children,
        children_media_class=node.children_media_class,
        thumbnail=node.thumbnail,
        not_shown=node.not_shown,
        search_media_classes=node.search_media_classes,
    )
