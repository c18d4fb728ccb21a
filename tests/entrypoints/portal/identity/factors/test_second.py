"""The second factor stands between every way in and the cabinet, and nothing goes around it."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client, RequestFactory

from abonent.domains.identity import erasing, models
from abonent.domains.identity.rules import Way
from abonent.domains.identity.sessions import SessionStore
from abonent.domains.lines import erasing as lines_erasing
from abonent.entrypoints.portal import admission
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.factors.people import Person, question, said, wait
from tests.factories import lines

pytestmark = pytest.mark.django_db
SECOND = "/login/second/"
CLOSED = ("/home/", "/expenses/", "/statement/", "/security/factors/", "/login/confirm/", "/security/factors/codes/")


def test_id_15_the_app_code_opens_the_cabinet_after_the_first_factor() -> None:
    person = Person().with_totp()
    client = person.first_factor()
    page = client.get(SECOND)
    assert "Ещё одно подтверждение" in said(page)
    assert "no-cache" in page["Cache-Control"]
    assert client.post(SECOND, {"code": person.code()})["Location"].startswith(("/home/", "/login/offer/"))
    assert client.get("/home/").status_code == HTTPStatus.OK


def test_one_factor_alone_gives_no_page() -> None:
    client = Person().with_totp().first_factor()
    for address in CLOSED:
        assert client.get(address)["Location"].startswith("/login/?next=")
        client.post(address, {"next": "/home/"})
    assert SESSION_KEY not in client.session
    assert client.get("/login/").status_code == HTTPStatus.OK, "nobody is signed in"


@pytest.mark.parametrize("way", [way for way in Way if way is not Way.PASSKEY])
def test_no_way_in_or_back_goes_around_it(way: Way) -> None:
    person = Person().with_totp()
    request = RequestFactory().get("/")
    request.session = SessionStore()
    response = admission.admit(request, admission.Proven(person.account_id, person.line.id, way, "/home/"))
    assert response["Location"] == SECOND
    assert SESSION_KEY not in request.session


def test_a_passkey_is_both_factors_at_once() -> None:
    person = Person().with_totp()
    device = person.with_passkey()
    client = Client()
    answer = device.use(question(client.get("/login/passkey/")))
    client.post("/login/passkey/", {"passkey": answer})
    assert client.session[SESSION_KEY] == str(person.account_id)


def test_another_browser_out_of_order_and_too_late_lead_to_the_start() -> None:
    person = Person().with_totp()
    first = person.first_factor()
    for client in (Client(), person.client):
        for answer in (client.get(SECOND), client.post(SECOND, {"code": person.code()})):
            assert answer["Location"] == "/login/"
    with wait(minutes=10, seconds=1):
        assert first.post(SECOND, {"code": person.code()})["Location"] == "/login/"
        assert first.get("/home/")["Location"].startswith("/login/")


def test_id_19_an_account_deleted_meanwhile_is_owed_nothing_and_the_number_begins_afresh() -> None:
    person = Person().with_totp()
    first, code = person.first_factor(), person.code()
    erasing.ask(account_id=person.account_id, at=now())
    models.Account.objects.filter(id=person.account_id).update(erase_at=now())
    assert lines_erasing.erase(account_id=person.account_id, at=now())
    for answer in (first.get(SECOND), first.post(SECOND, {"code": code}), first.post(SECOND, {"recovery": "x"})):
        assert answer["Location"] == "/login/"
    assert SESSION_KEY not in first.session
    assert not models.SignIn.objects.exists()
    models.NumberGuard.objects.all().delete()
    assert Person(line=person.line, client=first).account_id != person.account_id


def test_a_used_code_opens_no_second_browser() -> None:
    person = Person().with_totp()
    one, other = person.first_factor(), person.first_factor()
    code = person.code()
    one.post(SECOND, {"code": code})
    page = other.post(SECOND, {"code": code})
    assert "другой код или уже использованный" in said(page)
    assert SESSION_KEY not in other.session


def test_five_wrong_codes_pause_it_whatever_browser_starts_anew() -> None:
    person = Person().with_totp()
    codes = person.with_codes()
    client = person.first_factor()
    for _ in range(5):
        page = client.post(SECOND, {"code": person.wrong_code()})
        assert page.status_code == HTTPStatus.OK
        assert page.content.decode().count("aria-invalid") == 1
    for browser in (client, person.first_factor()):
        paused = browser.post(SECOND, {"code": person.code()})
        assert paused.status_code == HTTPStatus.TOO_MANY_REQUESTS
        assert 0 < int(paused["Retry-After"]) <= 300
        assert "Слишком много неверных кодов" in said(paused)
    assert client.post(SECOND, {"recovery": codes[0]}).status_code == HTTPStatus.FOUND, "the paper still opens"


def test_a_recovery_code_opens_once() -> None:
    person = Person().with_totp()
    code = person.with_codes()[0]
    client = person.first_factor()
    page = client.get(f"{SECOND}?with=recovery")
    assert "Резервный код" in said(page)
    client.post(SECOND, {"recovery": f" {code[:5].lower()}-{code[5:]} "})
    assert SESSION_KEY in client.session
    again = person.first_factor()
    assert "не ваш код или уже использованный" in said(again.post(SECOND, {"recovery": code}))
    assert SESSION_KEY not in again.session


def test_a_passkey_as_the_second_factor_is_the_accounts_own_and_answers_once() -> None:
    person, other = Person().with_totp(), Person(line=lines.line(number="+79000000002"))
    mine, strange = person.with_passkey(), other.with_passkey()
    client = person.first_factor()
    asked = question(client.get(SECOND))
    strange.handle = mine.handle
    assert "не подходит" in said(client.post(SECOND, {"passkey": strange.use(asked)}))
    for wrong in (mine.use(asked), mine.use(question(client.get(SECOND)), origin="https://evil.test")):
        # The page asked anew since, or another site asked.
        client.post(SECOND, {"passkey": wrong})
        assert SESSION_KEY not in client.session
    client.post(SECOND, {"passkey": mine.use(question(client.get(SECOND)))})
    assert client.session[SESSION_KEY] == str(person.account_id)


def test_a_question_of_another_use_or_browser_is_not_answered() -> None:
    person = Person().with_totp()
    device = person.with_passkey()
    client = person.first_factor()
    for_entry = device.use(question(client.get("/login/passkey/")))
    client.get(SECOND)
    client.post(SECOND, {"passkey": for_entry})
    assert SESSION_KEY not in client.session
    here, elsewhere = Client(), Client()
    answer = device.use(question(here.get("/login/passkey/")))
    elsewhere.get("/login/passkey/")
    elsewhere.post("/login/passkey/", {"passkey": answer})
    assert SESSION_KEY not in elsewhere.session


def test_a_passkeys_answer_sent_again_opens_nothing_even_with_its_cookie() -> None:
    person = Person()
    device = person.with_passkey()
    client, thief = Client(), Client()
    answer = device.use(question(client.get("/login/passkey/")))
    cookie = client.cookies["passkey-enter"].value
    client.post("/login/passkey/", {"passkey": answer})
    assert SESSION_KEY in client.session
    thief.cookies["passkey-enter"] = cookie
    page = thief.post("/login/passkey/", {"passkey": answer})
    assert page.status_code == HTTPStatus.OK
    assert SESSION_KEY not in thief.session


def test_entry_by_passkey_leads_to_the_page_that_was_wanted_and_never_elsewhere() -> None:
    person = Person()
    person_has_password(person)
    device = person.with_passkey()
    for wanted, leads in (("/expenses/", "/expenses/"), ("https://evil.test/", "/home/")):
        client = Client()
        asked = question(client.get("/login/passkey/", {"next": wanted}))
        entered = client.post("/login/passkey/", {"passkey": device.use(asked), "next": wanted})
        assert entered["Location"] == leads
        assert client.get("/login/passkey/", {"next": wanted})["Location"] == leads
    assert models.SignIn.objects.filter(way=Way.PASSKEY).count() == 2


def test_a_passkeys_question_lives_ten_minutes() -> None:
    person = Person()
    device = person.with_passkey()
    client = Client()
    answer = device.use(question(client.get("/login/passkey/")))
    with wait(minutes=10, seconds=2):
        client.post("/login/passkey/", {"passkey": answer})
    assert SESSION_KEY not in client.session


def person_has_password(person: Person) -> None:
    models.Account.objects.filter(id=person.account_id).update(password_declined_at=now() - timedelta(days=1))
