"""What has come to a queue of the broker."""

import orjson
import pika

from store.messaging.topology import PROJECTOR


def purge(url):
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        connection.channel().queue_purge(PROJECTOR)


def first_seen(url):
    """Revisions by task, in the order of their first appearance."""
    seen = {}
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        while (got := channel.basic_get(PROJECTOR, auto_ack=True))[0] is not None:
            event = orjson.loads(got[2])
            revisions = seen.setdefault(event["subject"], [])
            if event["sequence"] not in revisions:
                revisions.append(event["sequence"])
    return seen
