"""The real server in a thread of the test, whose parts the test can reach."""

import http.client
import threading
from contextlib import closing, contextmanager

from waiting import PATIENCE_SECONDS

from leadbook.app import create_app
from leadbook.server.front import Front
from leadbook.server.listener import listen_on_loopback


@contextmanager
def served(path, **settings):
    """Serve a database from a thread; yield the server and what sends it a GET."""
    app = create_app({"DATABASE": path, "SYNCHRONOUS": "off", **settings})
    server = Front(app, listener := listen_on_loopback("127.0.0.1", 0), 4)
    running = threading.Thread(target=server.run)
    address = "{}:{}".format(*listener.getsockname())

    def get(target):
        with closing(http.client.HTTPConnection(address, timeout=30)) as connection:
            connection.request("GET", target)
            with connection.getresponse() as answer:
                return answer.status, answer.headers, answer.read()

    running.start()
    try:
        yield server, get
    finally:
        server.stop()
        running.join(PATIENCE_SECONDS)
        app.extensions["leadbook"].close()
