"""Ending sessions: at once, only one's own, and for good."""

from __future__ import annotations

import threading

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection

from abonent.domains.identity import actions, models, queries_security
from abonent.domains.identity.rules import EventKind
from abonent.domains.identity.sessions import SessionStore
from abonent.foundation.clock import now
from tests.factories import security

pytestmark = pytest.mark.django_db


def test_sec_one_session_ends_and_the_others_stay() -> None:
    account = security.account()
    one, other = security.session(account.pk, mark="one"), security.session(account.pk, mark="other")
    assert actions.end_one(account_id=account.pk, sign_in_id=one["sign_in"], at=now())
    assert (security.is_open(one), security.is_open(other)) == (False, True)
    assert models.SignIn.objects.get(id=one["sign_in"]).ended_at
    assert not actions.end_one(account_id=account.pk, sign_in_id=one["sign_in"], at=now())


def test_sec_anothers_session_and_device_are_not_there() -> None:
    account, stranger = security.account(), security.account()
    theirs = security.session(stranger.pk)
    device = models.Device.objects.get(account=stranger)
    assert not actions.end_one(account_id=account.pk, sign_in_id=theirs["sign_in"], at=now())
    assert not actions.forget_device(account_id=account.pk, device_id=device.pk, at=now())
    assert security.is_open(theirs)
    assert models.Device.objects.filter(id=device.pk).exists()
    assert models.SecurityEvent.objects.count() == 0


def test_sec_a_forgotten_device_is_signed_out_and_known_no_more() -> None:
    account = security.account()
    mine, theirs = security.session(account.pk, mark="mine"), security.session(account.pk, mark="theirs")
    device = models.SignIn.objects.get(id=theirs["sign_in"]).device_id
    assert device
    assert actions.forget_device(account_id=account.pk, device_id=device, at=now())
    assert (security.is_open(mine), security.is_open(theirs)) == (True, False)
    assert not security.known(account.pk, "theirs")


def test_sec_all_others_end_and_the_owner_is_told_once() -> None:
    account = security.account()
    mine, *others = [security.session(account.pk, mark=mark) for mark in "abcd"]
    assert actions.end_others(account_id=account.pk, keep=str(mine.session_key), at=now()) == 3
    assert actions.end_others(account_id=account.pk, keep=str(mine.session_key), at=now()) == 0
    assert security.is_open(mine)
    assert not any(security.is_open(other) for other in others)
    assert models.SecurityEvent.objects.filter(kind=EventKind.SESSIONS_ENDED).count() == 1


def test_sec_an_ended_session_stays_ended_whatever_a_request_of_it_still_writes() -> None:
    account = security.account()
    ended = security.session(account.pk)
    in_flight, renewing = SessionStore(ended.session_key), SessionStore(ended.session_key)
    assert in_flight["sign_in"] == renewing["sign_in"]
    actions.end_sessions(account_id=account.pk, at=now())
    renewing.cycle_key()
    for write in (in_flight.save, renewing.save):
        with pytest.raises(UpdateError):
            write()
    assert models.Session.objects.count() == 0
    assert not security.is_open(renewing)


def test_sec_a_new_id_keeps_the_session_that_is_kept_while_others_end() -> None:
    account = security.account()
    mine = SessionStore(security.session(account.pk, mark="mine").session_key)
    other = security.session(account.pk, mark="other")
    mine.cycle_key()
    actions.end_sessions(account_id=account.pk, at=now(), keep=mine.session_key)
    mine.save()
    assert (security.is_open(mine), security.is_open(other)) == (True, False)


def test_sec_the_list_says_which_one_is_this_and_leaves_out_what_is_over() -> None:
    account = security.account()
    mine, other = security.session(account.pk, mark="mine"), security.session(account.pk, mark="other")
    over = security.session(account.pk, mark="over")
    models.Session.objects.filter(key=over.session_key).update(expires_at=now())
    security.session(security.account().pk)
    live = queries_security.live_sessions(account.pk, str(mine.session_key))
    assert [(found.sign_in_id, found.is_this) for found in live] == [(mine["sign_in"], True), (other["sign_in"], False)]


@pytest.mark.django_db(transaction=True)
def test_sec_of_browsers_that_end_all_others_at_once_one_is_left() -> None:
    account = security.account()
    open_now = [security.session(account.pk, mark=mark) for mark in "abcdef"]
    start = threading.Barrier(len(open_now), timeout=60)

    def end(key: str) -> None:
        try:
            start.wait()
            actions.end_others(account_id=account.pk, keep=key, at=now())
        finally:
            connection.close()

    threads = [threading.Thread(target=end, args=[str(store.session_key)]) for store in open_now]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(security.is_open(store) for store in open_now) == 1
    assert models.Session.objects.count() == 1
