"""SCIM's filters: read into a test of one document. The same language stands in a patch's path, between brackets.

Own, because the parser that comes with django-scim2 gives `or` and `and` the same weight, leaves out conditions on
attributes it does not know (so that more is found than was asked for), and takes neither \\" nor numbers above 9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from uptake.people.scim.kept import ENTERPRISE, GROUP, USER, Attribute
from uptake.people.scim.sieve import Wrong

Test = Callable[[Any], bool]

_LONGEST = 2_000
_DEEPEST = 20
_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))|(?P<mark>[()\[\]])|(?P<word>[A-Za-z$][\w$:.\-]*)'
    r"|(?P<sub>\.[A-Za-z$][\w$\-]*))"
)
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
_URNS = tuple(f"{urn}:".casefold() for urn in (USER, GROUP))


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as a test. `equals`: what certainly holds of whatever passes, as path to value; `names`: paths it looks at."""

    test: Test
    equals: Mapping[str, Any] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


def read(text: str, whole: Attribute) -> Filter:
    """A filter over whole documents, or over one value of several. Raises Wrong."""
    if len(text) > _LONGEST:
        raise _wrong("it is too long")
    reader = _Reader(_tokens(text), whole)
    found = reader.either()
    reader.end()
    return Filter(found.test, found.equals, frozenset(reader.names))


def find(path: str, whole: Attribute) -> tuple[Attribute, ...]:
    """The attributes a dotted path leads through, an optional schema before it; none where it is not kept."""
    lowered = path.casefold()
    for urn in _URNS:
        if lowered.startswith(urn):
            path = path[len(urn) :]
    if lowered == ENTERPRISE.casefold() or lowered.startswith(f"{ENTERPRISE}:".casefold()):
        names = [ENTERPRISE, *filter(None, path[len(ENTERPRISE) + 1 :].split("."))]
    else:
        names = path.split(".")
    steps: list[Attribute] = []
    for name in names:
        part = (steps[-1] if steps else whole).part(name)
        if part is None:
            return ()
        steps.append(part)
    return tuple(steps)


def _wrong(why: str) -> Wrong:
    return Wrong(f"The filter is not understood: {why}.", "invalidFilter")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong(f"what stands at character {at + 1}")
        found.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
        at = match.end()
    return found


