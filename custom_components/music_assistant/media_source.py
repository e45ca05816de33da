"""Media source of the servers' media."""

from dataclasses import replace
from typing import override

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
from .entities.browsing import async_browse_as_caller, check_sight
from .entry.permissions import Access, get_requesting_user, has_access
from .media.browse import raise_as
from .media.browse_id import build_source_identifier, create_not_found_error, get_item_uri
from .media.search import async_search
from .media.streams import async_get_stream, build_stream_path, get_public_stream


async def async_get_media_source(hass: HomeAssistant) -> MusicAssistantSource:
    """Return the media source."""
    return MusicAssistantSource(hass)


class MusicAssistantSource(MediaSource):
    """Represent the media of all servers.

    Most media can only be played on players of Music Assistant. Media with a public URL, such
    as many radio stations and episodes, can be played on any media player, and browsers play
    samples of tracks.
    """

    name = DEFAULT_TITLE

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize the media source."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        entries = self._get_entries()
        if not item.identifier and len(entries) != 1:
            return _build_root(entries)
        coordinator, content_id = self._resolve_identifier(item.identifier)
        with raise_as(BrowseError, coordinator.name):
            node = await async_browse_as_caller(
                coordinator, lambda browser: browser.async_open(content_id)
            )
        return _convert_node(coordinator, node)

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        coordinator, content_id = self._resolve_identifier(item.identifier)
        query = replace(query, media_content_id=content_id)
        with raise_as(SearchError, coordinator.name):
            search = await async_browse_as_caller(
                coordinator, lambda browser: async_search(browser, query)
            )
        return SearchMedia(result=[_convert_node(coordinator, node) for node in search.result])

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        with raise_as(Unresolvable, DEFAULT_TITLE):
            coordinator, content_id = self._resolve_identifier(item.identifier)
            uri = get_item_uri(coordinator.config_entry.entry_id, content_id)
            media_item = await coordinator.mass.music.get_item_by_uri(uri)
            # without a player it is for a browser, to which samples are better than nothing
            stream = (
                get_public_stream(media_item)
                if item.target_media_player
                else await async_get_stream(coordinator.mass, media_item)
            )
        if stream is None:
            raise Unresolvable(
                translation_domain=DOMAIN,
                translation_key="only_on_our_players",
                translation_placeholders={"name": media_item.name, "server": coordinator.name},
            )
        if stream.needs_proxy and not item.target_media_player:
            path = build_stream_path(coordinator.config_entry.entry_id, uri)
            return PlayMedia(path, stream.mime_type)
        return PlayMedia(stream.address, stream.mime_type)

    def _get_entries(self) -> list[MusicAssistantConfigEntry]:
        """Return the entries of the servers of which the user sees a player."""
        user = get_requesting_user()
        entries = self.hass.config_entries.async_loaded_entries(DOMAIN)
        return [entry for entry in entries if has_access(self.hass, user, entry, Access.READ_ONE)]

    def _resolve_identifier(self, identifier: str | None) -> tuple[MusicAssistantCoordinator, str]:
        """Resolve an identifier to a coordinator and a content id.

        Raises BrowseError, and Unauthorized for a server of which the user sees no player.
        """
        entry_id, _, content_id = (identifier or "").partition("/")
        entries = self.hass.config_entries.async_loaded_entries(DOMAIN)
        for entry in entries if entry_id else self._get_entries():
            if entry.entry_id == entry_id or not entry_id:
                check_sight(entry.runtime_data)
                return entry.runtime_data, content_id
        raise create_not_found_error(identifier)


def _build_root(entries: list[MusicAssistantConfigEntry]) -> BrowseMediaSource:
    """Build the list of servers."""
    return _build_directory(
        None, DEFAULT_TITLE, [_build_directory(entry.entry_id, entry.title) for entry in entries]
    )


def _build_directory(
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


def _convert_node(coordinator: MusicAssistantCoordinator, node: BrowseMedia) -> BrowseMediaSource:
    """Convert a browse node to one of the media source."""
    children = [_convert_node(coordinator, child) for child in node.children or ()]
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=build_source_identifier(
            coordinator.config_entry.entry_id, node.media_content_id
        ),
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
