"""What to fetch (plan), what to believe (guards), and the run that does it."""