class _Reader:
    """Recursive descent: either = both (or both)*, both = one (and one)*, one = not? ( either ) | path op value."""

    def __init__(self, tokens: list[tuple[str, str]], whole: Attribute) -> None:
        self._tokens, self._at, self._whole, self._depth = tokens, 0, whole, 0
        self.names: set[str] = set()

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise _wrong(f"there is more after word {self._at}")

    def either(self) -> Filter:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _wrong("it is too deep")
        parts = [self._both()]
        while self._word("or"):
            parts.append(self._both())
        self._depth -= 1
        tests = [part.test for part in parts]
        return parts[0] if len(parts) == 1 else Filter(lambda one: any(test(one) for test in tests))

    def _both(self) -> Filter:
        parts = [self._one()]
        while self._word("and"):
            parts.append(self._one())
        tests = [part.test for part in parts]
        equals = {name: value for part in parts for name, value in part.equals.items()}
        return parts[0] if len(parts) == 1 else Filter(lambda one: all(test(one) for test in tests), equals)

    def _one(self) -> Filter:
        denied = self._word("not")
        if self._mark("("):
            inner = self.either()
            self._expect(")")
            return Filter(lambda one: not inner.test(one)) if denied else inner
        if denied:
            raise _wrong("a bracket comes after not")
        return self._condition()

    def _condition(self) -> Filter:
        kind, path = self._next()
        if kind != "word":
            raise _wrong("an attribute is missing")
        steps = find(path, self._whole)
        if not steps:
            raise _wrong("there is no such attribute here")
        self.names.add(steps[0].name)
        if self._mark("["):
            return self._of_one_value(steps)
        return self._compared(steps)

    def _of_one_value(self, steps: tuple[Attribute, ...]) -> Filter:
        """`emails[type eq "work"]`, and Entra's `emails[type eq "work"].value eq "…"`."""
        outer, self._whole, names = self._whole, steps[-1], set(self.names)
        inner = self.either()
        self._expect("]")
        kind, sub = self._peek()
        more = None
        if kind == "sub":
            self._at += 1
            more = self._compared(_sub(steps[-1], sub[1:]))
        self._whole, self.names = outer, names
        tests = [part.test for part in (inner, more) if part is not None]
        return Filter(lambda one: any(all(test(value) for test in tests) for value in _values(one, steps)))

    def _compared(self, steps: tuple[Attribute, ...]) -> Filter:
        kind, operator = self._next()
        operator = operator.casefold()
        last = steps[-1]
        if last.kind == "complex" and operator != "pr":
            steps = (*steps, *_sub(last, "value"))
        if kind != "word" or operator not in _OPERATORS:
            raise _wrong("there is no such operator")
        if operator == "pr":
            return Filter(lambda one: any(value not in (None, "", [], {}) for value in _values(one, steps)))
        wanted = self._value()
        if operator in ("eq", "ne"):
            same = _same(steps[-1], wanted)
            if operator == "ne":
                return Filter(lambda one: not any(same(value) for value in _values(one, steps)))
            path = ".".join(step.name for step in steps)
            return Filter(lambda one: any(same(value) for value in _values(one, steps)), {path: wanted})
        test = _compares(steps[-1], operator, wanted)
        return Filter(lambda one: any(test(value) for value in _values(one, steps)))

    def _value(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            try:
                return msgspec.json.decode(text)
            except msgspec.DecodeError:
                raise _wrong("a text holds what no text does") from None
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "word" and text.casefold() in _CONSTANTS:
            return _CONSTANTS[text.casefold()]
        raise _wrong("a value is missing")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        self._at += 1
        return found

    def _word(self, word: str) -> bool:
        kind, text = self._peek()
        found = kind == "word" and text.casefold() == word
        self._at += found
        return found

    def _mark(self, mark: str) -> bool:
        found = self._peek() == ("mark", mark)
        self._at += found
        return found

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            raise _wrong(f"a {mark} is missing")


def _sub(attribute: Attribute, name: str) -> tuple[Attribute, ...]:
    part = attribute.part(name)
    if part is None:
        raise _wrong(f"{attribute.name} is an object; say which part of it")
    return (part,)


def _values(document: Mapping[str, Any], steps: Iterable[Attribute]) -> list[Any]:
    """Everything a path leads to; of several values each."""
    found: list[Any] = [document]
    for step in steps:
        found = [one[step.name] for one in found if isinstance(one, Mapping) and one.get(step.name) is not None]
        found = [value for one in found for value in (one if isinstance(one, list) else [one])]
    return found


def _folded(attribute: Attribute, value: Any) -> Any:
    return value.casefold() if isinstance(value, str) and not attribute.exact else value


def _same(attribute: Attribute, wanted: Any) -> Test:
    if attribute.kind == "boolean" and isinstance(wanted, str):
        wanted = _CONSTANTS.get(wanted.casefold(), wanted)
    wanted = str(wanted) if attribute.kind == "string" and isinstance(wanted, int | float) else wanted
    wanted = _folded(attribute, wanted)
    return lambda value: bool(_folded(attribute, value) == wanted)


def _compares(attribute: Attribute, operator: str, wanted: Any) -> Test:
    if not isinstance(wanted, str) or attribute.kind == "boolean":
        raise _wrong(f"{operator} takes a text here")
    wanted, compare = _folded(attribute, wanted), _OPERATORS[operator]
    return lambda value: isinstance(value, str) and bool(compare(_folded(attribute, value), wanted))


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "eq": str.__eq__, "ne": str.__ne__, "pr": lambda _one, _two: True,
    "co": str.__contains__, "sw": str.startswith, "ew": str.endswith,
    "gt": str.__gt__, "ge": str.__ge__, "lt": str.__lt__, "le": str.__le__,
}  # fmt: skip
