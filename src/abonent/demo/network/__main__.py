"""`python -m abonent.demo.network PORT --file FILE`: the switching part of the demo's network, until told to stop."""

from __future__ import annotations

import argparse
import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from abonent.demo.network.central_desk import Desk
from abonent.demo.network.switch import BODY_MAX, Asked, Switch

HOST = "127.0.0.1"
KEY = "orbita-provisioning-of-the-demo-0001"
PORTING_KEY = "orbita-porting-of-the-demo-000000001"


class Server(ThreadingHTTPServer):
    """A thread for each request; a crowd may wait."""

    daemon_threads = True
    request_queue_size = 256
    switch: Switch


class Handler(BaseHTTPRequestHandler):
    """Hands requests to the network, and its answers back, those it wants lost excepted. Writes nothing down."""

    server: Server
    timeout = 30

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        asked = Asked(
            method=self.command,
            path=self.path.partition("?")[0],
            body=self.rfile.read(min(int(length), BODY_MAX) if length.isdecimal() else 0),
            timestamp=self.headers.get("X-Abonent-Timestamp", ""),
            signature=self.headers.get("X-Abonent-Signature", ""),
            wished=self.headers.get("Accept-Language", ""),
        )
        answer = self.server.switch.answer(asked)
        if answer is None:
            # The line goes dead: whoever asked never learns what became of it.
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
        if answer.location:
            self.send_header("Location", answer.location)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        pass


def main() -> None:
    """Answer on the port of this machine."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--site", default="", help="where the central database of numbers tells of requests")
    given = parser.parse_args()
    given.file.parent.mkdir(parents=True, exist_ok=True)
    with Server((HOST, given.port), Handler) as server:
        porting_key = os.environ.get("ABONENT_PORTING_KEY", PORTING_KEY)
        central = Desk(file=given.file.with_name("central.sqlite"), key=porting_key, site=given.site)
        server.switch = Switch(file=given.file, key=os.environ.get("ABONENT_NETWORK_KEY", KEY), central=central)
        server.serve_forever()


if __name__ == "__main__":
    main()
