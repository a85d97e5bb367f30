"""Pages: routes, roles, headers, forms, words."""
