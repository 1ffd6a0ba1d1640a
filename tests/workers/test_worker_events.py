"""What workers say about themselves never holds up what they are for."""

from celery import Celery

from workers.fleet.worker_events import BoundedEvents


class Recorder:
    """Stands where kombu's producer does."""

    def __init__(self):
        self.asked = []

    def publish(self, _event, **options):
        self.asked.append(options)


def test_a_heartbeat_is_tried_twice_and_not_for_ever():
    app = Celery("events", events=BoundedEvents, set_as_current=False)
    dispatcher = app.events.Dispatcher(hostname="worker@test", enabled=False)
    dispatcher.enabled, dispatcher.producer = True, Recorder()
    dispatcher.send("worker-heartbeat", retry=True)
    dispatcher.send("worker-offline")
    assert [asked["retry_policy"]["max_retries"] for asked in dispatcher.producer.asked] == [1, 1]
    assert [asked["retry"] for asked in dispatcher.producer.asked] == [True, False]


def test_the_workers_use_it(monkeypatch, tmp_path):
    monkeypatch.setenv("TASKPOOL_HOME", str(tmp_path))
    from workers.fleet.app import app  # noqa: PLC0415 - reads the environment

    assert app.events.dispatcher_cls == BoundedEvents.dispatcher_cls
