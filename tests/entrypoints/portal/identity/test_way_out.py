"""The way out: whoever is signed in finds it on every page."""

from __future__ import annotations

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import get_resolver

from abonent.domains.identity.models import Account
from tests.entrypoints.portal.identity.security.test_protection import addresses
from tests.entrypoints.staff.test_permissions import TABLE
from tests.factories import identity, lines, security, support

pytestmark = pytest.mark.django_db
# Not of the cabinet: the phone on screen, what a browser asks for by itself, the consoles of staff, tried below.
ELSEWHERE = ("/phone/", "/staff/", "/offline/", "/sw.js", "/manifest.webmanifest", "/callbacks/", "/demo/")
EXITS = ('action="/logout/"', 'action="/app/leave/"', 'action="/staff/logout/"')


def leads_out(answer: HttpResponseBase) -> bool:
    """Return whether the answer is a page with a way out, or no page at all."""
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return True
    return any(action in answer.content.decode() for action in EXITS)


def test_every_page_of_somebody_signed_in_leads_out() -> None:
    client = security.browser(lines.line())
    plain = [one for one in addresses(get_resolver().url_patterns) if "<" not in one and "^" not in one]
    pages = [one for one in plain if not one.startswith(ELSEWHERE)]
    assert len(pages) > 40
    assert not [address for address in pages if not leads_out(client.get(address))]


def test_pages_before_the_cabinet_lead_out_too() -> None:
    line = lines.line(number="+79000000001")
    client = Client()
    client.post("/login/", {"number": line.number})
    offer = client.post("/login/code/", {"code": identity.last_code(line.number)})["Location"]
    assert offer == identity.OFFER
    code = client.post("/login/confirm/", {"next": "/security/email/"})
    for address in (offer, "/login/offer/passkey/", "/login/confirm/?factor=1", code.get("Location", "/home/")):
        assert leads_out(client.get(address)), address
    Account.objects.update(off_at="2026-11-01T00:00Z")
    assert 'action="/logout/"' in client.get("/login/switched-off/").content.decode()


def test_a_stranger_is_offered_no_way_out() -> None:
    for address in ("/", "/login/", "/login/password/"):
        page = Client().get(address).content.decode()
        assert not any(action in page for action in EXITS)
        assert "data-signed-out" in page


def test_every_page_of_staff_leads_out() -> None:
    client = support.browser(support.agent("supervisor"))
    pages = [f"/{route}" for route, method in TABLE if method == "GET" and "<" not in route]
    assert not [address for address in pages if not leads_out(client.get(address))]
