"""What was worked out once is kept in memory under everything it depends on, so that it can never be out of date."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

_T = TypeVar("_T")


class Memo:
    """At most `size` values, the longest unused go first. Two threads may work out the same value; both are right."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], tuple[_T, bool]]) -> _T:
        """The value kept under the key, or a new one. `make` also says whether the value may be kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return cast(_T, self._values[key])
        value, keep = make()
        if keep:
            with self._lock:
                self._values[key] = value
                while len(self._values) > self._size:
                    self._values.popitem(last=False)
        return value
