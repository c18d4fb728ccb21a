"""Whose a line is, and which number counts for an account."""

from __future__ import annotations

from datetime import timedelta

import pytest

from abonent.domains.lines import models, queries
from abonent.domains.lines.actions import give_access
from abonent.foundation.clock import now
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db


def test_the_main_number_of_an_account_is_its_main_mobile_line() -> None:
    at = now()
    account = identity.account()
    main = lines.line()
    child = lines.line(contract_id=main.contract_id, is_main=False)
    give_access(line_id=child.id, account_id=account, at=at - timedelta(days=1))
    assert queries.main_number_of(account) == child.number
    give_access(line_id=main.id, account_id=account, at=at)
    assert queries.main_number_of(account) == main.number
    models.Line.objects.filter(id=main.id).update(closed_at=at)
    assert queries.main_number_of(account) == child.number


def test_an_account_without_a_mobile_line_has_no_number() -> None:
    account = identity.account()
    home = lines.line(number="net-1", service="internet", is_main=False)
    give_access(line_id=home.id, account_id=account, at=now())
    assert queries.main_number_of(account) is None
    assert queries.main_number_of(account + 1) is None


def test_a_line_is_seen_by_who_proved_it_and_by_the_owner_of_the_main_line() -> None:
    owner, child_account, stranger = identity.account(), identity.account(), identity.account()
    main = lines.line()
    child = lines.line(contract_id=main.contract_id, is_main=False)
    other = lines.line()
    give_access(line_id=main.id, account_id=owner, at=now())
    give_access(line_id=child.id, account_id=child_account, at=now())
    give_access(line_id=other.id, account_id=stranger, at=now())
    assert queries.accounts_of_line(child.id) == sorted([owner, child_account])
    assert queries.accounts_of_line(main.id) == [owner]
    models.Line.objects.filter(id=main.id).update(closed_at=now())
    assert queries.accounts_of_line(child.id) == [child_account]
    assert queries.accounts_of_line(child.id + 100) == []
