"""What replay, rebuild and reconcile read and keep."""
