"""The audit becomes a chain: entries of before are numbered without a gap and chained without a key."""

import hmac
from datetime import UTC
from hashlib import sha256

import msgspec
from django.db import migrations, models

_NO_KEY = b"uptake: chained while sealed"
_FIELDS = ("actor", "role", "action", "subject", "outcome")


def chain(apps, schema_editor):  # type: ignore[no-untyped-def]
    before = apps.get_model("records", "AuditEntryBefore")
    entry = apps.get_model("records", "AuditEntry")
    end = apps.get_model("records", "AuditEnd")
    number, seal = 0, ""
    for old in before.objects.order_by("pk").iterator(2000):
        number += 1
        told = [number, old.at.astimezone(UTC).isoformat(), *(getattr(old, name) for name in _FIELDS), "", old.details, 0]
        line = seal.encode() + b"\n" + msgspec.json.encode(told, order="sorted")
        seal = hmac.new(_NO_KEY, line, sha256).hexdigest()
        kept = {name: getattr(old, name) for name in _FIELDS}
        entry.objects.create(id=number, at=old.at, details=old.details, key=0, seal=seal, **kept)
    end.objects.create(only=True, number=number, seal=seal)


class Migration(migrations.Migration):
    dependencies = [("records", "0004_people")]

    operations = [
        migrations.RenameModel("AuditEntry", "AuditEntryBefore"),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=254)),
                ("role", models.CharField(max_length=32)),
                ("action", models.CharField(max_length=64)),
                ("subject", models.CharField(blank=True, max_length=254)),
                ("outcome", models.CharField(default="done", max_length=32)),
                ("about", models.CharField(blank=True, db_index=True, max_length=64)),
                ("details", models.JSONField(default=dict)),
                ("key", models.PositiveIntegerField(default=0)),
                ("seal", models.CharField(max_length=64)),
            ],
            options={"ordering": ["-at", "-pk"]},
        ),
        migrations.CreateModel(
            name="AuditEnd",
            fields=[
                ("only", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                ("seal", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="KeptKey",
            fields=[
                ("version", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("sealed", models.BinaryField(null=True)),
                ("fingerprint", models.CharField(max_length=8)),
            ],
        ),
        migrations.RunPython(chain, migrations.RunPython.noop),
        migrations.DeleteModel("AuditEntryBefore"),
    ]
