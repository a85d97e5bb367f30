"""How sure a share of people is: Wilson's interval, from what an answer shows and nothing else. Pure."""

from __future__ import annotations

from math import sqrt

from uptake.metrics.question import Cell

_Z = 1.6449
"""Nine times of ten."""


def interval(cell: Cell) -> tuple[float, float] | None:
    """The shares between which the true one lies nine times of ten, had the people been drawn from many like them; None
    where the cell tells of no people."""
    if cell.value is None or cell.numerator is None or not cell.denominator or cell.numerator > cell.denominator:
        return None
    n, p = float(cell.denominator), cell.numerator / cell.denominator
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    return round(max(middle - half, 0.0), 4), round(min(middle + half, 1.0), 4)
