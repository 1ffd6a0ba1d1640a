"""What operators see and decide, and what is forgotten."""
