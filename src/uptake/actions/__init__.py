"""Everything that changes something: one function, one permission, one audit word."""
