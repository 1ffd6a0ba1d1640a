"""Events on their way out, who may ship them, what is parked, and when too much waits."""
