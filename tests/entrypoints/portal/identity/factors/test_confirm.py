"""A fresh proof by whatever the person has, and by nothing that proves nothing now."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from abonent.domains.identity import models
from abonent.domains.identity.factors import actions as domain
from abonent.domains.identity.passwords import actions as passwords
from abonent.domains.identity.rules import Proof
from abonent.domains.lines import models as line_models
from abonent.domains.messaging.models import Message
from abonent.entrypoints.portal import visitor
from abonent.foundation.clock import now
from tests.entrypoints.portal.identity.factors.people import NUMBER, Person, question, said, wait
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
CONFIRM = "/login/confirm/"
PASSWORD = "грушевый-сидр-1812"


def replace_sim(person: Person) -> None:
    for imsi, since, until in (
        ("250990000000001", now() - timedelta(days=90), now()),
        ("250990000000002", now(), None),
    ):
        line_models.Sim.objects.create(line_id=person.line.id, imsi=imsi, since=since, until=until)


def with_email(person: Person, address: str = "anna@example.test") -> None:
    models.Account.objects.filter(id=person.account_id).update(email=address, email_confirmed_at=now())


def with_password(person: Person) -> None:
    passwords.set_password(
        account_id=person.account_id, password=PASSWORD, own_words=[], at=now(),
        keep_session=person.client.session.session_key,
    )  # fmt: skip


def is_proven_by(client: Client, by: Proof) -> bool:
    held = client.session
    return held.get(visitor.PROVEN_BY) == by and held[visitor.PROVEN_AT] >= int(now().timestamp()) - 5


def test_id_15_every_kind_of_proof_the_person_has_is_offered_and_no_other() -> None:
    person = Person()
    with wait(minutes=6):
        text = said(person.client.get(CONFIRM, {"next": "/statement/"}))
        assert "Отправим код на номер" in text
        assert "Другой способ" not in text
        person.with_totp().with_passkey()
        with_email(person)
        with_password(person)
        text = said(person.client.get(CONFIRM, {"next": "/statement/"}))
        for way in ("Ключ доступа", "Код из приложения", "Код на почту anna@example.test", "Пароль"):
            assert way in text, way


def test_the_authenticator_app_proves_anew_and_leads_back() -> None:
    person = Person().with_totp()
    with wait(minutes=6):
        before = person.client.session.session_key
        form = {"way": "app", "next": "/statement/?page=2"}
        wrong = person.client.post(CONFIRM, {**form, "code": person.wrong_code()})
        assert "Это другой код" in said(wrong)
        assert 'value="/statement/?page=2"' in wrong.content.decode()
        done = person.client.post(CONFIRM, {**form, "code": person.code()})
        assert done["Location"] == "/statement/?page=2"
        assert person.client.session.session_key != before
        assert is_proven_by(person.client, Proof.FACTOR)


def test_a_passkey_proves_anew_and_a_strangers_does_not() -> None:
    person, other = Person(), Person(line=lines.line(number="+79000000002"))
    device, strange = person.with_passkey(), other.with_passkey()
    with wait(minutes=6):
        page = person.client.get(CONFIRM, {"way": "passkey", "next": "/statement/"})
        refused = person.client.post(CONFIRM, {"way": "passkey", "passkey": strange.use(question(page))})
        assert "не подходит" in said(refused)
        answer = device.use(question(refused))
        done = person.client.post(CONFIRM, {"way": "passkey", "next": "/statement/", "passkey": answer})
        assert done["Location"] == "/statement/"
        assert is_proven_by(person.client, Proof.PASSKEY)


def test_a_password_proves_anew_and_wrong_ones_are_counted() -> None:
    person = Person()
    with_password(person)
    with wait(minutes=6):
        for said_to in ("Это другой пароль", "Это другой пароль", "Слишком много неверных паролей"):
            page = person.client.post(CONFIRM, {"way": "password", "password": "не тот", "next": "/statement/"})
            assert said_to in said(page)
            assert "не тот" not in page.content.decode()
        page = person.client.post(CONFIRM, {"way": "password", "password": PASSWORD})
        assert page.status_code == HTTPStatus.OK
        with_password(person)
        done = person.client.post(CONFIRM, {"way": "password", "password": PASSWORD, "next": "/statement/"})
        assert done["Location"] == "/statement/"
        assert is_proven_by(person.client, Proof.PASSWORD)


def test_a_code_by_email_proves_anew() -> None:
    person = Person()
    with_email(person)
    with wait(minutes=6):
        sent = person.client.post(CONFIRM, {"way": "email", "next": "/statement/"})
        assert sent["Location"] == "/login/confirm/code/"
        message = Message.objects.latest("created_at")
        assert (message.channel, message.recipient) == ("email", "anna@example.test")
        assert "Введите код из письма" in said(person.client.get("/login/confirm/code/"))
        challenge = models.Challenge.objects.latest("created_at")
        code = identity.code_of(challenge.id)
        assert person.client.post("/login/confirm/code/", {"code": code})["Location"] == "/statement/"
        assert is_proven_by(person.client, Proof.EMAIL)


def test_id_18_after_a_new_sim_an_sms_proves_nothing_and_the_page_says_until_when_and_what_else() -> None:
    person = Person().with_totp()
    with wait(minutes=6):
        replace_sim(person)
        before = Message.objects.count()
        for page in (person.client.get(CONFIRM), person.client.post(CONFIRM, {"next": "/statement/"})):
            text = said(page)
            assert "SIM-карту этого номера недавно заменили" in text
            assert "Код из приложения-аутентификатора" in text
        assert Message.objects.count() == before
        done = person.client.post(CONFIRM, {"way": "app", "code": person.code(), "next": "/statement/"})
        assert done["Location"] == "/statement/"


def test_id_18_a_code_that_went_out_before_the_sim_was_replaced_proves_nothing_after() -> None:
    person = Person()
    with wait(minutes=6):
        person.client.post(CONFIRM, {"next": "/statement/"})
        code = identity.last_code(NUMBER)
        replace_sim(person)
        assert person.client.post("/login/confirm/code/", {"code": code})["Location"] == CONFIRM
        assert person.client.post("/login/confirm/code/again/")["Location"] == CONFIRM
        assert "другого способа" in said(person.client.get(CONFIRM)).lower()


def test_a_session_without_a_proven_line_gets_the_code_on_the_main_mobile_number() -> None:
    person = Person()
    device = person.with_passkey()
    client = Client()
    client.post("/login/passkey/", {"passkey": device.use(question(client.get("/login/passkey/")))})
    assert client.session[visitor.PROVEN_LINE] == 0
    with wait(minutes=6):
        client.post(CONFIRM, {"next": "/statement/"})
        assert Message.objects.latest("created_at").recipient == NUMBER
        code = identity.last_code(NUMBER)
        assert client.post("/login/confirm/code/", {"code": code})["Location"] == "/statement/"


def test_who_is_asked_for_a_factor_is_not_offered_less() -> None:
    person = Person().with_totp()
    with_email(person)
    with_password(person)
    with wait(minutes=6):
        page = person.client.get(CONFIRM, {"factor": "1", "next": "/security/factors/"})
        text = said(page)
        assert "SMS" not in text
        assert "anna@" not in text
        for less in ({"way": "sms"}, {"way": "email"}, {"way": "password", "password": PASSWORD}):
            answer = person.client.post(CONFIRM, {**less, "factor": "1", "next": "/security/factors/"})
            assert answer.status_code == HTTPStatus.OK
        assert Message.objects.filter(channel="email").count() == 0
        assert not is_proven_by(person.client, Proof.PASSWORD)


def test_five_wrong_codes_here_pause_the_sign_in_too() -> None:
    person = Person().with_totp()
    with wait(minutes=6):
        for _ in range(5):
            person.client.post(CONFIRM, {"way": "app", "code": person.wrong_code()})
        paused = person.client.post(CONFIRM, {"way": "app", "code": person.code()})
        assert paused.status_code == HTTPStatus.TOO_MANY_REQUESTS
        assert "Retry-After" in paused


def test_a_recovery_code_proves_anew_once() -> None:
    person = Person().with_totp()
    code = domain.make_codes(account_id=person.account_id, at=now())[0]
    with wait(minutes=6):
        form = {"way": "recovery", "recovery": code, "next": "/statement/"}
        assert person.client.post(CONFIRM, form)["Location"] == "/statement/"
    with wait(minutes=13):
        assert person.client.post(CONFIRM, form).status_code == HTTPStatus.OK


def test_nobody_signed_in_is_asked_nothing() -> None:
    for way in ("", "sms", "email", "app", "passkey", "password", "recovery"):
        answer = Client().post(CONFIRM, {"way": way, "code": "123456"})
        assert answer["Location"].startswith("/login/?next=")
    assert SESSION_KEY not in Client().session


@pytest.mark.parametrize("way", ["sms", "", "carrier pigeon", "password"])
def test_a_way_that_is_not_offered_proves_nothing(way: str) -> None:
    """While the cabinet is protected no SMS is one: whoever holds the SIM may be the very question."""
    person = Person()
    with_email(person)
    models.Account.objects.filter(id=person.account_id).update(frozen_at=now())
    with wait(minutes=6):
        before = Message.objects.count()
        asked = person.client.post(CONFIRM, {"way": way, "password": "x", "next": "/security/protected/"})
        assert asked.status_code == HTTPStatus.OK
        assert Message.objects.count() == before
        assert models.PasswordGuard.objects.count() == 0
