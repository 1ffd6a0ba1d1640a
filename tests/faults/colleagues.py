"""A second publisher and a second projector, in this process: leases and guards are for when there are two."""

import threading
from uuid import uuid4

from domain.errors import BrokerUnavailable, StoreUnavailable
from store.messaging.event_queue import EventQueue
from store.messaging.exchange import EventExchange
from store.outbox.lanes import Leases
from tasks.project import Projector
from tasks.publish import Publisher


class Colleague:
    """Works in a thread of its own until the block is left; `done` counts what it did."""

    def __init__(self):
        self.done, self.failures = 0, []
        self.stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self._thread.join(timeout=60)

    def _run(self):
        try:
            self.work()
        except Exception as error:  # noqa: BLE001 - the run must say that it stopped working
            self.failures.append(f"{type(self).__name__} ended: {type(error).__name__}: {error}")


class SecondPublisher(Colleague):
    """Shares the lanes of an application with its publisher, and takes all of them while that one hangs."""

    def __init__(self, database, amqp_url, wakeups):
        super().__init__()
        self._exchange = EventExchange(amqp_url)
        self._leases = Leases(database, f"second publisher#{uuid4().hex}")
        self._publisher = Publisher(database, self._exchange, self._leases, wakeups)

    def work(self):
        while not self.stop.is_set():
            self.done += self._publisher.run(5.0, self.stop)
        self._leases.release()
        self._exchange.close()


class SecondProjector(Colleague):
    """Takes its share of the queue and writes to the same views."""

    def __init__(self, amqp_url, views, unwrap=None):
        super().__init__()
        self._amqp, self._views, self._unwrap = amqp_url, views, unwrap

    def work(self):
        while not self.stop.is_set():
            try:
                self._consume(EventQueue(self._amqp))
            except (BrokerUnavailable, StoreUnavailable, OSError):
                self.stop.wait(0.5)

    def _consume(self, queue):
        projector = Projector(self._views, queue.bury, unwrap=self._unwrap)
        for batch in queue.batches():
            if batch:
                self._apply(projector, queue, batch)
                queue.acknowledge(batch)
                self.done += len(batch)
            if self.stop.is_set():
                return

    def _apply(self, projector, queue, batch):
        while True:
            try:
                return projector.apply(batch)
            except StoreUnavailable:
                queue.pause(0.2)
