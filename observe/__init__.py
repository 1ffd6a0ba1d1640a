"""What every floor uses to be seen: structured logs and metrics."""
