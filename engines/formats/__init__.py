"""Records as engines outside post them."""
