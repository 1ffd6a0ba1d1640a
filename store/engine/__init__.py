"""What an engine keeps of its own: instances, incidents, records taken in, notes of workers that ended."""
