"""The demo's network: what this browser is behind, and a gateway that says so to the listener alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from abonent.demo.network.connection import Behind, behind

pytestmark = pytest.mark.django_db


class Listener(BaseHTTPRequestHandler):
    heard: list[dict[str, str]] = []

    def do_GET(self) -> None:
        Listener.heard.append(dict(self.headers.items()) | {"": self.path})
        self.send_response(302)
        self.send_header("Location", "http://testserver/login/network/back/?ticket=x")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        pass


@pytest.fixture
def listener(settings: Any) -> Iterator[list[dict[str, str]]]:
    Listener.heard = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.DEMO_RECOGNISER = f"http://127.0.0.1:{server.server_port}"
        yield Listener.heard
        server.shutdown()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("+7 900 000-00-01", Behind(number="+79000000001")),
        ("net-0000001", Behind(login="net-0000001")),
        ("", None),
        ("12345", None),
        ("a b", None),
        ("x" * 50, None),
        ("net\r\nX: y", None),
    ],
)
def test_it_understands_a_number_a_login_and_nothing(typed: str, found: Behind | None) -> None:
    assert behind(typed) == found


def test_id_13_the_gateway_says_who_is_there_and_takes_nothing_from_the_browser(listener: list[dict[str, str]]) -> None:
    client = Client()
    client.post("/phone/internet/", {"behind": "+79000000001", "open": "1"})
    answer = client.get("/phone/gateway/?nonce=1&host=testserver", HTTP_X_MSISDN="79000000002", HTTP_X_LINE="net-1")
    assert answer["Location"] == "http://testserver/login/network/back/?ticket=x"
    heard = {name.lower(): value for name, value in listener[0].items()}
    assert heard["x-msisdn"] == "79000000001"
    assert "x-line" not in heard
    assert heard[""] == "/?nonce=1&host=testserver"


def test_id_13_a_home_line_and_another_network(listener: list[dict[str, str]]) -> None:
    client = Client()
    client.get("/phone/gateway/?nonce=1")
    client.post("/phone/internet/", {"behind": "net-0000001", "open": "1"})
    client.get("/phone/gateway/?nonce=1")
    client.post("/phone/internet/", {"behind": ""})
    client.get("/phone/gateway/?nonce=1")
    assert [one.get("X-LINE") for one in listener] == [None, "net-0000001", None]
    assert not any("X-MSISDN" in one for one in listener)


def test_a_phone_that_is_off_is_in_no_network(listener: list[dict[str, str]]) -> None:
    client = Client()
    client.post("/phone/internet/", {"behind": "+79000000001"})
    client.post("/phone/switch/", {"number": "+79000000001", "on": "0"})
    client.get("/phone/gateway/?nonce=1")
    assert "X-MSISDN" not in listener[0]


def test_a_listener_that_is_not_there_leads_on_without_a_ticket(settings: Any) -> None:
    settings.DEMO_RECOGNISER = "http://127.0.0.1:1"
    assert Client().get("/phone/gateway/?nonce=1")["Location"] == "/login/network/back/"
    settings.DEMO_RECOGNISER = ""
    assert Client().get("/phone/gateway/?nonce=1").status_code == 404
