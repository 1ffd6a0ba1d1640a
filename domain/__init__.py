"""What is true and allowed: commands, events, decide, evolve, project, access. Pure, standard library only."""
