"""What templates need of words."""
