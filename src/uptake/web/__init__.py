"""Pages, charts, templates, static files."""
