"""The WSGI application, for waitress in `uptake serve` or any other server with threads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "uptake.site.settings")

application = get_wsgi_application()
