"""`python -m abonent.demo.acquirer PORT --file FILE --merchant ADDRESS`: the bank, until told to stop."""

from __future__ import annotations

import argparse
import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from abonent.demo.acquirer.app import BODY_MAX, Asked, Bank, fields_of

HOST = "127.0.0.1"
USER, PASSWORD, KEY = "orbita-api", "orbita-demo", "orbita-callbacks-of-the-demo"


class Server(ThreadingHTTPServer):
    """A thread for each request; a crowd may wait."""

    daemon_threads = True
    request_queue_size = 256
    bank: Bank


class Handler(BaseHTTPRequestHandler):
    """Hands requests to the bank, and its answers back, those it wants lost excepted. Writes nothing down."""

    server: Server
    timeout = 30

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        body = self.rfile.read(min(int(length), BODY_MAX) if length.isdecimal() else 0)
        path, _, query = self.path.partition("?")
        asked = Asked(
            method=self.command,
            path=path,
            query=fields_of(query),
            fields=fields_of(body.decode("utf-8", "replace")) if body else {},
            body=body,
            wished=self.headers.get("Accept-Language", ""),
            cookie=self.headers.get("Cookie", ""),
        )
        answer = self.server.bank.answer(asked)
        if answer is None:
            # The line goes dead: whoever asked never learns what became of it.
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
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
    parser.add_argument("--merchant", required=True, help="Where the shop is: its callbacks go there.")
    given = parser.parse_args()
    given.file.parent.mkdir(parents=True, exist_ok=True)
    bank = Bank(
        file=given.file,
        address=f"http://localhost:{given.port}",
        callback=f"{given.merchant}/callbacks/payments",
        user=os.environ.get("ABONENT_RBS_USER", USER),
        password=os.environ.get("ABONENT_RBS_PASSWORD", PASSWORD),
        key=os.environ.get("ABONENT_RBS_CALLBACK_KEY", KEY),
    )
    with Server((HOST, given.port), Handler) as server:
        server.bank = bank
        bank.callbacks.start()
        server.serve_forever()


if __name__ == "__main__":
    main()
