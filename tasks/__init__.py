"""What one unit of work does: a plain function, then its thin Celery job."""
