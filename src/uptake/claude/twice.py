"""Whether a page names a key twice. JSON does not say which of two values counts, and our decoder takes the last silently.

Only a page's first row is looked at: who writes keys twice does so in every row, and looking at all would cost more than
decoding them.
"""

from __future__ import annotations

import re

# A string without an end is taken to the end of what is looked at: trying again from each of its quotes takes for ever.
_TOKEN = re.compile(rb'("(?:[^"\\]++|\\.)*+"?)(\s*+:)?|[{}]', re.DOTALL)
_LONGEST = 1 << 16


def names_a_key_twice(body: bytes) -> bool:
    """Whether an object within the first row of `data` has the same key twice."""
    start = body.find(b"{", body.find(b'"data"') + 1)
    open_objects: list[set[bytes]] = []
    for token in _TOKEN.finditer(body, max(0, start), max(0, start) + _LONGEST):
        text, colon = token.group(1), token.group(2)
        if text is not None:
            if colon is None or not open_objects:
                continue
            if text in open_objects[-1]:
                return True
            open_objects[-1].add(text)
        elif token.group() == b"{":
            open_objects.append(set())
        elif open_objects:
            open_objects.pop()
            if not open_objects:
                return False
    return False
