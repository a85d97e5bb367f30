"""Identities at identity providers, and what was used once already."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0008_exports")]

    operations = [
        migrations.CreateModel(
            name="UsedOnce",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="ExpectedIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=40)),
                ("until", models.DateTimeField()),
                ("made_by", models.CharField(max_length=254)),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["account", "provider"], name="an_identity_is_expected_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="SignInIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("issuer", models.CharField(max_length=400)),
                ("subject", models.CharField(max_length=255)),
                ("provider", models.CharField(max_length=40)),
                ("linked_at", models.DateTimeField()),
                ("linked_by", models.CharField(max_length=254)),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identities",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["kind", "issuer", "subject"], name="an_identity_is_one_account")
                ]
            },
        ),
    ]
