"""From a code to the account of a line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from abonent.domains.identity.guards import Origin
from abonent.domains.identity.models import Account, NumberGuard
from abonent.domains.identity.rules import CodeError, CodeExpired, Purpose, WrongCode
from abonent.domains.lines import actions, models, queries
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"


def asked(number: str = NUMBER, purpose: Purpose = Purpose.ENTRY) -> UUID:
    NumberGuard.objects.update(sends=[])
    return actions.request_code(
        number=Msisdn(number), purpose=purpose, again=None, origin=Origin(), host="abonent.test", language="ru",
        at=now(),
    )  # fmt: skip


def entered(challenge: UUID, language: str = "ru") -> actions.Entered:
    return actions.enter(challenge_id=challenge, typed=identity.code_of(challenge), language=language, at=now())


def test_id_1_the_account_exists_from_the_first_right_code_on() -> None:
    line = lines.line(number=NUMBER)
    challenge = asked()
    with pytest.raises(WrongCode):
        actions.enter(challenge_id=challenge, typed=identity.wrong_code_of(challenge), language="ru", at=now())
    assert Account.objects.count() == 0
    done = entered(challenge)
    assert done.line_id == line.id
    assert queries.account_of(line.id) == done.account_id
    assert not Account.objects.get().has_usable_password()


def test_the_second_entry_opens_the_same_account_and_leaves_its_language() -> None:
    lines.line(number=NUMBER)
    first = entered(asked())
    second = entered(asked(), language="en")
    assert first == second
    assert Account.objects.get().language == "ru"


def test_id_18_a_number_given_anew_opens_another_account() -> None:
    old = lines.line(number=NUMBER)
    first = entered(asked())
    models.Line.objects.filter(id=old.id).update(closed_at=now())
    new = lines.line(number=NUMBER)
    second = entered(asked())
    assert second.line_id == new.id
    assert second.account_id != first.account_id
    assert [line.id for line in queries.of_account(first.account_id)] == []


def test_id_18_a_code_asked_before_the_number_changed_hands_opens_nothing() -> None:
    old = lines.line(number=NUMBER)
    challenge = asked()
    models.Line.objects.filter(id=old.id).update(closed_at=now())
    lines.line(number=NUMBER)
    with pytest.raises(CodeExpired):
        entered(challenge)
    assert Account.objects.count() == models.LineAccess.objects.count() == 0


def test_id_17_a_number_that_nobody_uses_never_opens() -> None:
    challenge = asked()
    with pytest.raises(WrongCode):
        entered(challenge)
    assert Account.objects.count() == 0


def test_a_login_of_home_internet_gets_no_code_even_if_it_looks_like_a_number() -> None:
    line = lines.line(number=NUMBER)
    models.Line.objects.filter(id=line.id).update(service="internet")
    with pytest.raises(WrongCode):
        entered(asked())


def test_a_confirmation_is_for_the_line_signed_in_with() -> None:
    line = lines.line(number=NUMBER)
    challenge = asked(purpose=Purpose.CONFIRM)
    code = identity.code_of(challenge)
    with pytest.raises(WrongCode):
        actions.confirm(challenge_id=challenge, line_id=line.id + 1, typed=code, at=now())
    with pytest.raises(CodeError):
        entered(challenge)
    actions.confirm(challenge_id=challenge, line_id=line.id, typed=code, at=now())


@pytest.mark.django_db(transaction=True)
def test_two_first_entries_at_once_agree_on_one_account() -> None:
    lines.line(number=NUMBER)
    challenges = [asked(), asked(), asked(), asked()]

    def enter(challenge: UUID) -> actions.Entered:
        try:
            return entered(challenge)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(enter, challenges))
    assert len(set(done)) == 1
    assert Account.objects.count() == 1


def test_a_wrong_guess_changes_nothing_but_the_counters() -> None:
    lines.line(number=NUMBER)
    challenge = asked()
    before = now() - timedelta(days=1)
    with pytest.raises(WrongCode):
        actions.enter(challenge_id=challenge, typed=identity.wrong_code_of(challenge), language="ru", at=now())
    assert models.LineAccess.objects.count() == 0
    assert NumberGuard.objects.get().failures[0] > before
