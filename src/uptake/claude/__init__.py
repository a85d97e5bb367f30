"""Anthropic's API: the only room with the vendor's spelling. GET only, four paths, patient, evenly paced."""
