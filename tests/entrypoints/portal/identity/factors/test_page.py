"""The settings of second factors: added, shown once, removed, and only by who proved to be the owner."""

from __future__ import annotations

import base64
import re
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.test import Client

from abonent.domains.identity import models, passkeys
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors import rules as factor_rules
from abonent.domains.identity.factors.queries import factors_of
from abonent.domains.identity.models import NumberGuard
from abonent.domains.identity.rules import EventKind
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.factors.people import Person, question, said, wait
from tests.entrypoints.portal.identity.test_hostile import NAUGHTY, ids, sane
from tests.factories import identity, lines
from tests.factories.factors import Authenticator

pytestmark = pytest.mark.django_db
FACTORS = "/security/factors/"
FORMS = [
    f"{FACTORS}app/", f"{FACTORS}change/", f"{FACTORS}codes/", f"{FACTORS}codes/new/", f"{FACTORS}passkey/",
    f"{FACTORS}passkey/1/", "/login/second/", "/login/passkey/", "/login/offer/passkey/", "/login/confirm/",
    "/app/pin/", "/app/pin/new/", "/app/pin/forgotten/", "/app/leave/",
]  # fmt: skip
PAGES = [FACTORS, f"{FACTORS}app/", f"{FACTORS}codes/", f"{FACTORS}codes.txt", f"{FACTORS}app/picture.svg",
         f"{FACTORS}passkey/", f"{FACTORS}passkey/1/"]  # fmt: skip


def secret_shown(page: object) -> bytes:
    found = re.search(r'class="secret"><bdi>([A-Z2-7 ]+)</bdi>', page.content.decode())  # type: ignore[attr-defined]
    assert found
    return base64.b32decode(found[1].replace(" ", ""))


