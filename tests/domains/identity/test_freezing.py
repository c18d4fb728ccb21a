""" "It was not me": what ends at once, what stays closed, what opens it again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.identity import erasing, freezing, models, switching, temporary
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords import actions as passwords
from abonent.domains.identity.rules import Channel, EventKind, Proof, Way
from abonent.domains.identity.sessions import FROZEN, SessionStore
from abonent.foundation.clock import now
from tests.factories import security

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"


def test_sec_it_ends_every_other_session_the_password_and_the_devices_and_calls_the_deletion_off() -> None:
    account = security.account()
    mine, others = security.session(account.pk, mark="mine"), security.session(account.pk, mark="theirs")
    stranger = security.session(security.account().pk)
    event_id = security.event(account.pk)
    erasing.ask(account_id=account.pk, at=now())
    freezing.freeze(account_id=account.pk, event_id=event_id, at=now(), keep=mine.session_key)
    account.refresh_from_db()
    assert not account.has_usable_password()
    assert account.frozen_at
    assert account.erase_at is None
    assert (security.is_open(mine), security.is_open(others), security.is_open(stranger)) == (True, False, True)
    assert (security.known(account.pk, "mine"), security.known(account.pk, "theirs")) == (True, False)
    assert SessionStore(mine.session_key)[FROZEN] is True
    assert models.SecurityEvent.objects.get(id=event_id).disputed_at
    assert models.SecurityEvent.objects.filter(account=account, kind=EventKind.FROZEN).count() == 1


def test_sec_it_is_done_once_and_a_second_thing_disputed_opens_another_case() -> None:
    account = security.account()
    first, second = security.event(account.pk), security.event(account.pk, EventKind.EMAIL_SET)
    for _ in range(2):
        freezing.freeze(account_id=account.pk, event_id=first, at=now())
    freezing.freeze(account_id=account.pk, event_id=second, at=now())
    assert models.SecurityEvent.objects.filter(account=account, kind=EventKind.FROZEN).count() == 1
    assert models.SecurityEvent.objects.exclude(disputed_at=None).count() == 2


def test_sec_the_owner_is_told() -> None:
    account = security.account()
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    told = ProcrastinateJob.objects.filter(task_name="react", args__event__kind="frozen")
    assert told.exists()


def test_sec_anothers_event_and_one_that_is_no_ground_are_not_there() -> None:
    account, stranger = security.account(), security.account()
    for event_id in (security.event(stranger.pk), 10**15, security.event(account.pk, EventKind.FROZEN)):
        with pytest.raises(freezing.NoSuchEvent):
            freezing.freeze(account_id=account.pk, event_id=event_id, at=now())
    account.refresh_from_db()
    assert account.frozen_at is None
    assert account.has_usable_password()


def test_sec_an_sms_or_a_password_lifts_nothing() -> None:
    account = security.account(email="anna@example.org", has_second_factor=True, has_passkey=True)
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    for proof in (None, Proof.SMS, Proof.PASSWORD):
        with pytest.raises(freezing.NotEnough):
            freezing.thaw(account_id=account.pk, at=now(), proof=proof)
    account.refresh_from_db()
    assert account.frozen_at


@pytest.mark.parametrize(
    ("changed", "proofs"),
    [
        (EventKind.PASSWORD_SET, {Proof.EMAIL, Proof.FACTOR, Proof.PASSKEY}),
        (EventKind.EMAIL_SET, {Proof.FACTOR, Proof.PASSKEY}),
        (EventKind.FACTOR_ADDED, {Proof.EMAIL}),
        (EventKind.CODES_MADE, {Proof.EMAIL}),
        (EventKind.SIM_REPLACED, {Proof.EMAIL, Proof.FACTOR, Proof.PASSKEY}),
    ],
)
def test_sec_what_lifts_it_is_never_what_is_disputed_nor_what_changed_after_it(
    changed: EventKind, proofs: set[Proof]
) -> None:
    start = now() - timedelta(hours=2)
    disputed_itself = security.account(email="anna@example.org", has_second_factor=True, has_passkey=True)
    event_id = security.event(disputed_itself.pk, changed, at=start)
    changed_after = security.account(email="boris@example.org", has_second_factor=True, has_passkey=True)
    earlier = security.event(changed_after.pk, EventKind.NEW_DEVICE, at=start)
    security.event(changed_after.pk, changed, at=start + timedelta(hours=1))
    for account, event in ((disputed_itself, event_id), (changed_after, earlier)):
        freezing.freeze(account_id=account.pk, event_id=event, at=now())
        assert freezing.lifting_proofs(account.pk) == proofs
        for proof in set(Proof) - proofs:
            with pytest.raises(freezing.NotEnough):
                freezing.thaw(account_id=account.pk, at=now(), proof=proof)
        freezing.thaw(account_id=account.pk, at=now(), proof=min(proofs))
        account.refresh_from_db()
        assert account.frozen_at is None


def test_sec_what_changed_before_the_thing_disputed_still_lifts_it() -> None:
    account = security.account(email="anna@example.org")
    security.event(account.pk, EventKind.EMAIL_SET, at=now() - timedelta(days=30))
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    assert freezing.lifting_proofs(account.pk) == {Proof.EMAIL}


def test_sec_ways_that_may_be_somebody_elses_are_closed_and_the_number_still_opens_everyday_pages() -> None:
    account = security.account(email="anna@example.org", has_passkey=True)
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    always = {Way.PASSWORD, Way.TEMPORARY, Way.RESET, Way.SOCIAL}
    assert freezing.closed_ways(account.pk) == always
    for kind in (EventKind.EMAIL_SET, EventKind.FACTOR_ADDED):
        freezing.freeze(account_id=account.pk, event_id=security.event(account.pk, kind), at=now())
    assert freezing.closed_ways(account.pk) == always | {Way.EMAIL, Way.PASSKEY}


def test_sec_staff_lift_it_after_checking_who_it_is() -> None:
    account = security.account()
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    assert freezing.lifting_proofs(account.pk) == frozenset()
    freezing.thaw(account_id=account.pk, at=now(), by="agent:7")
    account.refresh_from_db()
    assert account.frozen_at is None
    assert models.SecurityEvent.objects.get(account=account, kind=EventKind.THAWED).by == "agent:7"
    freezing.thaw(account_id=account.pk, at=now(), by="agent:7")
    assert models.SecurityEvent.objects.filter(account=account, kind=EventKind.THAWED).count() == 1


def test_sec_neither_deletion_nor_switching_off_begins_while_it_is_protected() -> None:
    account = security.account()
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    for act in (erasing.ask, switching.switch_off):
        with pytest.raises(freezing.Frozen):
            act(account_id=account.pk, at=now())
    account.refresh_from_db()
    assert (account.erase_at, account.off_at) == (None, None)


def test_sec_a_session_that_is_being_opened_while_all_end_is_dead_before_it_lives() -> None:
    account = security.account()
    mine = security.session(account.pk, mark="mine")
    sign_in_id = security.entry(account.pk, mark="theirs")
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now(), keep=mine.session_key)
    late = SessionStore()
    late.create()
    late.update({"_auth_user_id": str(account.pk), "sign_in": sign_in_id})
    late.save()
    assert not security.is_open(late)
    assert security.is_open(mine)


def test_sec_neither_a_password_nor_what_was_sent_before_opens_or_becomes_one() -> None:
    account = security.account()
    challenge = temporary.issue(
        account_id=account.pk, number=NUMBER, channel=Channel.PAPER, recipient=NUMBER, life=timedelta(days=7),
        origin=Origin(), language="ru", host="abonent.test", at=now(), by="self", then_password_hash="argon2$theirs",
    )  # fmt: skip
    made = temporary.on_paper(challenge, now())
    assert made
    freezing.freeze(account_id=account.pk, event_id=security.event(account.pk), at=now())
    assert temporary.living_of(account.pk, now()) is None
    with pytest.raises(freezing.Frozen):
        passwords.keep(account_id=account.pk, kept="argon2$theirs", at=now(), keep_session=None)
    account.refresh_from_db()
    assert not account.has_usable_password()
    assert not models.Challenge.objects.exclude(next_password="").exists()


@pytest.mark.django_db(transaction=True)
def test_sec_a_protection_that_begins_while_a_password_is_being_set_leaves_none() -> None:
    account = security.account()
    event_id = security.event(account.pk)
    start = threading.Barrier(2, timeout=60)
    outcomes: list[str] = []

    def act(name: str, work: Callable[[], None]) -> None:
        try:
            start.wait()
            work()
            outcomes.append(name)
        except freezing.Frozen:
            outcomes.append("refused")
        finally:
            connection.close()

    works = {
        "frozen": lambda: freezing.freeze(account_id=account.pk, event_id=event_id, at=now()),
        "set": lambda: passwords.keep(account_id=account.pk, kept="argon2$new", at=now(), keep_session=None),
    }
    threads = [threading.Thread(target=act, args=each) for each in works.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    account.refresh_from_db()
    assert account.frozen_at
    assert not account.has_usable_password()
    assert sorted(outcomes) in (["frozen", "refused"], ["frozen", "set"])
