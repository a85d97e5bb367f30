"""Names this room for Django."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "uptake.web"
    label = "web"
