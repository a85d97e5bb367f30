"""Lists part by part: how many at most, and from where on. A cursor names nobody and stays good while rows come and go."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

Most = Annotated[int, Query(ge=1, le=1000, description="Rows of a part, at most.")]
Digest = Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$", description="`next` of the part before.")]
