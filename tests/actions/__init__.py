"""Actions against the made-up organisation: the real database, real files, real HTTP."""
