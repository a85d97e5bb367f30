"""Pages, charts, templates, static files. Asks metrics and actions; decides nothing itself."""
