"""`python -m abonent.demo.elsewhere PORT`: the services, until told to stop."""

from __future__ import annotations

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from abonent.demo.elsewhere.app import Services

HOST = "localhost"


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each request."""

    daemon_threads = True


class Handler(WSGIRequestHandler):
    """Writes nothing down: the addresses hold codes."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        pass


def serve(port: int) -> None:
    """Answer on `port` of this machine."""
    application = Services(f"http://{HOST}:{port}")
    with make_server("127.0.0.1", port, application, server_class=Server, handler_class=Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
