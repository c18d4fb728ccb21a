"""The listener behind the gateway: whom it hears, whom it names, where it sends people."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from abonent.domains.identity.recognition_rules import check, nonce_of, read, ticket_key
from abonent.entrypoints.recogniser.listener import Options, listener, recognise
from abonent.foundation.clock import now

KEY = ticket_key("k" * 50)
OPTIONS = Options(
    key=KEY, hosts=("lk.example",), https=True, number_header="X-MSISDN", line_header="X-LINE", ranges=("+7900",),
    peers=(ip_network("10.20.0.0/24"),),
)  # fmt: skip
NONCE = nonce_of("mine")
ASKED = f"nonce={NONCE}&host=lk.example".encode()
NUMBER = [(b"x-msisdn", b"79000000001")]


def ask(query: bytes = ASKED, headers: list[tuple[bytes, bytes]] = NUMBER, **other: str):
    return recognise(
        OPTIONS, method=other.get("method", "GET"), peer=other.get("peer", "10.20.0.7"), query=query, headers=headers
    )


def test_id_13_it_sends_the_browser_back_with_a_ticket_for_that_browser_and_host() -> None:
    answer = ask()
    assert answer.status == 302
    assert answer.location.startswith("https://lk.example/login/network/back/?ticket=")
    parts = urlsplit(answer.location)
    ticket = read(parse_qs(parts.query)["ticket"][0], KEY)
    check(ticket, audience="lk.example", nonce=NONCE, now=now())
    assert (ticket.service, ticket.name) == ("mobile", "+79000000001")
    assert ask().location != answer.location


def test_id_13_whom_the_gateway_does_not_name_comes_back_without_a_ticket() -> None:
    for headers in ([], [(b"x_msisdn", b"79000000001")], [(b"x-msisdn", b"79010000001")], NUMBER * 2):
        answer = ask(headers=headers)
        assert (answer.status, answer.location) == (302, "https://lk.example/login/network/back/")


@pytest.mark.parametrize("peer", ["10.20.1.1", "127.0.0.1", "", "::1", "8.8.8.8"])
def test_id_13_nobody_but_the_gateway_is_heard(peer: str) -> None:
    answer = ask(peer=peer)
    assert (answer.status, answer.location) == (403, "")


@pytest.mark.parametrize(
    "query",
    [
        b"", b"nonce=1&host=lk.example", f"nonce={NONCE}".encode(), f"nonce={NONCE}&host=evil.example".encode(),
        f"nonce={NONCE}&host=lk.example:8443".encode(), f"nonce={NONCE}&host=lk.example&host=evil.example".encode(),
        f"nonce={NONCE}&host=lk.example%0d%0aX: y".encode(), f"nonce={NONCE}&host=//evil.example".encode(),
        b"\xff=\xfe", b"&".join([b"a=1"] * 50), b"nonce=" + b"0" * 100_000, f"nonce={NONCE}&host=%00".encode(),
    ],
    ids=range(12),
)  # fmt: skip
def test_it_sends_nobody_elsewhere(query: bytes) -> None:
    answer = ask(query)
    assert (answer.status, answer.location) == (400, "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "X"])
def test_it_answers_reading_only(method: str) -> None:
    assert ask(method=method).status == 405


def test_it_speaks_to_a_server_and_lets_nobody_keep_its_answer() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {}

    scope = {"type": "http", "method": "GET", "query_string": ASKED, "headers": NUMBER, "client": ("10.20.0.7", 5)}
    asyncio.run(listener(OPTIONS)(scope, receive, send))
    headers = dict(sent[0]["headers"])
    assert sent[0]["status"] == 302
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"location"].startswith(b"https://lk.example/")
    with pytest.raises(NotImplementedError):
        asyncio.run(listener(OPTIONS)({"type": "websocket"}, receive, send))
