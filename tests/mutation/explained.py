"""Mutants of the sample that survive, and why no test is to notice them."""

from collections.abc import Mapping
from typing import Final

_PATH: Final = "custom_components/music_assistant"
EXPLAINED: Final[Mapping[str, str]] = {
    f"{_PATH}/server/client.py:Client.__init__: self.is_refused = False -> self.is_refused = None": (
        "equivalent: only whether it is true is asked"
    ),
    f"{_PATH}/players/playback_tracker.py:PlaybackTracker._release: 0.0 -> 1.0": (
        "equivalent: both are long ago"
    ),
    f"{_PATH}/players/saved_states.py:SavedStates._get_data_to_save: False -> True": (
        "equivalent: at most the same states are saved once more"
    ),
    (
        f"{_PATH}/server/queues.py:Queues._decode_queue: "
        '"the queue has another id" -> "THE QUEUE HAS ANOTHER ID"'
    ): "a text that isn't shown or logged: only the type of the error is",
    (
        f"{_PATH}/server/client.py:WebsocketConnection.__init__: "
        "self.clock_offset = 0.0 -> self.clock_offset = None"
    ): "equivalent: each connection sets it before it is read",
    (
        f"{_PATH}/server/logs.py:_RedactingFilter.__init__: "
        "allable[[], Iterable[str]]] = {} -> allable[[], Iterable[str]]] = None"
    ): "runs at import, where mutants can't be applied; each test with a token would fail",
    f'{_PATH}/share_links/normalize.py:parse_title: "" -> "XXXX" #2': (
        "equivalent: no live album is called so, and the text is used for nothing else"
    ),
    (
        f"{_PATH}/media/query.py:_build_words: "
        """before + word + ("" if word.endswith("'") els -> """
        """before + word - ("" if word.endswith("'") els"""
    ): "runs at import, where mutants can't be applied; the import would fail",
}
