"""Many words at once about one proposal, and many proposals at once (OPS-3): on PostgreSQL, with real threads."""

from __future__ import annotations

import pytest
from django.db import close_old_connections

from abonent.domains.billing import queries as money
from abonent.domains.ledger import queries as ledger
from abonent.domains.support import deeds, models
from abonent.domains.support.rules import Deed, Refusal, Refused, Role
from tests.domains.identity.test_guards import at_once
from tests.factories import corrections as make
from tests.factories import support

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 12


@pytest.fixture(autouse=True)
def _leave_no_connection():
    yield
    close_old_connections()


def test_ops_3_yes_and_no_of_many_at_once_count_once() -> None:
    agent, line = support.agent(), make.customer(20_000)
    second = [support.agent(Role.SUPERVISOR) for _ in range(3)]
    proposal_id = make.proposed(agent, support.checked(agent, line))
    answers = at_once(lambda number: make.decide(second[number % 3], proposal_id, granted=number % 4 > 0), AT_ONCE)
    assert all(answer is None or isinstance(answer, Refused) for answer in answers), answers
    assert {answer.refusal for answer in answers if isinstance(answer, Refused)} == {Refusal.DECIDED}
    granted = models.Approval.objects.get(id=proposal_id).granted
    assert make.moved(line) == ((30_000, 10_000, 1, 1) if granted else (20_000, 0, 0, 0))
    assert ledger.disagreements() == []


def test_ops_3_a_charge_comes_back_once_however_many_agree_to_a_part_of_it_at_once() -> None:
    agent, senior, line = support.agent(), support.agent(Role.SUPERVISOR), make.customer(20_000)
    charge_id = make.charge(line, 10_000)
    case_id = support.checked(agent, line)
    proposals = [
        make.proposed(agent, case_id, amount_minor=4_000, reason="wrong charge", charge_id=charge_id) for _ in range(6)
    ]
    answers = at_once(lambda number: make.decide(senior, proposals[number]), len(proposals))
    refused = [answer.refusal for answer in answers if isinstance(answer, Refused)]
    assert refused == [Refusal.ABOVE_CHARGE] * 4, answers
    assert money.balance(line.contract_id) == 10_000 + 8_000


def test_ops_3_the_limit_of_a_talk_holds_whatever_is_proposed_at_once() -> None:
    agent, line = support.agent(), make.customer()
    case_id = support.checked(agent, line)
    orders = [support.order(agent, case_id, Deed.CREDIT, wanted=make.wanted(9_000)) for _ in range(8)]
    answers = at_once(lambda number: deeds.do(orders[number]), len(orders))
    assert sum(answer is None for answer in answers) == 3, answers
    assert sum(row.amount_minor for row in models.Proposal.objects.all()) == 27_000


def test_ops_3_the_limit_of_a_customer_holds_whoever_proposes_at_once() -> None:
    line, agents = make.customer(), [support.agent() for _ in range(12)]
    orders = [support.order(one, support.checked(one, line), Deed.CREDIT, wanted=make.wanted(29_000)) for one in agents]
    answers = at_once(lambda number: deeds.do(orders[number]), len(orders))
    assert sum(answer is None for answer in answers) == 10, answers
    assert {answer.refusal for answer in answers if isinstance(answer, Refused)} == {Refusal.ABOVE_CUSTOMER}
    assert sum(row.amount_minor for row in models.Proposal.objects.all()) == 290_000
