"""The log of events and the unit of work that writes it."""
