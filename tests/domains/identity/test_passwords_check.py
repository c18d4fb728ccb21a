"""Passwords typed: how many are looked at, by whom, and what a lock closes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from argon2 import low_level
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.identity import hashing, jobs, models
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords import actions as passwords
from abonent.domains.identity.passwords import check as passwords_check
from abonent.domains.identity.passwords.check import WrongPassword
from abonent.domains.identity.passwords.rules import WRONG_PER_ADDRESS
from abonent.domains.identity.policy import CLASSIC
from abonent.domains.identity.rules import CaptchaNeeded, EventKind
from abonent.foundation.clock import now
from tests.factories import passwords as factory
from tests.factories.passwords import HOME, PASSWORD, STRANGER

pytestmark = pytest.mark.django_db
Count = Callable[[], int]


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Count how many passwords are compared with an account's own: what the library is asked to verify."""
    compared: list[bytes] = []
    plain = low_level.verify_secret

    def verify(hashed: bytes, secret: bytes, kind: low_level.Type) -> bool:
        if hashed.decode() not in hashing.nobodys():
            compared.append(secret)
        return plain(hashed, secret, kind)

    monkeypatch.setattr(low_level, "verify_secret", verify)
    return lambda: len(compared)


def guess(account_id: int | None, typed: str = "wrong", *, login: str = "number +1", origin: Origin = STRANGER) -> str:
    """Return what a try comes to: right, wrong or closed."""
    try:
        passwords_check.check(account_id=account_id, login=login, typed=typed, origin=origin, at=now())
    except WrongPassword as error:
        return "closed" if error.closed else "wrong"
    return "right"


def owner(**more: str) -> int:
    return factory.account_of(factory.account(**more))


def test_id_4_the_third_wrong_password_closes_entry_by_password_and_the_right_one_opens_it_no_more() -> None:
    account_id = owner()
    assert [guess(account_id) for _ in range(3)] == ["wrong", "wrong", "closed"]
    assert guess(account_id, PASSWORD) == "closed"
    with time_machine.travel(now() + timedelta(days=400)):
        assert guess(account_id, PASSWORD) == "closed", "no waiting lifts it"


def test_id_4_a_right_password_ends_the_row() -> None:
    account_id = owner()
    for _ in range(4):
        assert [guess(account_id), guess(account_id)] == ["wrong", "wrong"]
        assert guess(account_id, PASSWORD) == "right"
    assert models.PasswordGuard.objects.count() == 0


def test_id_4_only_a_new_password_lifts_the_lock() -> None:
    account_id = owner(device=HOME.device)
    for origin in (STRANGER, HOME):
        assert [guess(account_id, origin=origin) for _ in range(3)][-1] == "closed"
    passwords.set_password(
        account_id=account_id, password="brittle kettle 7", own_words=(), at=now(), keep_session=None
    )
    for origin in (STRANGER, HOME):
        assert guess(account_id, PASSWORD, origin=origin) == "wrong"
        assert guess(account_id, "brittle kettle 7", origin=origin) == "right"


def test_id_17_an_unknown_login_is_closed_just_the_same() -> None:
    assert [guess(None) for _ in range(4)] == ["wrong", "wrong", "closed", "closed"]
    assert [guess(owner(), login="number +2") for _ in range(4)] == ["wrong", "wrong", "closed", "closed"]


@pytest.mark.parametrize("typed", ["wrong", "23456789ab"], ids=["a password", "like a temporary one"])
def test_id_17_nobodys_login_costs_the_same_queries(typed: str) -> None:
    account_id = owner()
    for step in range(4):
        seen = []
        for who, login in ((account_id, "number +2"), (None, "number +3")):
            with CaptureQueriesContext(connection) as queries:
                guess(who, typed, login=login)
            seen.append([query["sql"].split(" ")[0] for query in queries.captured_queries])
        assert seen[0] == seen[1], step


def test_a_lock_of_an_account_deleted_meanwhile_is_told_to_nobody() -> None:
    for gone in (None, 999_999):
        jobs.note_lock(account_id=gone, at=now().isoformat())
    assert models.SecurityEvent.objects.count() == 0


def test_id_4_guesses_through_number_e_mail_and_contract_together_are_three(looked_at: Count) -> None:
    account_id = owner()
    logins = ("number +79000000001", "email a@b.test", "contract 100200")
    said = [guess(account_id, login=login) for _ in range(2) for login in logins]
    assert said == ["wrong"] * 6, "none of the logins had three wrong ones, so none tells that they are one person's"
    assert looked_at() == 3
    assert guess(account_id, PASSWORD, login=logins[0]) == "closed", "its own third"
    assert guess(account_id, PASSWORD, login=logins[1]) == "closed"
    assert looked_at() == 3


