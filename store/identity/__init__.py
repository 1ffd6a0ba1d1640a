"""Who has signed in, and who may."""
