"""Whether every part does its work, and how far it is behind."""
