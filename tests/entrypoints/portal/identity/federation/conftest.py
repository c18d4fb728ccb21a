"""Other services on this machine, honest ones and others, and a browser that goes there and back."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from wsgiref.simple_server import WSGIServer, make_server

import pytest
import requests
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from abonent.config.environment_logins import Login
from abonent.demo.elsewhere.__main__ import Handler
from abonent.demo.elsewhere.app import Answer, Asked, Services, _json

VERA, LEV = "100000001", "100000002"


class Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Played(Services):
    """Services that can be made to lie: `lies` maps an address to what it answers instead."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.lies: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.calls: list[str] = []

    def _answer(self, asked: Asked) -> Answer:
        self.calls.append(asked.path)
        lie = self.lies.get(asked.path)
        if lie is None:
            return super()._answer(asked)
        return lie(asked) if callable(lie) else lie if isinstance(lie, Answer) else _json(lie)


@pytest.fixture(scope="session")
def played() -> Iterator[Played]:
    with make_server("127.0.0.1", 0, None, server_class=Threads, handler_class=Handler) as server:  # type: ignore[arg-type]
        services = Played(f"http://localhost:{server.server_port}")
        server.set_app(services)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield services
        server.shutdown()


@pytest.fixture
def services(played: Played, settings: Any) -> Played:
    """Put the services into the settings, as the demo does."""
    address = played.issuer.removesuffix("/openid")
    settings.LOGINS = {
        login.id: login
        for login in (
            Login("vk", "vk", "VK", "demo-vk", "demo-vk-secret", address=f"{address}/vk"),
            Login("odnoklassniki", "odnoklassniki", "Odnoklassniki", "demo-ok", "demo-ok-secret", "demo-ok-key",
                  address=f"{address}/ok"),
            Login("other", "openid_connect", "Another service", "demo-other", "demo-other-secret",
                  issuer=played.issuer),
        )
    }  # fmt: skip
    played.lies, played.claims, played.calls = {}, {}, []
    cache.clear()
    return played


@dataclass
class Traveller:
    """A browser that goes to a service and comes back."""

    client: Client = field(default_factory=lambda: Client(HTTP_HOST="localhost"))

    def leave(self, service: str, wanted: str = "/home/") -> str:
        """Press the button on the sign-in page; return where the page leads on to."""
        page = self.client.post(f"/login/with/{service}/", {"next": wanted})
        assert page.status_code == 200, page.content.decode()
        return address_of(page)

    def choose(self, address: str, person: str = VERA) -> str:
        """Choose a person at the service; return where it leads back to, as seen from the site's root."""
        parts = urlsplit(address)
        fields = dict(parse_qsl(parts.query))
        answer = requests.post(
            f"{parts.scheme}://{parts.netloc}{parts.path}", data=fields | {"person": person}, allow_redirects=False,
            timeout=10,
        )  # fmt: skip
        assert answer.status_code == 303, answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def go(self, service: str, person: str = VERA, wanted: str = "/home/") -> HttpResponse:
        """Go there and back."""
        return self.client.get(self.choose(self.leave(service, wanted), person))


def address_of(page: Any) -> str:
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.content.decode())
    assert found
    return html.unescape(found[1])


@pytest.fixture
def traveller() -> Traveller:
    return Traveller()
