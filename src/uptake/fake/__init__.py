"""A made-up Claude organisation served over HTTP, for demo, tests, development and load."""
