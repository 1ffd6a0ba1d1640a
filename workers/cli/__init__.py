"""The command `taskpool`."""
