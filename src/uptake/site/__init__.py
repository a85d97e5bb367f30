"""Django's plumbing: settings, urls, wsgi."""
