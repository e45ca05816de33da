"""What others say of themselves, fit to be shown and logged: anyone may write anything in it."""

import re
from typing import Final

# Characters that are shown of what another says.
LONGEST: Final = 300
# Between what makes a link or a picture of Markdown, and a tag of HTML.
_MARKUP: Final = re.compile(r"(?<=\])(?=[(\[])|(?<=<)(?=[a-z/!?])", re.IGNORECASE)
_NOTHING: Final = "\N{WORD JOINER}"


def quoted(said: object) -> str:
    """Return on one line what another says, without what would be more than text.

    It looks the same as plain text and as Markdown, where Home Assistant shows descriptions.
    """
    line = " ".join(str(said)[:LONGEST].split())
    return _MARKUP.sub(_NOTHING, "".join(sign for sign in line if sign.isprintable()))
