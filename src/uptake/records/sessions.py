"""Sign-in sessions: the cookie's value is never kept, only its hash; they end after 30 idle minutes and after 8 hours.

Django finds `SessionStore` here by its setting. Both limits are looked at whenever a session is read.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from uptake.records.models import WebSession

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
_NOTICE = timedelta(minutes=1)  # being seen is written down this often, not with every request


class SessionStore(DatabaseStore):
    """Django's sessions in the database, under the hash of their key."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._began_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[WebSession]:
        return WebSession

    def _get_session_from_db(self) -> WebSession | None:
        found = WebSession.objects.filter(session_key=hashed(self.session_key)).first()
        if found is None:
            self._session_key = None
            return None
        now = timezone.now()
        if over(found, now):
            found.delete()
            self._session_key = None
            return None
        if now - found.seen_at > _NOTICE:
            WebSession.objects.filter(pk=found.pk).update(seen_at=now)
        self._began_at = found.began_at
        return found

    def exists(self, session_key: str | None) -> bool:
        return WebSession.objects.filter(session_key=hashed(session_key)).exists()

    def create(self) -> None:
        self._began_at = None  # another id is another session, with eight hours of its own
        super().create()

    def create_model_instance(self, data: dict[str, Any]) -> WebSession:
        now = timezone.now()
        self._began_at = self._began_at or now
        return WebSession(
            session_key=hashed(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self._began_at + LONGEST,
            account_id=data.get("_auth_user_id"),
            began_at=self._began_at,
            seen_at=now,
            agent=data.get("agent", ""),
        )

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            WebSession.objects.filter(session_key=hashed(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        now = timezone.now()
        WebSession.objects.filter(began_at__lte=now - LONGEST).delete()
        WebSession.objects.filter(seen_at__lte=now - IDLE).delete()


def over(session: WebSession, now: datetime) -> bool:
    return now - session.seen_at > IDLE or now - session.began_at > LONGEST


def hashed(key: str | None) -> str:
    """What is kept of a cookie's value: 40 hex digits, from which nobody can make the cookie."""
    return hashlib.sha256(f"session:{key}".encode()).hexdigest()[:40] if key else ""
