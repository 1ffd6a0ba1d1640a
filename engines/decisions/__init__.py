"""Decisions: FEEL expressions, DMN models, and what they decide about variables. Data in, data out."""
