"""The installed app: its PIN at each entry and after five minutes away, and nothing before it."""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import re
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from abonent.domains.identity import models, pins
from abonent.domains.identity.models import NumberGuard
from abonent.domains.identity.rules import EventKind, Way
from abonent.domains.identity.sessions import SessionStore
from abonent.entrypoints.portal import admission, visitor
from abonent.entrypoints.portal.identity import browser
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.factors.people import NUMBER, question, said, wait
from tests.entrypoints.portal.identity.factors.test_confirm import PASSWORD
from tests.factories import factors, identity, lines

pytestmark = pytest.mark.django_db
PIN = "/app/pin/"
NEW = "/app/pin/new/"
KEY = "5e" * 32
MINUTE = timedelta(minutes=1)
CLOSED = ("/home/", "/expenses/", "/statement/", "/security/", "/security/factors/", "/login/confirm/", NEW,
          "/login/offer/", "/login/offer/passkey/", "/app/pin/new/?next=/home/")  # fmt: skip


class App:
    """The installed app on one phone, opened and signed in, with a password and a PIN."""

    def __init__(self, number: str = NUMBER) -> None:
        self.line = lines.line(number=number)
        self.client = Client()
        self.client.get("/app/")
        self.enter()
        self.account_id = int(self.client.session[SESSION_KEY])

    def enter(self) -> str:
        """Sign in by a code; return where that leads."""
        NumberGuard.objects.all().delete()
        self.client.post("/login/", {"number": self.line.number})
        code = identity.last_code(self.line.number)
        return str(self.client.post("/login/code/", {"code": code})["Location"])

    def with_password(self) -> App:
        self.client.post("/login/offer/", {"password": PASSWORD})
        return self

    def with_pin(self) -> App:
        self.with_password()
        self.client.post(NEW, {"key": KEY})
        return self

    def answer(self, key: str = KEY, **form: str) -> str:
        """Give the PIN page what the device answers; return where it leads (empty: nowhere)."""
        page = self.client.get(PIN)
        found = re.search(r'name="challenge" value="([0-9a-f]{64})"', page.content.decode())
        if found is None:
            return str(page.get("Location", ""))
        given = hmac.new(bytes.fromhex(key), found[1].encode(), hashlib.sha256).hexdigest()
        response = self.client.post(PIN, {"challenge": found[1], "answer": given, **form})
        return str(response.get("Location", ""))

    def is_open(self) -> bool:
        return self.client.get("/home/").status_code == HTTPStatus.OK


def test_cab_20_the_installed_app_opens_at_its_own_address() -> None:
    manifest = json.loads(Client().get("/manifest.webmanifest").content)
    assert manifest["start_url"] == "/app/"
    assert {shortcut["url"] for shortcut in manifest["shortcuts"]} == {
        "/app/?next=/expenses/",
        "/app/?next=/statement/",
    }
    client = Client()
    assert client.get("/app/?next=/expenses/")["Location"] == "/login/?next=%2Fexpenses%2F"
    assert client.cookies["app"].value == "1"
    assert client.get("/app/?next=https://evil.test/")["Location"] == "/login/?next=%2Fhome%2F"


def test_id_2_in_the_app_a_password_or_passkey_and_then_a_pin_cannot_be_skipped() -> None:
    app = App()
    for address in CLOSED[:4]:
        assert app.client.get(address)["Location"].startswith("/login/offer/?next=")
    for choice in ("later", "never"):
        app.client.post("/login/offer/", {"choice": choice})
        assert not app.is_open()
    app.with_password()
    for address in CLOSED[:4]:
        assert app.client.get(address)["Location"].startswith(f"{NEW}?next=")
    assert "ПИН для приложения" in said(app.client.get(NEW))
    assert "не установлен" in said(app.client.post(NEW, {"key": "1234"}))
    assert not app.is_open()
    assert app.client.post(NEW, {"key": KEY, "next": "/expenses/"})["Location"] == "/expenses/"
    assert app.is_open()
    assert models.SecurityEvent.objects.filter(kind=EventKind.PIN_SET).count() == 1


def test_in_the_app_a_passkey_stands_for_the_password() -> None:
    app = App()
    device = factors.Authenticator()
    answer = device.make(question(app.client.get("/login/offer/passkey/")))
    form = {"name": "Телефон", "passkey": answer}
    assert app.client.post("/login/offer/passkey/", form)["Location"].startswith(f"{NEW}?next=")


