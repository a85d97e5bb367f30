"""Names this room for Django."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "uptake.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"
