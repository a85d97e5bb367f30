"""Sessions of our own, hashed; tokens with scopes; a cache that all processes share. Everybody signs in once more."""

import django.db.models.deletion
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models

_SCOPES = ["connection.view", "numbers.ask", "measures.read"]


def scope(apps, schema_editor):  # type: ignore[no-untyped-def]
    apps.get_model("records", "ApiToken").objects.update(scopes=_SCOPES)


def make_cache(apps, schema_editor):  # type: ignore[no-untyped-def]
    call_command("createcachetable", "records_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("records", "0005_audit_chain")]

    operations = [
        migrations.CreateModel(
            name="WebSession",
            fields=[
                ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key")),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(db_index=True)),
                ("agent", models.CharField(blank=True, max_length=60)),
                (
                    "account",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions", "abstract": False},
        ),
        migrations.AddField("apitoken", "name", models.CharField(blank=True, max_length=80)),
        migrations.AddField("apitoken", "scopes", models.JSONField(default=list)),
        migrations.AddField("apitoken", "revoked_at", models.DateTimeField(null=True)),
        migrations.RunPython(scope, migrations.RunPython.noop),
        # Cookies of before stood there in clear.
        migrations.RunSQL("DROP TABLE IF EXISTS django_session", migrations.RunSQL.noop),
        migrations.RunPython(make_cache, migrations.RunPython.noop),
    ]
