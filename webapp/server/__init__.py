"""How the process lives: put together, served, measured, kept from being held up."""
