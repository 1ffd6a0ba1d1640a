"""What people ask of lists: one meaning, for the database, for the live list and for tests alike."""
