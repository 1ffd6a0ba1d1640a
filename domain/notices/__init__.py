"""What people are told of outside the list: when, whether it is still so, and how often it is tried."""
