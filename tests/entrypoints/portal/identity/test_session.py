"""A session from its first page to its last: its id, its end, its fresh proofs, its line, where it leads."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.test import Client

from abonent.domains.identity import models
from abonent.domains.identity.models import Account, NumberGuard
from abonent.domains.lines import models as line_models
from abonent.domains.messaging.models import Message
from abonent.entrypoints.portal.visitor import safe_address
from abonent.foundation.clock import now
from tests.factories import customers, identity, lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"


def wait(**span: int) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(**span))


def test_a_session_gets_a_new_id_at_signing_in_whoever_held_it_before() -> None:
    line = lines.line(number=NUMBER)
    client = Client()
    client.cookies["session"] = "planted0planted0planted0planted0"
    identity.sign_in(client, line)
    first = client.session.session_key
    assert first != "planted0planted0planted0planted0"
    NumberGuard.objects.update(sends=[])
    client.post("/login/", {"number": NUMBER})
    client.post("/login/code/", {"code": identity.last_code(NUMBER)})
    assert client.session.session_key != first
    assert not models.Session.objects.filter(key=first).exists()


def test_a_session_ends_after_an_hour_idle_and_after_a_day_however_busy() -> None:
    client = identity.browser()
    start = now()
    with time_machine.travel(start + timedelta(minutes=61)):
        assert client.get("/login/confirm/")["Location"].startswith("/login/?next=")
    busy = identity.browser()
    for minutes in range(50, 24 * 60, 50):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert busy.get("/login/")["Location"] == "/home/"
    with time_machine.travel(start + timedelta(hours=24, minutes=1)):
        assert busy.get("/login/").status_code == HTTPStatus.OK


def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    cookie = identity.browser().cookies["session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_leaving_ends_the_session_and_clears_what_the_browser_kept() -> None:
    client = identity.browser()
    assert client.get("/logout/")["Location"] == "/"
    assert client.get("/login/")["Location"] == "/home/", "a link alone signs nobody out"
    left = client.post("/logout/")
    assert (left["Location"], left["Clear-Site-Data"]) == ("/", '"cache", "storage"')
    assert models.Session.objects.count() == 0
    assert client.get("/login/").status_code == HTTPStatus.OK
    assert client.post("/logout/")["Location"] == "/"


def test_id_18_a_released_number_ends_its_sessions_at_once() -> None:
    line = lines.line(number=NUMBER)
    client = identity.browser(line)
    line_models.Line.objects.filter(id=line.id).update(closed_at=now())
    assert client.get("/login/confirm/")["Location"].startswith("/login/?next=")
    assert models.Session.objects.count() == 0


def test_an_account_that_is_gone_is_nobody() -> None:
    client = identity.browser()
    Account.objects.all().delete()
    assert client.get("/login/").status_code == HTTPStatus.OK


@pytest.mark.parametrize("address", ["/login/code/", "/logout/", "/line/", "/login/confirm/code/", "/login/"])
def test_every_form_asks_for_its_token(address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(address, {"number": NUMBER}).status_code == HTTPStatus.FORBIDDEN
    assert Message.objects.count() == 0


def test_it_comes_back_to_the_page_that_was_asked_for() -> None:
    line = lines.line(number=NUMBER)
    client = Client()
    page = client.get("/login/?next=/expenses/%3Ffrom%3D2026-11-01").content.decode()
    assert 'name="next" value="/expenses/?from=2026-11-01"' in page
    client.post("/login/", {"number": NUMBER, "next": "/expenses/?from=2026-11-01"})
    entered = client.post("/login/code/", {"code": identity.last_code(line.number)})
    assert client.post(entered["Location"], {"choice": "later"})["Location"] == "/expenses/?from=2026-11-01"


HOSTILE = [
    "https://evil.test/", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "http:evil.test",
    "/\n/evil.test", "javascript:alert(1)", "/%0d%0aSet-Cookie:x=1\r\nX: y", "/\x00", "evil.test",
    "/" + "a" * 5000, " //evil.test", "/\t/evil.test", "/login/", "/logout/", "/line/", "",
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE, ids=range(len(HOSTILE)))
def test_it_never_leads_to_another_site(address: str) -> None:
    assert safe_address(address) == "/home/"
    client = identity.browser()
    assert client.get("/login/", {"next": address})["Location"] == "/home/"
    assert client.post("/line/", {"line": client.session["line"], "next": address})["Location"] == "/home/"


def test_signing_in_is_a_fresh_proof_for_five_minutes() -> None:
    client = identity.browser()
    assert client.get("/login/confirm/?next=/statement/")["Location"] == "/statement/"
    with wait(minutes=5, seconds=1):
        page = client.get("/login/confirm/?next=/statement/")
        assert page.status_code == HTTPStatus.OK
        assert 'value="/statement/"' in page.content.decode()


def test_a_fresh_proof_asks_for_a_code_to_the_number_signed_in_with_and_leads_back() -> None:
    line = lines.line(number=NUMBER)
    client = identity.browser(line)
    with wait(minutes=6):
        before = client.session.session_key
        assert client.post("/login/confirm/", {"next": "/statement/?page=2"})["Location"] == "/login/confirm/code/"
        assert client.get("/login/confirm/code/").status_code == HTTPStatus.OK
        assert "код подтверждения" in identity.last_text(NUMBER)
        code = identity.last_code(NUMBER)
        done = client.post("/login/confirm/code/", {"code": code})
        assert done["Location"] == "/statement/?page=2"
        assert client.session.session_key != before
        assert not models.Session.objects.filter(key=before).exists()
        assert client.get("/login/confirm/?next=/statement/")["Location"] == "/statement/"
        assert client.post("/login/confirm/code/", {"code": code})["Location"] == "/login/confirm/"


def test_a_code_for_signing_in_confirms_nothing() -> None:
    line = lines.line(number=NUMBER)
    client = identity.browser(line)
    with wait(minutes=6):
        client.post("/login/", {"number": NUMBER})
        entry = client.cookies["code-entry"].value
        client.cookies["code-confirm"] = entry
        assert (
            client.post("/login/confirm/code/", {"code": identity.last_code(NUMBER)})["Location"] == "/login/confirm/"
        )
        assert client.get("/login/confirm/").status_code == HTTPStatus.OK


def test_a_proof_in_use_lasts_thirty_minutes_at_most() -> None:
    client = identity.browser()
    start = now()
    fresh = []
    for minute in range(0, 34, 4):
        with time_machine.travel(start + timedelta(minutes=minute)):
            fresh.append(client.get("/statement/").status_code == HTTPStatus.OK)
    assert fresh == [True] * 8 + [False]


def test_another_line_of_the_same_person_is_chosen_and_a_strangers_is_not_there() -> None:
    contract = customers.contract()
    main = lines.line(number=NUMBER, contract_id=contract)
    second = lines.line(number="+79000000002", contract_id=contract)
    stranger = lines.line(number="+79000000003")
    client = identity.browser(main)
    assert client.session["line"] == main.id
    assert client.post("/line/", {"line": second.id, "next": "/expenses/"})["Location"] == "/expenses/"
    assert client.session["line"] == second.id
    for line in (stranger.id, 10**15, "", "x", "-1", "1" * 400, "²", "٣"):
        assert client.post("/line/", {"line": line}).status_code == HTTPStatus.NOT_FOUND
    assert client.session["line"] == second.id
    assert client.get("/line/")["Location"] == "/home/"


def test_a_form_sent_after_the_session_ended_leads_to_signing_in_and_back_to_its_page() -> None:
    client = Client()
    sent = client.post("/line/", {"line": 1}, headers={"referer": "http://testserver/expenses/?from=x"})
    assert sent["Location"] == "/login/?next=%2Fexpenses%2F"
    sent = client.post("/line/", {"line": 1}, headers={"referer": "https://evil.test/x"})
    assert sent["Location"] == "/login/?next=%2Fhome%2F"


def test_pages_of_somebody_signed_in_stay_in_no_cache() -> None:
    client = identity.browser()
    assert "no-store" in client.get("/login/confirm/")["Cache-Control"]
    assert "no-store" in client.get("/login/code/")["Cache-Control"]
