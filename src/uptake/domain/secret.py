"""Secret: a value that cannot be shown by accident. Text, repr and format give stars; JSON, pickle and copy refuse."""

from __future__ import annotations

from typing import NoReturn

STARS = "***"


class Secret:
    """Holds one secret text. Only `expose()` gives it out; a test lists the two files that may call it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def expose(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return STARS

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return STARS

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled or copied")
