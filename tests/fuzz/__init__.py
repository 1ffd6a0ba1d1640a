"""Models and expressions nobody would write: made by grammars, changed at random, or nonsense from the start."""
