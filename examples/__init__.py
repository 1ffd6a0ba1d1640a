"""Two process applications to run and to copy: `approval` and `invoicing`."""