def test_id_15_an_authenticator_app_is_added_by_picture_or_text_and_its_first_code() -> None:
    person = Person()
    assert person.client.post(f"{FACTORS}app/", {"start": "1"})["Location"] == f"{FACTORS}app/"
    page = person.client.get(f"{FACTORS}app/")
    secret = secret_shown(page)
    link = re.search(r'href="(otpauth://[^"]+)"', page.content.decode())
    assert link
    parts = urlsplit(link[1].replace("&amp;", "&"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path).startswith("/Орбита:+7")
    assert base64.b32decode(parse_qs(parts.query)["secret"][0]) == secret
    picture = person.client.get(f"{FACTORS}app/picture.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert "no-store" in picture["Cache-Control"]
    assert b"<script" not in picture.content
    assert "style=" not in picture.content.decode(), "the policy of the page would refuse it"
    wrong = person.client.post(f"{FACTORS}app/", {"code": person.wrong_code()})
    assert "Это другой код" in said(wrong)
    assert secret_shown(wrong) == secret
    code = factor_rules.totp(secret, factor_rules.step_of(now()))
    assert person.client.post(f"{FACTORS}app/", {"code": code})["Location"] == f"{FACTORS}codes/"
    assert factors_of(person.account_id).asked
    assert person.client.get(f"{FACTORS}app/picture.svg").status_code in (302, 404)


def test_recovery_codes_are_shown_until_they_are_kept_and_never_again() -> None:
    person = Person().with_totp()
    with wait(minutes=1):
        person.client.post("/login/confirm/", {"way": "app", "factor": "1", "code": person.code()})
        person.client.get("/logout/")
        prove_by_app(person)
        assert person.client.post(f"{FACTORS}codes/new/")["Location"] == f"{FACTORS}codes/"
        page = person.client.get(f"{FACTORS}codes/")
        shown = re.findall(r"<li><bdi>([0-9A-Z]{5}-[0-9A-Z]{5})</bdi>", page.content.decode())
        assert len(set(shown)) == 10
        assert "no-store" in page["Cache-Control"]
        assert not [code for code in shown if code in str(dict(person.client.session.items()))]
        file = person.client.get(f"{FACTORS}codes.txt")
        assert [line for line in file.content.decode("utf-8-sig").split("\r\n") if line][1:] == shown
        assert "attachment" in file["Content-Disposition"]
        assert person.client.post(f"{FACTORS}codes/", {"kept": "1"})["Location"] == FACTORS
        for address in ("codes/", "codes.txt"):
            assert person.client.get(f"{FACTORS}{address}")["Location"] == FACTORS
        typed = factor_rules.recovery_code_typed(shown[3])
        assert typed
        assert factors.prove_recovery_code(account_id=person.account_id, code=typed, mark="", at=now()) == 9


def prove_by_app(person: Person, steps: int = 1) -> None:
    """Show the app's next code where a factor is asked for."""
    models.Totp.objects.update(last_step=0)
    form = {"way": "app", "factor": "1", "code": person.code(), "next": FACTORS}
    person.client.session.pop("proven_at", None)
    assert person.client.post("/login/confirm/", form)["Location"] == FACTORS


def test_without_a_second_factor_no_recovery_codes_are_made() -> None:
    person = Person()
    person.client.post(f"{FACTORS}codes/new/")
    assert models.RecoveryCode.objects.count() == 0


def test_a_passkey_is_added_named_used_renamed_and_removed() -> None:
    person = Person()
    device = Authenticator()
    page = person.client.get(f"{FACTORS}passkey/")
    answer = device.make(question(page))
    assert (
        person.client.post(f"{FACTORS}passkey/", {"name": "  Мой   ноутбук ", "passkey": answer})["Location"] == FACTORS
    )
    kept = factors_of(person.account_id).passkeys[0]
    assert kept.name == "Мой ноутбук"
    assert "ещё не использован" in said(person.client.get(FACTORS))
    again = person.client.post(f"{FACTORS}passkey/", {"name": "ещё раз", "passkey": answer})
    assert again.status_code == HTTPStatus.OK
    page = Client()
    page.post("/login/passkey/", {"passkey": device.use(question(page.get("/login/passkey/")))})
    assert "Использован" in said(person.client.get(FACTORS))
    address = f"{FACTORS}passkey/{kept.id}/"
    assert "Дайте название" in said(person.client.post(address, {"name": " "}))
    person.client.post(address, {"name": "<b>Х</b>"})
    assert "&lt;b&gt;Х&lt;/b&gt;" in person.client.get(FACTORS).content.decode()
    person.client.post(address, {"act": "remove"})
    assert factors_of(person.account_id).passkeys == ()
    assert person.client.get(address).status_code == HTTPStatus.NOT_FOUND


def test_anothers_passkey_is_not_there() -> None:
    person, other = Person(), Person(line=lines.line(number="+79000000002"))
    other.with_passkey()
    kept = factors_of(other.account_id).passkeys[0]
    for form in ({"act": "remove"}, {"name": "x"}):
        assert person.client.post(f"{FACTORS}passkey/{kept.id}/", form).status_code == HTTPStatus.NOT_FOUND
    assert person.client.get(f"{FACTORS}passkey/{kept.id}/").status_code == HTTPStatus.NOT_FOUND
    assert factors_of(other.account_id).passkeys == (kept,)


def test_a_second_factor_is_changed_only_by_a_second_factor() -> None:
    person = Person().with_totp()
    person.with_passkey()
    kept = factors_of(person.account_id).passkeys[0].id
    acts = [
        ("change/", {"act": "remove-app"}), ("change/", {"act": "stop"}), ("codes/new/", {}),
        (f"passkey/{kept}/", {"act": "remove"}), ("passkey/", {"name": "x"}), ("app/", {"start": "1"}),
    ]  # fmt: skip
    before = factors_of(person.account_id)
    for address, form in acts:
        answer = person.client.post(f"{FACTORS}{address}", form, HTTP_REFERER=f"http://testserver{FACTORS}")
        assert answer["Location"] == "/login/confirm/?next=%2Fsecurity%2Ffactors%2F&factor=1", address
    assert factors_of(person.account_id) == before
    page = person.client.get("/login/confirm/?factor=1&next=/security/factors/")
    assert "нужно второе подтверждение" in said(page)
    prove_by_app(person)
    person.client.post(f"{FACTORS}change/", {"act": "remove-app"})
    assert factors_of(person.account_id).totp_since is None
    assert factors_of(person.account_id).asked, "a passkey is left to ask for"
    person.client.post(f"{FACTORS}change/", {"act": "stop"})
    assert not factors_of(person.account_id).asked
    kinds = list(models.SecurityEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds.count(EventKind.FACTOR_REMOVED) == 2


def test_the_second_step_by_passkeys_brings_recovery_codes() -> None:
    person = Person()
    person.with_passkey()
    assert person.client.post(f"{FACTORS}change/", {"act": "ask"})["Location"] == f"{FACTORS}codes/"
    assert factors_of(person.account_id).asked
    assert factors_of(person.account_id).codes_left == 10


def test_a_passkey_is_made_in_place_of_the_password_that_is_offered() -> None:
    person = Person()
    device = Authenticator()
    page = person.client.get("/login/offer/passkey/", {"next": "/expenses/"})
    form = {"name": "Телефон", "passkey": device.make(question(page)), "next": "/expenses/"}
    assert person.client.post("/login/offer/passkey/", form)["Location"] == "/expenses/"
    assert factors_of(person.account_id).passkeys[0].name == "Телефон"


def test_who_is_asked_for_a_second_factor_makes_a_passkey_nowhere_by_a_code_alone() -> None:
    person = Person().with_totp()
    with wait(minutes=6):
        NumberGuard.objects.all().delete()
        person.client.post("/login/confirm/", {"way": "sms", "next": FACTORS})
        person.client.post("/login/confirm/code/", {"code": identity.last_code(person.line.number)})
        for address in (f"{FACTORS}passkey/", "/login/offer/passkey/"):
            for asked in (person.client.get(address), person.client.post(address, {"name": "x", "passkey": "{}"})):
                assert "factor=1" in asked.get("Location", ""), address
    assert factors_of(person.account_id).passkeys == ()


@pytest.mark.parametrize("address", PAGES)
def test_every_page_asks_for_a_session_and_a_fresh_proof(address: str) -> None:
    assert Client().get(address)["Location"].startswith("/login/?next=")
    person = Person()
    with wait(minutes=6):
        assert person.client.get(address)["Location"].startswith("/login/confirm/?next=")


@pytest.mark.parametrize("address", FORMS)
def test_every_form_asks_for_its_token(address: str) -> None:
    assert Client(enforce_csrf_checks=True).post(address, {"act": "remove"}).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("address", FORMS)
@pytest.mark.parametrize("method", ["put", "delete", "patch", "trace"])
def test_a_strange_method_is_refused(address: str, method: str) -> None:
    assert getattr(Client(), method)(address).status_code == HTTPStatus.METHOD_NOT_ALLOWED


FIELDS = ("code", "recovery", "passkey", "name", "act", "way", "next", "kept", "start", "key", "challenge", "answer",
          "factor", "password")  # fmt: skip


@pytest.mark.parametrize("text", NAUGHTY, ids=ids)
def test_any_text_in_any_field_gets_a_sane_page_and_changes_nothing(text: str, owner: Person) -> None:
    before = factors_of(owner.account_id)
    pending = Client()
    for address in FORMS:
        sane(pending.post(address, dict.fromkeys(FIELDS, text)))
        sane(owner.client.post(address, {field: [text, text] for field in FIELDS if field != "recovery"}))
        sane(owner.client.get(address, {"next": text, "with": text, "way": text, "factor": text}))
    assert factors_of(owner.account_id).passkeys == before.passkeys
    assert factors_of(owner.account_id).totp_since == before.totp_since


@pytest.fixture
def owner() -> Person:
    person = Person()
    person.with_passkey()
    return person


@pytest.mark.parametrize("address", FORMS)
def test_a_megabyte_twice_or_nothing_is_a_form_to_fill_in(address: str, owner: Person) -> None:
    # 302: whoever may not be there gets no further than to know so.
    assert owner.client.post(address, {"code": "9" * 1_000_000}).status_code in (302, 400, 404)
    sane(owner.client.post(address, b"code=%00%ff&passkey=%00&name=%00", "application/x-www-form-urlencoded"))
    sane(owner.client.post(address, b"{", content_type="application/json"))
    sane(owner.client.post(address))
    assert len(factors_of(owner.account_id).passkeys) == 1


@pytest.mark.parametrize("cookie", ["passkey-enter", "passkey-second", "passkey-add", "passkey-confirm", "pin", "app"])
@pytest.mark.parametrize("value", ["", "x", "a:b:c", "a" * 4000, "é", "null", "[1]:x:y"])
def test_any_cookie_of_this_room_is_a_strangers(cookie: str, value: str) -> None:
    client = Client()
    sane(client.get("/app/", HTTP_COOKIE=f"{cookie}={value}"))
    for address in ("/login/passkey/", "/login/second/", "/app/pin/"):
        sane(client.get(address, HTTP_COOKIE=f"{cookie}={value}"))
        sane(client.post(address, {"passkey": "x", "answer": "x"}, HTTP_COOKIE=f"{cookie}={value}"))


def test_too_many_passkeys_are_said() -> None:
    person = Person()
    for _ in range(factor_rules.PASSKEYS_MAX):
        person.with_passkey()
    answer = Authenticator().make(question(person.client.get(f"{FACTORS}passkey/")))
    page = person.client.post(f"{FACTORS}passkey/", {"name": "x", "passkey": answer})
    assert "Больше ключей не помещается" in said(page)
    assert passkeys.forget(before=now()) == 0
