"""The languages of scripts: their words, their statements, and what these mean."""