def test_id_4_strangers_do_not_lock_the_owners_phone(looked_at: Count) -> None:
    account_id = owner(device=HOME.device)
    for _ in range(5):
        guess(account_id)
    assert guess(account_id, PASSWORD) == "closed"
    assert guess(account_id, PASSWORD, origin=HOME) == "right"
    before = looked_at()
    assert [guess(account_id, origin=HOME) for _ in range(4)] == ["wrong", "wrong", "closed", "closed"]
    assert looked_at() == before + 3, "the phone has its own three"


def test_a_mark_of_somebody_elses_device_is_a_stranger() -> None:
    account_id, _other = owner(), owner(device=HOME.device)
    for _ in range(3):
        guess(account_id, origin=HOME)
    assert guess(account_id, PASSWORD, login="number +2") == "wrong", "the account's hidden three are gone"


def worker() -> None:
    """Do what was queued."""
    queued = ProcrastinateJob.objects.filter(task_name="note_password_lock", status="todo")
    for job in queued:
        jobs.note_lock(**job.args)
    queued._raw_delete(queued.db)


def test_id_4_the_owner_hears_of_a_lock_once() -> None:
    account_id = owner()
    for _ in range(5):
        guess(account_id)
    worker()
    assert models.SecurityEvent.objects.filter(account_id=account_id, kind=EventKind.PASSWORD_LOCKED).count() == 1
    for _ in range(3):
        guess(None, login="number +9")
    worker()
    assert models.SecurityEvent.objects.filter(kind=EventKind.PASSWORD_LOCKED).count() == 1


def test_a_bank_may_allow_five(settings: Any) -> None:
    settings.POLICY = replace(CLASSIC, wrong_passwords_max=5)
    account_id = owner(password="Verbose 0tter")
    assert [guess(account_id) for _ in range(5)] == ["wrong"] * 4 + ["closed"]


def test_wrong_passwords_from_one_network_ask_for_a_captcha_and_lock_nobody(looked_at: Count) -> None:
    account_id = owner()
    with time_machine.travel(now(), tick=False):
        for number in range(WRONG_PER_ADDRESS.most):
            models.PasswordGuard.objects.all().delete()
            guess(None, login=f"number {number}")
        rows = models.PasswordGuard.objects.count()
        with pytest.raises(CaptchaNeeded):
            guess(account_id, PASSWORD)
        assert (looked_at(), models.PasswordGuard.objects.count()) == (0, rows), "nothing was used up"
        assert guess(account_id, PASSWORD, origin=HOME) == "right", "another network knows nothing of it"
        passwords_check.check(
            account_id=account_id, login="number +1", typed=PASSWORD, origin=STRANGER, at=now(), solved=True
        )


def test_an_account_without_a_password_takes_none() -> None:
    account_id = owner(password="")
    assert guess(account_id, "") == "wrong"
    assert guess(account_id, "!") == "wrong"


@pytest.mark.parametrize("typed", ["", "\0", "\ud800", "x" * 100_000, "ﷺ" * 1000, "Ω≈ç√∫˜µ≤≥÷", "' or 1=1 --"])
def test_any_text_is_a_wrong_password(typed: str) -> None:
    assert guess(owner(), typed) == "wrong"


def test_the_old_password_is_asked_for_as_often_and_no_more() -> None:
    account_id = owner()

    def old(typed: str) -> str:
        try:
            passwords_check.check_old(account_id=account_id, typed=typed, origin=STRANGER, at=now())
        except WrongPassword as error:
            return "closed" if error.closed else "wrong"
        return "right"

    assert [old("x"), old(PASSWORD), old("x"), old("y"), old("z")] == ["wrong", "right", "wrong", "wrong", "closed"]
    assert old(PASSWORD) == "closed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_id_4_of_thirty_guesses_at_once_three_are_looked_at(looked_at: Count, known: bool) -> None:
    account_id = owner(device=HOME.device)
    origin = HOME if known else STRANGER

    def one(number: int) -> str:
        try:
            while True:
                try:
                    return guess(account_id, f"wrong {number}", login=f"number {number % 3}", origin=origin)
                except hashing.Busy:
                    pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(30) as threads:
        said = list(threads.map(one, range(30)))
    assert looked_at() == 3
    assert "right" not in said
    assert guess(account_id, PASSWORD, login="number 0", origin=origin) == "closed"
