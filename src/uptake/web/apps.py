"""Names this room for Django and keeps sign-in tokens out of Django's request log."""

from __future__ import annotations

import logging

from django.apps import AppConfig

from uptake.web.quiet import HideTokens


class WebConfig(AppConfig):
    name = "uptake.web"
    label = "web"

    def ready(self) -> None:
        # Django logs the path of what it refuses; the path of a sign-in link is a secret.
        for name in ("django.request", "django.security.csrf", "django.security.DisallowedHost"):
            logging.getLogger(name).addFilter(HideTokens())
