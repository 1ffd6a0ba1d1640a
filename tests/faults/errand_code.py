"""The approval application with code that fails now and then; what it does outside is noted in a file."""

import os
import random
import time
from pathlib import Path
from uuid import uuid4

from domain.errors import ExecutionFailed
from examples.approval.application import application
from tests.faults.errand_models import CALM, EFFECTS, FOLDER

LONG_SECONDS = 1.0


@application.service("errand_service")
def service(work, variables):
    """Writes, and then may fail: what it wrote must be gone with it."""
    marker = uuid4().hex
    work.data_entries.save(entry_type="errand", entry_id=variables["errand"], payload={"marker": marker})
    chance = 1.0 if _is_calm() else random.random()
    if chance < 0.15:
        raise ExecutionFailed("not today")
    if chance < 0.4:
        raise OSError("somebody is away")
    return {"marker": marker}


@application.job("errand_work", retries=2, backoff=0.5)
def work(_job, variables):
    """Has its effect, and then may fail or be cut short."""
    marker = uuid4().hex
    with (_folder() / EFFECTS).open("a") as file:
        file.write(f"{variables['errand']}\t{marker}\n")
    time.sleep(random.uniform(0, LONG_SECONDS))
    if not _is_calm() and random.random() < 0.35:
        raise OSError("somebody is away")
    return {"marker": marker}


def _is_calm():
    return (_folder() / CALM).exists()


def _folder():
    return Path(os.environ[FOLDER])
