"""Anthropic's API: the only room with the vendor's spelling. GET only, a fixed list of paths."""
