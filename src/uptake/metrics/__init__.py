"""One Question, one Answer. Only this room holds SQL."""
