"""Expressions of models: data in, data out, and nothing that runs."""
