"""Who hears of what changed how safe an account is."""

from __future__ import annotations

import pytest

from abonent.domains.customers.models import Contract
from abonent.domains.identity.models import Account
from abonent.domains.lines import models, reactions
from abonent.domains.lines.actions import give_access
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db


def told(account_id: int, not_to: str = "") -> list[tuple[str, str]]:
    reactions.tell_owner(account_id, "sim replaced", {"number": "+79000000001"}, not_to)
    return sorted(Message.objects.values_list("channel", "recipient"))


def test_every_number_of_the_account_hears_but_the_one_that_changed() -> None:
    account = identity.account()
    Account.objects.filter(id=account).update(email="anna@example.org")
    main = lines.line(number="+79000000001")
    lines.line(number="+79000000002", contract_id=main.contract_id, is_main=False)
    lines.line(number="net-1", service="internet", contract_id=main.contract_id, is_main=False)
    give_access(line_id=main.id, account_id=account, at=now())
    assert told(account, not_to="+79000000001") == [("email", "anna@example.org"), ("sms", "+79000000002")]


def test_a_number_that_is_blocked_gets_nothing() -> None:
    account = identity.account()
    line = lines.line(number="+79000000001")
    give_access(line_id=line.id, account_id=account, at=now())
    models.Line.objects.update(blocked_at=now(), block_reason="unused")
    assert told(account) == []


@pytest.mark.parametrize("entered", [True, False])
def test_who_has_only_a_contract_is_told_where_its_codes_go(entered: bool) -> None:
    account = identity.account()
    line = lines.line(number="sat-1", service="satellite", is_main=False)
    Contract.objects.update(
        contact_number="+79009990001", contact_email="dish@example.org", entered_at=now() if entered else None
    )
    give_access(line_id=line.id, account_id=account, at=now())
    expected = [("email", "dish@example.org"), ("sms", "+79009990001")]
    assert told(account, not_to="+79000000001") == (expected if entered else [])


def test_an_account_that_is_gone_is_told_nothing() -> None:
    assert told(0) == []
