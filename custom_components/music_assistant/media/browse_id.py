"""The ids of the tree: where one is in it, and what is played from there.

They are names ("albums"), URIs of items ("library://album/1"), and for whatever lies between
them URIs of our own ("music-assistant://albums?offset=500&limit=500"). Home Assistant's media
sources have them behind the id of an entry ("media-source://music_assistant/<entry>/albums").
"""

from dataclasses import asdict, dataclass
import re
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode

from homeassistant.components.media_player import BrowseError, MediaPlayerEnqueue

from ..const import DOMAIN

SCHEME: Final = "music-assistant"
ROOT: Final = ""
ITEM: Final = "item"
# The part of a list that a person likes.
FAVORITES: Final = "favorites"
_SOURCE: Final = f"media-source://{DOMAIN}/"
_TEXTS: Final = frozenset({"of", "part", "start"})
_NUMBERS: Final = frozenset({"offset", "limit"})
# A number as our own ids have it.
_NUMBER: Final = re.compile(r"\d{1,9}").fullmatch


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the tree: a node, of an item or a path, perhaps a part of it, from an offset on.

    `start` is what to begin with when the item is played: the URI of one that is in it, or the
    number of a chapter.
    """

    node: str
    of: str | None = None
    part: str | None = None
    start: str | None = None
    offset: int = 0
    limit: int | None = None

    @classmethod
    def parse(cls, content_id: str | None) -> Self:
        """Return the place that an id stands for; BrowseError if there is none."""
        scheme, separator, rest = (content_id or ROOT).partition("://")
        if not separator:
            return cls(scheme)
        if scheme != SCHEME:
            return cls(ITEM, of=content_id)
        node, _, query = rest.partition("?")
        given = dict(parse_qsl(query))
        texts = {name: given.pop(name) for name in given.keys() & _TEXTS}
        if not given.keys() <= _NUMBERS or not all(map(_NUMBER, given.values())):
            raise nothing_there(content_id)
        numbers = {name: int(number) for name, number in given.items()}
        return cls(node, texts.get("of"), texts.get("part"), texts.get("start"), **numbers)

    def __str__(self) -> str:
        """Return its id."""
        query = {name: value for name, value in asdict(self).items() if value and name != "node"}
        if self.of and query == {"of": self.of} and self.node == ITEM:
            return self.of
        return f"{SCHEME}://{self.node}?{urlencode(query)}" if query else self.node


def nothing_there(content_id: object) -> BrowseError:
    """Return the error of an id that stands for nothing."""
    return BrowseError(
        translation_domain=DOMAIN,
        translation_key="nothing_found",
        translation_placeholders={"name": str(content_id)},
    )


def to_play(content_id: str, enqueue: MediaPlayerEnqueue | None) -> tuple[str, str | None]:
    """Return what to play for an id, and which of its items to begin with.

    A track in an album or a playlist plays the whole from there on; put into a queue it is
    the track alone. Ids that aren't of the tree are what they say.
    """
    place = Place.parse(content_id) if content_id.startswith(f"{SCHEME}://") else None
    if place is None or place.node != ITEM or place.of is None or place.part:
        return content_id, None
    alone = enqueue in (MediaPlayerEnqueue.NEXT, MediaPlayerEnqueue.ADD)
    if alone and place.start and "://" in place.start:
        return place.start, None
    return place.of, place.start


def source_identifier(entry_id: str, content_id: str) -> str:
    """Return the id of a place among Home Assistant's media sources, without their scheme."""
    return f"{entry_id}/{content_id}" if content_id else entry_id


def content_of(entry_id: str, media_content_id: str) -> str | None:
    """Return the id of what a media source's id stands for, None if it isn't of this entry."""
    here, slash, content_id = media_content_id.removeprefix(_SOURCE).partition("/")
    if here != entry_id or not media_content_id.startswith(_SOURCE):
        return None
    return content_id if slash else ROOT


def item_of(entry_id: str, media_content_id: str) -> str:
    """Return the URI of the item that an id stands for by itself, wherever it is in the tree."""
    content_id = content_of(entry_id, media_content_id) or media_content_id
    return to_play(content_id, MediaPlayerEnqueue.ADD)[0]
