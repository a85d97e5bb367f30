"""People › Sources › SCIM: a token made and revoked, a group that gives a role, hostile names inert."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tests.web.conftest import SignedIn
from uptake.config import Settings
from uptake.records.models import AuditEntry, ScimGroup, ScimToken

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["ada", "hana", "ivan"])
def test_a_token_is_shown_once(signed_in: SignedIn, home: Settings, who: str) -> None:
    client = signed_in(f"{who}@acme.example")
    assert "/people/scim/" in client.get("/people/").content.decode()
    made = client.post("/people/scim/tokens/", {"name": "Entra <b>", "days": "90"}).content.decode()
    found = re.search(r'value="(uptake_scim_[^"]+)"', made)
    assert found
    again = client.get("/people/scim/").content.decode()
    assert found[1] not in again
    assert "Entra &lt;b&gt;" in again
    row = ScimToken.objects.get()
    assert row.expires_at is not None
    client.post(f"/people/scim/tokens/{row.pk}/revoke/")
    assert "revoked" in client.get("/people/scim/").content.decode()
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == ["scim.connect", "scim.revoke"]
    assert client.post("/people/scim/tokens/", {"days": "7"}).status_code == 400
    assert client.post(f"/people/scim/tokens/{row.pk}/revoke/").status_code == 400


def test_only_a_company_admin_says_what_a_group_gives(signed_in: SignedIn, home: Settings, now: datetime) -> None:
    row = ScimGroup.objects.create(name="<i>HR</i>", name_key="<i>hr</i>", created_at=now, changed_at=now)
    ivan = signed_in("ivan@acme.example")
    assert '<select id="role-' not in ivan.get("/people/scim/").content.decode()
    assert ivan.post("/people/scim/role/", {"group": row.pk, "role": "hr_admin"}).status_code == 403
    ada = signed_in("ada@acme.example")
    page = ada.get("/people/scim/").content.decode()
    assert "&lt;i&gt;HR&lt;/i&gt;" in page
    assert "company_admin" not in page
    assert ada.post("/people/scim/role/", {"group": row.pk, "role": "company_admin"}).status_code == 400
    assert ada.post("/people/scim/role/", {"group": row.pk, "role": "hr_admin"}).status_code == 302
    row.refresh_from_db()
    assert row.role == "hr_admin"
