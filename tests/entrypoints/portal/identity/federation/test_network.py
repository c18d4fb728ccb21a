"""Entry by the operator's own network: there, to the listener, and back; nobody else's word counts."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.test import Client, RequestFactory

from abonent.domains.identity.models import Account, SignIn
from abonent.domains.identity.recognition_rules import Ticket, sign, ticket_key
from abonent.domains.lines import models as line_models
from abonent.domains.lines import queries
from abonent.entrypoints.recogniser.listener import Options, recognise
from abonent.foundation.clock import now
from abonent.web.middleware import network_claims
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
KEY = "k" * 50
HEADERS = ["X-MSISDN", "X-LINE", "x_msisdn", "X_LINE"]


@pytest.fixture(autouse=True)
def a_recogniser(settings: Any) -> None:
    settings.RECOGNISER_URL = "http://id.example/"
    settings.RECOGNISER_KEY = KEY
    settings.ALLOWED_HOSTS = ["lk.example", "other.example", "testserver"]


def browser() -> Client:
    return Client(HTTP_HOST="lk.example")


def listen(address: str, said: dict[str, str], key: str = KEY) -> str:
    """Let the listener hear what the gateway said; return the way back, as seen from the site's root."""
    options = Options(
        ticket_key(key), ("lk.example", "other.example"), False, "X-MSISDN", "X-LINE", ("+7900",),
        (ip_network("10.0.0.0/8"),),
    )  # fmt: skip
    headers = [(name.lower().encode(), value.encode()) for name, value in said.items()]
    answer = recognise(options, method="GET", peer="10.0.0.1", query=urlsplit(address).query.encode(), headers=headers)
    assert answer.status == 302, answer
    back = urlsplit(answer.location)
    return f"{back.path}?{back.query}"


def way(client: Client, number: str = "79000000001", wanted: str = "/home/") -> str:
    left = client.get("/login/network/", {"next": wanted})
    assert left["Location"].startswith("http://id.example/?nonce=")
    return listen(left["Location"], {"X-MSISDN": number})


def nobody_came(client: Client) -> None:
    assert SESSION_KEY not in client.session
    assert SignIn.objects.count() == Account.objects.count() == 0


def test_id_13_whoever_comes_through_the_own_network_is_in_at_once() -> None:
    line = lines.line(number=NUMBER)
    client = browser()
    came = client.get(way(client, wanted="/expenses/"))
    assert came.status_code == 302
    assert client.session[SESSION_KEY] == str(queries.account_of(line.id))
    assert SignIn.objects.get().way == "network"
    # Everyday rights: whoever shares the connection is here, too.
    assert client.get("/home/").status_code == 200
    assert client.get("/statement/")["Location"].startswith("/login/confirm/")


def test_id_13_a_home_line_opens_its_own() -> None:
    line = lines.line(number="net-1", service="internet")
    client = browser()
    back = listen(client.get("/login/network/")["Location"], {"X-LINE": "net-1"})
    client.get(back)
    assert client.session["line"] == line.id


def test_id_13_a_ticket_counts_once() -> None:
    lines.line(number=NUMBER)
    client = browser()
    back = way(client)
    held = client.cookies["network"].value
    assert client.get(back).status_code == 302
    client.post("/logout/")
    assert client.get(back).status_code == 400
    client.cookies["network"] = held
    assert client.get(back).status_code == 400
    assert SESSION_KEY not in client.session
    assert SignIn.objects.count() == 1


def test_id_13_a_ticket_is_for_the_browser_that_was_sent() -> None:
    lines.line(number=NUMBER)
    back = way(browser())
    for stranger in (browser(), browser()):
        stranger.get("/login/network/")
        assert stranger.get(back).status_code == 400
        nobody_came(stranger)
    assert browser().get(back).status_code == 400


def test_id_13_a_lured_browser_gives_its_ticket_to_nobody() -> None:
    """The attacker's nonce, opened on the victim's phone: the ticket comes back to the victim and fits nowhere."""
    lines.line(number=NUMBER)
    attacker, victim = browser(), browser()
    back = listen(attacker.get("/login/network/")["Location"], {"X-MSISDN": "79000000001"})
    victim.get("/login/network/")
    assert victim.get(back).status_code == 400
    nobody_came(victim)


def test_id_13_a_ticket_lives_a_minute_and_the_way_three() -> None:
    lines.line(number=NUMBER)
    client = browser()
    back = way(client)
    with time_machine.travel(now() + timedelta(seconds=62)):
        assert client.get(back).status_code == 400
    late = browser()
    asked = late.get("/login/network/")["Location"]
    with time_machine.travel(now() + timedelta(seconds=181)):
        assert late.get(listen(asked, {"X-MSISDN": "79000000001"})).status_code == 400
    nobody_came(client)


def test_id_13_a_ticket_for_another_host_is_none() -> None:
    lines.line(number=NUMBER)
    client = Client(HTTP_HOST="other.example")
    back = way(client)
    client.defaults["HTTP_HOST"] = "lk.example"
    assert client.get(back).status_code == 400
    nobody_came(client)


