"""What the gateway says, and the ticket that carries it: everything else is nobody."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from abonent.domains.identity.recognition_rules import (
    Fault,
    NotRecognised,
    Seen,
    Ticket,
    check,
    is_nonce,
    is_peer,
    nonce_of,
    origin_of,
    read,
    seen,
    sign,
    ticket_key,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = ticket_key("k" * 50)
TICKET = Ticket("mobile", "+79000000001", "lk.example", nonce_of("mine"), int(NOW.timestamp()), "1")


def heard(*headers: tuple[str, str]) -> Seen | None:
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return seen(raw, number_header="X-MSISDN", line_header="X-LINE", ranges=("+7900",))


@pytest.mark.parametrize("value", ["79000000001", "+79000000001", " 79000000001\t"])
def test_id_13_it_hears_a_number_of_ours(value: str) -> None:
    assert heard(("x-msisdn", value), ("host", "x")) == Seen("mobile", "+79000000001")


def test_id_13_it_hears_a_home_line() -> None:
    assert heard(("X-Line", "net-0000001")) == Seen("internet", "net-0000001")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("x-msisdn", "")],
        [("x-msisdn", "89000000001")],
        [("x-msisdn", "79010000001")],
        [("x-msisdn", "7900000000a")],
        [("x-msisdn", "79000000001, 79000000002")],
        [("x-msisdn", "79000000001;q=1")],
        [("x-msisdn", "\xb9\xb2\xb300000001")],
        [("x-msisdn", "7900000000100000")],
        [("x-msisdn", "79000000001"), ("x-msisdn", "79000000002")],
        [("x-msisdn", "79000000001"), ("x-msisdn", "79000000001")],
        [("x-msisdn", "79000000001"), ("x-line", "net-1")],
        # What a gateway that strips only the right name lets pass.
        [("x_msisdn", "79000000001")],
        [("X-Msisdn", "79000000001"), ("X_MSISDN", "79000000002")],
        [("x-line", "net-1"), ("x_line", "net-2")],
        [("x-line", "' or 1=1 --")],
        [("x-line", "a" * 41)],
        [("x-line", "\xe9t\xe9")],
        [("x-msisdn-", "79000000001")],
        [("x-forwarded-msisdn", "79000000001")],
    ],
    ids=range(20),
)
def test_id_13_whatever_else_is_said_names_nobody(headers: list[tuple[str, str]]) -> None:
    assert heard(*headers) is None


def test_a_ticket_comes_back_as_it_went() -> None:
    assert read(sign(TICKET, KEY), KEY) == TICKET
    check(TICKET, audience="lk.example", nonce=nonce_of("mine"), now=NOW + timedelta(seconds=60))
    check(TICKET, audience="lk.example", nonce=nonce_of("mine"), now=NOW - timedelta(seconds=5))


def forged() -> list[str]:
    whole = sign(TICKET, KEY)
    body, _, signature = whole.partition(".")
    other = base64.urlsafe_b64encode(json.dumps({"name": "+79000000002"}).encode()).decode().rstrip("=")
    return [
        "", ".", "x", "x.y", body, f"{body}.", f".{signature}", f"{other}.{signature}", f"{body}.{signature[:-1]}0",
        f"{body}.{signature}.{signature}", whole + "x", whole.upper(), f"{body}=.{signature}", "é" * 20, "\x00" * 20,
        "a" * 100_000, sign(TICKET, ticket_key("z" * 50)), sign(TICKET, b""),
    ]  # fmt: skip


@pytest.mark.parametrize("text", forged(), ids=range(len(forged())))
def test_a_forged_ticket_is_none(text: str) -> None:
    with pytest.raises(NotRecognised) as caught:
        read(text, KEY)
    assert caught.value.fault is Fault.FORGED


@pytest.mark.parametrize(
    ("ticket", "audience", "held", "now", "fault"),
    [
        (TICKET, "lk.example", "another", NOW, Fault.FORGED),
        (TICKET, "lk.example", "", NOW, Fault.FORGED),
        (TICKET, "evil.example", "mine", NOW, Fault.FORGED),
        (TICKET, "lk.example:8443", "mine", NOW, Fault.FORGED),
        (TICKET, "lk.example", "mine", NOW + timedelta(seconds=61), Fault.EXPIRED),
        (TICKET, "lk.example", "mine", NOW - timedelta(seconds=6), Fault.EXPIRED),
        (replace(TICKET, made_at=0), "lk.example", "mine", NOW, Fault.EXPIRED),
    ],
)
def test_a_ticket_is_for_one_browser_one_host_and_one_minute(
    ticket: Ticket, audience: str, held: str, now: datetime, fault: Fault
) -> None:
    with pytest.raises(NotRecognised) as caught:
        check(ticket, audience=audience, nonce=nonce_of(held), now=now)
    assert caught.value.fault is fault


def test_what_is_known_of_the_words_a_browser_holds_does_not_give_them_away() -> None:
    assert is_nonce(nonce_of("words"))
    assert "words" not in nonce_of("words")
    assert not is_nonce("words")


@pytest.mark.parametrize(
    ("host", "allowed", "https", "origin"),
    [
        ("lk.example", ("lk.example",), True, "https://lk.example"),
        ("lk.example", ("lk.example",), False, "http://lk.example"),
        ("my.lk.example", (".lk.example",), True, "https://my.lk.example"),
        ("localhost:8000", ("*",), False, "http://localhost:8000"),
        ("127.0.0.1:8000", ("*",), False, "http://127.0.0.1:8000"),
        ("evil.example", ("lk.example",), True, None),
        ("evil.example", ("*",), True, None),
        ("lk.example:8443", ("lk.example",), True, None),
        ("lk.example.evil.example", ("lk.example",), True, None),
        ("lk.example@evil.example", ("lk.example",), True, None),
        ("lk.example/x", ("lk.example",), True, None),
        ("lk.example\r\nX: y", ("lk.example",), True, None),
        ("evil.example#lk.example", ("lk.example",), True, None),
        ("LK.EXAMPLE", ("lk.example",), True, None),
        ("", ("lk.example", "*"), True, None),
        ("localhost.evil.example", ("*",), False, None),
    ],
)
def test_a_ticket_goes_back_to_hosts_of_ours_only(
    host: str, allowed: tuple[str, ...], https: bool, origin: str | None
) -> None:
    assert origin_of(host, allowed=allowed, https=https) == origin


def test_only_the_gateway_is_heard() -> None:
    peers = [ip_network("10.20.0.0/24"), ip_network("2001:db8::/64")]
    assert [is_peer(one, peers) for one in ("10.20.0.7", "::ffff:10.20.0.7", "2001:db8::1")] == [True] * 3
    assert [is_peer(one, peers) for one in ("10.20.1.7", "", "x", "::1", "10.20.0.7, 1.1.1.1")] == [False] * 5