def test_the_pin_is_asked_each_time_the_app_is_opened_and_nothing_is_shown_before() -> None:
    app = App().with_pin()
    assert app.client.get("/app/?next=/expenses/")["Location"] == f"{PIN}?next=%2Fexpenses%2F"
    for address in CLOSED:
        assert app.client.get(address)["Location"].startswith(f"{PIN}?next="), address
        app.client.post(address, {"key": "ab" * 32, "next": "/home/"})
    assert not app.is_open()
    assert app.client.get("/")["Location"] == PIN
    assert app.answer("00" * 32) == ""
    assert not app.is_open()
    before = app.client.session.session_key
    assert app.answer(next="/expenses/") == "/expenses/"
    assert app.client.session.session_key != before
    assert app.is_open()


def test_the_pin_is_asked_after_five_minutes_away_and_not_while_the_app_is_used() -> None:
    app = App().with_pin()
    start = now()
    for minutes in range(0, 40, 3):
        with time_machine.travel(start + minutes * MINUTE):
            assert app.is_open(), minutes
    with time_machine.travel(start + (39 + 5) * MINUTE):
        assert app.client.get("/home/")["Location"].startswith(PIN)
        assert app.answer() == "/home/"
        assert app.is_open()
    with time_machine.travel(start + 29 * 24 * 60 * MINUTE):
        assert app.client.get("/expenses/")["Location"].startswith(PIN)
    with time_machine.travel(start + 31 * 24 * 60 * MINUTE):
        assert app.client.get("/expenses/")["Location"].startswith("/login/")


def test_a_locked_app_takes_no_earlier_proof_for_fresh() -> None:
    app = App().with_pin()
    assert app.client.get("/statement/").status_code == HTTPStatus.OK
    app.client.get("/app/")
    app.answer()
    assert app.client.get("/statement/")["Location"].startswith("/login/confirm/")


def test_five_wrong_pins_end_the_session_and_forget_the_key() -> None:
    app = App().with_pin()
    app.client.get("/app/")
    for left in ("4", "3", "2", "1"):
        page = app.client.get(PIN)
        challenge = re.search(r'name="challenge" value="([0-9a-f]{64})"', page.content.decode())
        assert challenge
        answer = app.client.post(PIN, {"challenge": challenge[1], "answer": "0" * 64})
        assert "Это другой ПИН" in said(answer)
        assert left in said(answer)
    assert app.answer("00" * 32).startswith("/login/?next=")
    assert SESSION_KEY not in app.client.session
    assert models.DeviceKey.objects.count() == 0
    assert app.answer().startswith("/login/"), "the right one comes too late"
    assert app.enter().startswith(f"{NEW}?next="), "signed in anew, another PIN is set"


def test_an_answer_to_an_earlier_question_costs_no_try_and_opens_nothing() -> None:
    app = App().with_pin()
    app.client.get("/app/")
    page = app.client.get(PIN)
    earlier = re.search(r'name="challenge" value="([0-9a-f]{64})"', page.content.decode())
    assert earlier
    app.client.get(PIN)
    given = hmac.new(bytes.fromhex(KEY), earlier[1].encode(), hashlib.sha256).hexdigest()
    assert "спросить заново" in said(app.client.post(PIN, {"challenge": earlier[1], "answer": given}))
    assert not app.is_open()
    assert models.DeviceKey.objects.get().tries_left == 5


def test_id_13_the_pin_is_asked_even_after_the_network_recognised_the_phone() -> None:
    app = App().with_pin()
    for way in (Way.NETWORK, Way.SOCIAL, Way.CODE):
        request = RequestFactory().get("/")
        request.COOKIES = {name: morsel.value for name, morsel in app.client.cookies.items()}
        request.session = SessionStore()
        proven = admission.Proven(app.account_id, app.line.id, way, "/home/")
        response = admission.admit(request, proven)
        assert response["Location"] == f"{PIN}?next=%2Fhome%2F"
        assert request.session[visitor.LOCKED]


