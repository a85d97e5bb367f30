"""Rows."""

from faults.matrix import Row

ROWS: tuple[Row, ...] = ()
