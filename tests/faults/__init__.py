"""What we break on purpose, and what must be true afterwards."""
