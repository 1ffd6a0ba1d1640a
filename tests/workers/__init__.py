"""The processes we start, and how."""
