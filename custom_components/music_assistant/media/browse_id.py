"""Content ids of the browse tree.

A content id is the name of a node ("albums"), the URI of an item ("library://album/1"), or a
URI with parameters ("music-assistant://albums?offset=500&limit=500"). Home Assistant's media
sources have it after the id of a config entry ("media-source://music_assistant/<entry>/albums").
"""

from dataclasses import dataclass
import re
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode

from homeassistant.components.media_player import BrowseError, MediaPlayerEnqueue

from ..const import DOMAIN

SCHEME: Final = "music-assistant"
ROOT: Final = ""
ITEM: Final = "item"
RECOMMENDATIONS: Final = "recommendations"
# Node of the lists of favorites, and `children` of a list of the library with its favorites only.
FAVORITES: Final = "favorites"
_MEDIA_SOURCE_PREFIX: Final = f"media-source://{DOMAIN}/"
_TEXT_KEYS: Final = frozenset({"of", "part", "start"})
_NUMBER_KEYS: Final = frozenset({"offset", "limit"})
# Numbers are limited to nine digits.
_is_number: Final = re.compile(r"\d{1,9}").fullmatch


@dataclass(frozen=True, slots=True)
class BrowseId:
    """Represent a content id of the browse tree.

    `target` is the URI of an item, the path of a provider's folder or the id of a group of
    recommendations, `children` selects one list of it, `offset` and `limit` a range of that list.
    `start` is where playback of the item starts: the URI of one of its items, or the number of a
    chapter.
    """

    node: str
    target: str | None = None
    children: str | None = None
    start: str | None = None
    offset: int = 0
    limit: int | None = None

    @classmethod
    def parse(cls, content_id: str | None) -> Self:
        """Parse a content id; raises BrowseError if it is invalid."""
        scheme, separator, rest = (content_id or ROOT).partition("://")
        if not separator:
            return cls(scheme)
        if scheme != SCHEME:
            return cls(ITEM, target=content_id)
        node, _, query_string = rest.partition("?")
        query_items = dict(parse_qsl(query_string))
        texts = {name: query_items.pop(name) for name in query_items.keys() & _TEXT_KEYS}
        if not query_items.keys() <= _NUMBER_KEYS or not all(map(_is_number, query_items.values())):
            raise create_not_found_error(content_id)
        numbers = {name: int(number) for name, number in query_items.items()}
        return cls(node, texts.get("of"), texts.get("part"), texts.get("start"), **numbers)

    def __str__(self) -> str:
        """Return the content id."""
        values = {
            "of": self.target,
            "part": self.children,
            "start": self.start,
            "offset": self.offset,
            "limit": self.limit,
        }
        query = {key: value for key, value in values.items() if value}
        if self.target and query == {"of": self.target} and self.node == ITEM:
            return self.target
        return f"{SCHEME}://{self.node}?{urlencode(query)}" if query else self.node


def create_not_found_error(content_id: object) -> BrowseError:
    """Create the error for a content id at which nothing is found."""
    return BrowseError(
        translation_domain=DOMAIN,
        translation_key="nothing_found",
        translation_placeholders={"name": str(content_id)},
    )


def get_playback_target(content_id: str, enqueue: str | None) -> tuple[str, str | None]:
    """Return the id of the media to play for a content id, and the item of it to start with.

    A track of an album or a playlist plays the album or playlist from that track on, but is added
    to a queue alone. Ids that don't belong to the browse tree are returned unchanged. Raises
    BrowseError for an id of a list.
    """
    if not content_id.startswith(f"{SCHEME}://"):
        return content_id, None
    browse_id = BrowseId.parse(content_id)
    if browse_id.node != ITEM or browse_id.target is None or browse_id.children:
        raise create_not_found_error(content_id)
    is_single_item = enqueue in (MediaPlayerEnqueue.NEXT, MediaPlayerEnqueue.ADD)
    if is_single_item and browse_id.start and "://" in browse_id.start:
        return browse_id.start, None
    return browse_id.target, browse_id.start


def build_source_identifier(entry_id: str, content_id: str) -> str:
    """Build the identifier of a content id in Home Assistant's media sources."""
    return f"{entry_id}/{content_id}" if content_id else entry_id


def parse_media_source_id(entry_id: str, media_content_id: str) -> str | None:
    """Return the content id in a media source id, None if it is of another config entry."""
    source_entry_id, separator, content_id = media_content_id.removeprefix(
        _MEDIA_SOURCE_PREFIX
    ).partition("/")
    if source_entry_id != entry_id or not media_content_id.startswith(_MEDIA_SOURCE_PREFIX):
        return None
    return content_id if separator else ROOT


def get_item_uri(entry_id: str, media_content_id: str) -> str:
    """Return the URI of the item with a content id, wherever it is in the browse tree."""
    content_id = parse_media_source_id(entry_id, media_content_id) or media_content_id
    return get_playback_target(content_id, MediaPlayerEnqueue.ADD)[0]
