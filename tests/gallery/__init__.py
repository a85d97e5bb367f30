"""Every page and state as a picture, side by side: `python -m tests.gallery`."""