def test_a_fingerprint_or_face_opens_the_app_in_place_of_the_pin() -> None:
    app, other = App().with_pin(), App("+79000000002").with_pin()
    mine, strange = factors.with_passkey(app.account_id), factors.with_passkey(other.account_id)
    app.client.get("/app/")
    for device, opens in ((strange, False), (mine, True)):
        asked = _passkey_question(app.client.get(PIN))
        app.client.post(PIN, {"passkey": device.use(asked)})
        assert app.is_open() is opens


def _passkey_question(page: HttpResponse) -> str:
    found = re.search(r'data-passkey="get" data-question="([^"]+)"', page.content.decode())
    assert found
    return html.unescape(found[1])


def test_who_forgot_the_pin_signs_in_anew_and_sets_another() -> None:
    app = App().with_pin()
    app.client.get("/app/")
    assert app.client.post("/app/pin/forgotten/")["Location"].startswith("/login/?next=")
    assert models.DeviceKey.objects.count() == 0
    assert app.enter().startswith(f"{NEW}?next=")
    app.client.post(NEW, {"key": "ab" * 32})
    assert app.is_open()


def test_who_just_signed_in_and_forgot_the_pin_need_not_do_so_twice() -> None:
    app = App().with_pin()
    app.client.session.flush()
    assert app.enter().startswith(f"{PIN}?next=")
    assert app.client.post("/app/pin/forgotten/")["Location"].startswith(f"{NEW}?next=")


def test_an_opened_app_changes_its_pin_only_after_a_fresh_proof() -> None:
    app = App().with_pin()
    with wait(minutes=1):
        app.client.get("/app/")
        app.answer()
        assert app.client.get(NEW)["Location"].startswith("/login/confirm/?next=")
        assert app.client.post(NEW, {"key": "ab" * 32})["Location"].startswith("/login/confirm/?next=")
        app.client.post("/login/confirm/", {"way": "password", "password": PASSWORD, "next": NEW})
        assert (
            app.client.post(NEW, {"key": "ab" * 32, "next": "/security/factors/"})["Location"] == "/security/factors/"
        )
        app.client.get("/app/")
        assert app.answer() == ""
        assert app.answer("ab" * 32) == "/home/"
        assert models.DeviceKey.objects.count() == 1


def test_leaving_the_app_or_signing_out_forgets_its_key() -> None:
    for address, number in (("/logout/", NUMBER), ("/app/leave/", "+79000000002")):
        app = App(number).with_pin()
        app.client.post(address)
        assert models.DeviceKey.objects.count() == 0
        assert SESSION_KEY not in app.client.session
        assert not app.client.cookies["pin"].value
        assert bool(app.client.cookies["app"].value) is (address == "/logout/")


def test_a_session_of_the_browser_becomes_the_apps_by_a_fresh_proof_alone() -> None:
    line = lines.line(number=NUMBER)
    client = identity.browser(line)
    with wait(minutes=6):
        assert client.get("/app/")["Location"] == "/login/confirm/?next=%2Fapp%2F%3Fnext%3D%252Fhome%252F"
        assert not client.session.get(admission.IN_APP)
        client.post("/login/confirm/", {"next": "/app/"})
        done = client.post("/login/confirm/code/", {"code": identity.last_code(NUMBER)})
        assert done["Location"] == "/app/"
        assert client.get("/app/")["Location"].startswith("/login/offer/")
        assert client.session[admission.IN_APP]


def test_a_key_of_one_account_opens_no_other_on_the_same_phone() -> None:
    app = App().with_pin()
    second = lines.line(number="+79000000002")
    app.client.session.flush()
    app.line = second
    leads = app.enter()
    assert leads.startswith("/login/offer/"), "no PIN of this person is on this phone"
    app.with_password()
    app.client.post(NEW, {"key": "cd" * 32})
    assert models.DeviceKey.objects.count() == 1


def test_a_stolen_pin_cookie_without_a_session_is_nothing() -> None:
    app = App().with_pin()
    thief = Client()
    for name in ("pin", "app"):
        thief.cookies[name] = app.client.cookies[name].value
    for answer in (thief.get(PIN), thief.post(PIN, {"answer": "x"}), thief.get(NEW), thief.post(NEW, {"key": KEY})):
        assert answer["Location"].startswith("/login/")
    assert pins.tries_left(browser.device_key_of(_with_cookies(app))) == 5


def _with_cookies(app: App) -> HttpRequest:
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in app.client.cookies.items()}
    return request
