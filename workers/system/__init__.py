"""How a whole system comes up, is watched, and goes down."""