def test_id_13_a_ticket_of_another_key_is_none() -> None:
    lines.line(number=NUMBER)
    client = browser()
    asked = client.get("/login/network/")["Location"]
    assert client.get(listen(asked, {"X-MSISDN": "79000000001"}, key="z" * 50)).status_code == 400
    client.get("/login/network/")
    nonce = parse_qs(urlsplit(asked).query)["nonce"][0]
    made = Ticket("mobile", NUMBER, "lk.example", nonce, int(now().timestamp()), "1")
    assert client.get("/login/network/back/", {"ticket": sign(made, b"")}).status_code == 400
    nobody_came(client)


@pytest.mark.parametrize("host", ["evil.example", "lk.example.evil.example", "evil@lk.example"])
def test_a_forged_host_leads_no_ticket_elsewhere(host: str) -> None:
    assert Client().get("/login/network/", HTTP_HOST=host).status_code == 400


def test_id_13_whom_the_network_does_not_know_is_told_what_to_do() -> None:
    client = browser()
    for said in ({}, {"X_MSISDN": "79000000001"}, {"X-MSISDN": "79010000001"}, {"X-MSISDN": "79000000009"}):
        page = client.get(listen(client.get("/login/network/")["Location"], said))
        assert page.status_code == 200
        assert "Выключите Wi-Fi" in page.content.decode()
    nobody_came(client)


@pytest.mark.parametrize("name", HEADERS)
def test_id_13_what_is_said_to_the_site_itself_counts_for_nothing(name: str) -> None:
    lines.line(number=NUMBER)
    client = browser()
    key = "HTTP_" + name.upper().replace("-", "_")
    for address in ("/login/", "/login/network/", "/login/network/back/", "/home/"):
        client.get(address, **{key: "79000000001"})
        client.post(address, {"number": "x"}, **{key: "79000000001"})
    nobody_came(client)


def test_id_13_the_site_does_not_even_see_what_only_the_gateway_may_say() -> None:
    heard: dict[str, str] = {}

    def view(request: Any) -> Any:
        heard.update({name: value for name, value in request.META.items() if name.startswith("HTTP_X_")})
        return Client().get("/offline/")

    request = RequestFactory().get(
        "/", HTTP_X_MSISDN="79000000001", HTTP_X_LINE="net-1", HTTP_X_FORWARDED_FOR="1.1.1.1"
    )
    network_claims(view)(request)
    assert heard == {"HTTP_X_FORWARDED_FOR": "1.1.1.1"}


def test_id_18_a_sim_replaced_lately_is_told_and_opens_nothing() -> None:
    line = lines.line(number=NUMBER)
    identity.browser(line)
    start = now() - timedelta(hours=2)
    line_models.Sim.objects.create(
        line_id=line.id, imsi="250010000000001", since=start - timedelta(days=9), until=start
    )
    line_models.Sim.objects.create(line_id=line.id, imsi="250010000000002", since=start)
    client = browser()
    page = client.get(way(client))
    assert "меньше суток назад" in page.content.decode()
    assert SESSION_KEY not in client.session


def test_id_13_the_second_factor_is_asked_all_the_same() -> None:
    identity.browser(lines.line(number=NUMBER))
    Account.objects.update(has_second_factor=True)
    client = browser()
    assert client.get(way(client))["Location"] == "/login/second/"
    assert SESSION_KEY not in client.session


def test_id_13_without_a_recogniser_there_is_no_door(settings: Any) -> None:
    assert "/login/network/" in browser().get("/login/").content.decode()
    settings.RECOGNISER_URL = ""
    client = browser()
    assert "/login/network/" not in client.get("/login/").content.decode()
    assert client.get("/login/network/").status_code == 404
    assert client.get("/login/network/back/?ticket=x").status_code == 404


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "a" * 4000, "é", "null"])
def test_any_cookie_is_a_stranger(value: str) -> None:
    lines.line(number=NUMBER)
    back = way(browser())
    client = browser()
    assert client.get(back, HTTP_COOKIE=f"network={value}").status_code == 400
    nobody_came(client)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options", "trace"])
def test_a_strange_method_is_refused(method: str) -> None:
    for address in ("/login/network/", "/login/network/back/"):
        assert getattr(browser(), method)(address).status_code == 405


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_id_13_no_foreign_page_signs_anybody_in(site: str) -> None:
    lines.line(number=NUMBER)
    led = browser().get("/login/network/", {"next": "/expenses/"}, headers={"Sec-Fetch-Site": site})
    assert led["Location"] == "/login/?next=%2Fexpenses%2F"
    assert "network" not in led.cookies
    for own in ("same-origin", "none"):
        left = browser().get("/login/network/", headers={"Sec-Fetch-Site": own})
        assert left["Location"].startswith("http://id.example/?nonce=")
