"""Ask for a job by name, from a process that is no worker."""

from __future__ import annotations

import struct
from typing import Any

from amqp.exceptions import AMQPError
from celery import Celery
from kombu.exceptions import KombuError

from domain.errors import BrokerUnavailable, Refused
from store.messaging.broker import tls_of
from store.messaging.topology import COMMANDS, engine_queue

CONFIRM_SECONDS = 8


def ask_engine(url: str, application: str, job: str, argument: dict[str, Any]) -> None:
    """Put a job on the application's command queue, where it waits if nobody works; raises `BrokerUnavailable`."""
    queue = engine_queue(application)
    celery = Celery("taskpool", broker=url, set_as_current=False)
    celery.conf.update(
        task_queues=[queue],
        task_default_queue=queue.name,
        task_default_exchange=COMMANDS.name,
        task_create_missing_queues=False,
        task_ignore_result=True,
        broker_transport_options={"confirm_publish": True},
        broker_use_ssl=tls_of(url),
    )
    try:
        celery.send_task(job, (argument,), mandatory=True, retry=False, confirm_timeout=CONFIRM_SECONDS)
    except (struct.error, ValueError) as error:
        raise Refused(f"no message can carry this request: {error}") from error
    except (AMQPError, KombuError, OSError) as error:
        raise BrokerUnavailable(f"RabbitMQ: {error or type(error).__name__}") from error
    finally:
        celery.close()
