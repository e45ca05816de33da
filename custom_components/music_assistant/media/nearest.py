"""Names that are nearest to a misspelt or misheard one, by edit distance."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from music_assistant_models.helpers import create_safe_string
from rapidfuzz.distance import OSA

from ..helpers.batching import in_batches
from ..helpers.transliteration import async_load_tables
from ..server.errors import COMMAND_ERRORS
from ..server.providers import LIBRARY_PROVIDER
from .library_lists import PAGE_SIZE, Item, LibraryList, LibraryReader, parse_item
from .query import MediaQuery, get_interpretations

# Similarity (0 to 1) from which a name is worth naming, and from which it is taken for the one meant
# where the user can't be asked.
MIN_SIMILARITY: Final = 0.6
SURE_SIMILARITY: Final = 0.75
# Nearest names in an error, at most.
MAX_SUGGESTIONS: Final = 3
# Items of a list up to which all names are compared. Of a longer list only those are that have a
# part of the name: the beginning or end of a word, of which so many are searched for.
MAX_LISTED: Final = 4 * PAGE_SIZE
MAX_PARTS: Final = 4
PART_LENGTH: Final = 4
# Seconds after which the names found until then are compared.
SEARCH_TIMEOUT: Final = 5

type Scored[T] = tuple[float, T]


class NameMatcher:
    """Compare names with the interpretations of a query, without case, accents and punctuation."""

    def __init__(self, query: MediaQuery) -> None:
        """Initialize the matcher."""
        texts = [interpretation.name for interpretation in get_interpretations(query)]
        self._names = {_normalize(text) for text in texts} - {""}
        words = {
            word for text in texts for word in create_safe_string(text, lowercase=True).split()
        }
        self._words = sorted(words, key=lambda word: (-len(word), word))

    def get_similarity(self, name: str) -> float:
        """Return how similar a name is, from 0 to 1; 0 below the lowest similarity that counts."""
        normalized = _normalize(name)
        return max(
            (
                OSA.normalized_similarity(normalized, name, score_cutoff=MIN_SIMILARITY)
                for name in self._names
            ),
            default=0.0,
        )

    def get_parts(self) -> list[str]:
        """Return parts of the longest words, one of which a similar name has most likely."""
        parts = (part for word in self._words for part in (word[:PART_LENGTH], word[-PART_LENGTH:]))
        return list(dict.fromkeys(part for part in parts if len(part) == PART_LENGTH))[:MAX_PARTS]


def _normalize(name: str) -> str:
    """Normalize a name for comparison."""
    return create_safe_string(name, lowercase=True, replace_space=True)


def sort_by_similarity[T](scored: Iterable[Scored[T]], minimum: float = MIN_SIMILARITY) -> list[T]:
    """Return the items that are similar enough, the most similar first."""
    similar = [one for one in scored if one[0] >= minimum]
    return [value for _, value in sorted(similar, key=lambda one: -one[0])]


async def async_find_nearest(
    reader: LibraryReader,
    query: MediaQuery,
    hits: Iterable[Item] = (),
    minimum: float = MIN_SIMILARITY,
) -> list[Item]:
    """Return items with similar names, of the library and of search results, the nearest first.

    The work is bounded, so in a large library a name may be missed.
    """
    await async_load_tables([query.name])
    matcher = NameMatcher(query)
    found: list[Scored[Item | dict[str, Any]]] = [
        (matcher.get_similarity(item.name), item) for item in hits
    ]
    library_lists = [
        library_list
        for library_list in reader.supported_lists().values()
        if library_list.media_type in query.media_types
    ]
    if not query.providers or LIBRARY_PROVIDER in query.providers:
        with suppress(TimeoutError):
            async with asyncio.timeout(SEARCH_TIMEOUT):
                await asyncio.gather(
                    *(
                        _async_compare_list(reader, library_list, matcher, found)
                        for library_list in library_lists
                    )
                )
    nearest = (
        parse_item(value) if isinstance(value, dict) else value
        for value in sort_by_similarity(found, minimum)
    )
    return list({item.uri: item for item in nearest if item}.values())


async def _async_compare_list(
    reader: LibraryReader,
    library_list: LibraryList,
    matcher: NameMatcher,
    found: list[Scored[Item | dict[str, Any]]],
) -> None:
    """Add the similar names of a list of the library; a list that can't be read has none."""
    with suppress(*COMMAND_ERRORS):
        count = await reader.async_get_count(library_list)
        for filters in _get_pages(count, matcher):
            payloads = await reader.async_get_list_payloads(library_list, **filters)
            await async_load_tables(str(payload.get("name")) for payload in payloads)
            async for payload in in_batches(payloads):
                similarity = matcher.get_similarity(str(payload.get("name")))
                if similarity:
                    found.append((similarity, payload))


def _get_pages(count: int, matcher: NameMatcher) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list to compare."""
    if count > MAX_LISTED:
        yield from ({"search": part} for part in matcher.get_parts())
    else:
        yield from ({"offset": offset} for offset in range(0, count, PAGE_SIZE))
