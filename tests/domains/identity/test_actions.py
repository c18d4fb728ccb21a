"""Codes from the request to the proof."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction

from abonent.domains.identity import actions, models, queries, rules
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import (
    CodeExpired,
    CodeSpent,
    CodeUsed,
    NoSuchCode,
    Purpose,
    WrongCode,
)
from abonent.domains.messaging import models as messaging
from abonent.foundation.clock import now
from tests.factories import identity

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"


def check(challenge_id, typed, purpose=Purpose.ENTRY):  # type: ignore[no-untyped-def]
    return actions.check_code(challenge_id=challenge_id, purpose=purpose, typed=typed, at=now())


def test_the_right_code_proves_its_subject_once() -> None:
    challenge = identity.challenge(subject=42)
    right = check(challenge, identity.code_of(challenge))
    assert (right.subject, right.number) == (42, NUMBER)
    actions.use_code(right, at=now())
    with pytest.raises(CodeUsed):
        actions.use_code(right, at=now())
    with pytest.raises(CodeUsed):
        check(challenge, identity.code_of(challenge))


def test_the_right_code_takes_back_its_own_failure_and_ends_the_row() -> None:
    challenge = identity.challenge()
    with pytest.raises(WrongCode):
        check(challenge, identity.wrong_code_of(challenge))
    actions.use_code(check(challenge, identity.code_of(challenge)), at=now())
    guard = models.NumberGuard.objects.get()
    assert (len(guard.failures), guard.failures_in_a_row) == (1, 0)


def test_wrong_codes_leave_three_two_one_tries_and_then_even_the_right_one_fails() -> None:
    challenge = identity.challenge()
    left = []
    for _ in range(3):
        with pytest.raises(WrongCode) as wrong:
            check(challenge, identity.wrong_code_of(challenge))
        left.append(wrong.value.tries_left)
    assert left == [2, 1, 0]
    with pytest.raises(CodeSpent):
        check(challenge, identity.code_of(challenge))
    assert models.Challenge.objects.get().spent_at is None


def test_a_code_dies_after_ten_minutes() -> None:
    challenge = identity.challenge()
    code = identity.code_of(challenge)
    with time_machine.travel(now() + rules.CODE_LIFE, tick=False), pytest.raises(CodeExpired):
        check(challenge, code)
    assert models.NumberGuard.objects.get().failures == []


def test_a_code_is_good_for_its_purpose_only() -> None:
    challenge = identity.challenge(purpose=Purpose.CONFIRM)
    with pytest.raises(NoSuchCode):
        check(challenge, identity.code_of(challenge))
    assert models.Challenge.objects.get().tries_left == 3


def test_an_id_that_nobody_gave_is_no_code() -> None:
    with pytest.raises(NoSuchCode):
        check(uuid4(), "123456")


def test_id_17_no_code_is_right_for_a_number_that_nobody_uses() -> None:
    challenge = identity.challenge(subject=None)
    with pytest.raises(WrongCode):
        check(challenge, identity.code_of(challenge))
    assert messaging.Message.objects.get().state == "withheld"


def again(challenge_id, **changes):  # type: ignore[no-untyped-def]
    models.NumberGuard.objects.update(sends=[])
    facts = {
        "purpose": Purpose.ENTRY,
        "number": NUMBER,
        "subject": 1,
        "origin": Origin(),
        "host": "h",
        "language": "ru",
    }
    return actions.send_code(**facts | {"again": challenge_id, "at": now()} | changes)


def test_id_9_again_repeats_the_same_code_while_it_lives() -> None:
    challenge = identity.challenge()
    assert again(challenge) == challenge
    assert models.Challenge.objects.get().sends == 2
    assert messaging.Message.objects.count() == 2


@pytest.mark.parametrize(
    "changes", [{"number": "+79000000002"}, {"purpose": Purpose.CONFIRM}, {"subject": 2}, {"subject": None}]
)
def test_again_is_a_new_code_for_anything_else(changes: dict[str, object]) -> None:
    challenge = identity.challenge()
    assert again(challenge, **changes) != challenge


def test_again_is_a_new_code_when_the_old_is_used_spent_or_old() -> None:
    used, spent, old = identity.challenge("+79000000002"), identity.challenge("+79000000003"), identity.challenge()
    models.Challenge.objects.filter(id=used).update(spent_at=now())
    models.Challenge.objects.filter(id=spent).update(tries_left=0)
    models.Challenge.objects.filter(id=old).update(expires_at=now() - timedelta(seconds=1))
    for challenge, number in [(used, "+79000000002"), (spent, "+79000000003"), (old, NUMBER)]:
        assert again(challenge, number=number) != challenge


def test_ch_5_no_code_is_stored_anywhere() -> None:
    code = identity.code_of(identity.challenge())
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select count(*) from "{table}" t where t::text ~ %s', [rf"\m{code}\M"])
            assert cursor.fetchone() == (0,), table


@pytest.mark.django_db(transaction=True)
def test_a_try_never_stands_in_a_transaction_that_could_give_it_back() -> None:
    challenge = identity.challenge()
    with pytest.raises(RuntimeError), transaction.atomic():
        check(challenge, "123456")


def test_the_code_for_a_message_is_there_only_while_it_is_good() -> None:
    challenge = identity.challenge()
    assert queries.code_to_deliver(str(challenge), now()) == identity.code_of(challenge)
    assert queries.code_to_deliver(str(challenge), now() + rules.CODE_LIFE) is None
    actions.use_code(check(challenge, identity.code_of(challenge)), at=now())
    assert queries.code_to_deliver(str(challenge), now()) is None
    assert queries.code_to_deliver(str(uuid4()), now()) is None


def test_it_forgets_what_counts_for_nothing_and_keeps_a_row_of_failures() -> None:
    identity.challenge()
    stopped = identity.challenge("+79000000002")
    with pytest.raises(WrongCode):
        check(stopped, identity.wrong_code_of(stopped))
    actions.forget(before=now() - timedelta(days=2))
    assert models.Challenge.objects.count() == 2
    actions.forget(before=now() + timedelta(days=2))
    assert models.Challenge.objects.count() == models.SendFlow.objects.count() == 0
    assert [guard.number for guard in models.NumberGuard.objects.all()] == ["+79000000002"]
