"""The words and rules of the house; no I/O, no Django."""
