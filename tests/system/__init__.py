"""A whole system as its users run it: started, killed and stopped through the command line."""
