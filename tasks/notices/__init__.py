"""Notices: made of events and of the clock, and delivered."""
