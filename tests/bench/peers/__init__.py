"""The same organisation read by uptake and by ELT tools, each set up as its own documentation advises."""
