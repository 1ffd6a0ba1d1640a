"""What a web process knows of the last minutes."""
