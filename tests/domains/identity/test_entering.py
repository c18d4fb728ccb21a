"""An entry into the cabinet: history, session and what a right password ends, written together."""

from __future__ import annotations

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abonent.domains.identity import actions, models
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords import guards as guards_passwords
from abonent.domains.identity.passwords.guards import Attempt
from abonent.domains.identity.rules import EventKind, Way
from abonent.domains.identity.sessions import SIGN_IN, SessionStore
from abonent.foundation.clock import now
from tests.factories import passwords
from tests.factories.passwords import HOME, STRANGER

pytestmark = pytest.mark.django_db


def enter(account_id: int, origin: Origin, attempt: Attempt | None = None) -> SessionStore:
    session = SessionStore()
    session[SESSION_KEY] = str(account_id)
    actions.record_sign_in(
        account_id=account_id, way=Way.PASSWORD, origin=origin, agent="a browser", in_app=False, at=now(),
        session=session, forgives=attempt,
    )  # fmt: skip
    return session


def tried(account_id: int) -> Attempt:
    keys = guards_passwords.keys_of(account_id, "number +2", HOME.device, known=False)
    return guards_passwords.take(keys, set_at=None, origin=HOME, now=now())


def test_perf_an_entry_is_one_statement_with_its_session_and_what_it_forgives() -> None:
    account_id = passwords.account_of(passwords.account(device=HOME.device))
    attempt = tried(account_id)
    assert models.PasswordGuard.objects.count() == 2
    with CaptureQueriesContext(connection) as queries:
        session = enter(account_id, HOME, attempt)
        session.save()
    assert len(queries) == 1
    assert models.PasswordGuard.objects.count() == 0
    assert models.SendFlow.objects.filter(sends=0).count() == 1
    entry = models.SignIn.objects.get()
    assert entry.device is not None
    kept = SessionStore(session.session_key)
    assert (kept[SESSION_KEY], kept[SIGN_IN]) == (str(account_id), entry.id)


def test_what_a_session_holds_after_the_entry_is_written_too() -> None:
    session = enter(passwords.account_of(passwords.account(device=HOME.device)), HOME)
    session["line"] = 7
    session.save()
    assert SessionStore(session.session_key)["line"] == 7


def test_id_19_a_device_never_seen_before_is_told_of_with_its_entry() -> None:
    account_id = passwords.account_of(passwords.account(device=HOME.device))
    models.SecurityEvent.objects.all().delete()
    session = enter(account_id, STRANGER, tried(account_id))
    assert [event.kind for event in models.SecurityEvent.objects.all()] == [EventKind.NEW_DEVICE]
    assert models.SignIn.objects.count() == 1
    assert models.PasswordGuard.objects.count() == 0
    assert SessionStore(session.session_key)[SESSION_KEY] == str(account_id)
    enter(account_id, STRANGER)
    assert models.SecurityEvent.objects.count() == 1, "once only"


def test_the_first_device_of_all_is_no_news() -> None:
    account_id = passwords.account_of(passwords.account())
    models.SecurityEvent.objects.all().delete()
    enter(account_id, HOME)
    assert models.Device.objects.count() == 1
    assert models.SecurityEvent.objects.count() == 0


def test_a_locked_password_stays_locked_whatever_way_was_taken() -> None:
    account_id = passwords.account_of(passwords.account(device=HOME.device))
    for _ in range(5):
        attempt = tried(account_id)
    enter(account_id, HOME)
    enter(account_id, HOME, attempt)
    assert models.PasswordGuard.objects.count() == 2
