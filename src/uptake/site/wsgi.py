"""The WSGI application, for waitress in `uptake serve` or any other server with threads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from uptake.site import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uptake.site.settings")

logs.configure()  # whoever serves: what is logged is redacted
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  every page and endpoint, so that the first visitor does not wait for them
