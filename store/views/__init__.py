"""The write side of the views in MongoDB."""
