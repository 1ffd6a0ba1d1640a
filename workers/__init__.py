"""How work is started: Celery app, publisher, projector, wiring, command line."""
