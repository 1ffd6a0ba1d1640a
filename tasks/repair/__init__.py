"""What is done to make the views true again: replay, rebuild, reconcile."""
