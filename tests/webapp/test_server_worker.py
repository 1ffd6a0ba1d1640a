"""The web server's worker over a real connection, without the processes around it."""

import gevent
from gevent import socket
from gunicorn.config import Config
from gunicorn.glogging import Logger

from webapp.server.worker import ServerWorker


def test_a_connection_that_the_end_of_the_server_cuts_off_is_just_closed():
    """A 500 on a connection that waits would be taken for the answer to the request that comes next."""
    settings = Config()
    settings.set("loglevel", "critical")
    held, client = socket.socketpair()
    with held, client:
        worker = ServerWorker(1, 0, [], None, 30, settings, Logger(settings))
        handling = gevent.spawn(worker.handle, client, client, "")
        gevent.sleep(0.05)
        handling.kill()
        assert held.recv(1000) == b""
        worker.tmp.close()
