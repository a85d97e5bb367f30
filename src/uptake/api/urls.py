"""REST under /api/v1: the same questions and states as pages and commands, for other programs. Bearer tokens only."""

from __future__ import annotations

from uptake.api import findings, jobs, nowhere, persons, questions, standing, teams
from uptake.api.door import made

api = made("uptake", "How Claude is taken up across your organisation: counts only, never content.")
for part in (standing, questions, teams, findings, persons, jobs, nowhere):  # the last one takes whatever is left
    api.add_router("", part.router)
