"""Requests that somebody approves, rejects or returns."""
