"""What a person sees and does, in a real browser before a real installation."""
