"""What people ask for, and whether they may."""
