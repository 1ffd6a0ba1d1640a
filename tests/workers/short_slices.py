"""The Celery app as it is, with time slices of half a second: a test sees many publishers follow each other."""

from tasks import jobs
from workers.fleet.app import app

jobs.PUBLISH_SECONDS = 0.5

__all__ = ["app"]
